//! What can go wrong, as a person is told.

/// What kind of failure it is; callers decide by it whether to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The repository's password is not the one in the password file.
    WrongPassword,
    /// There is no repository at the location.
    NoRepository,
    /// Another process works in the repository.
    Locked,
    /// A target, or a database server, can't be reached. Worth another try.
    Unreachable,
    /// A disk is full, or would be.
    NoSpace,
    /// What the repository holds was damaged.
    Damaged,
    /// The caller cancelled.
    Cancelled,
    /// The process was ended from outside. Worth another try.
    Interrupted,
    /// The connection to the database ended. Worth another try.
    SourceGone,
    /// The database server turned the user away; a folder may not be written in.
    Denied,
    /// A lock that another session holds was not given in time. Worth another try.
    LockTimeout,
    /// Relations were dropped while the backup began. Worth another try.
    Changed,
    /// A program is missing or too old.
    Tool,
    /// What was asked for is not there.
    NotFound,
    /// Something of that name is there already.
    Exists,
    /// Another restore of the same database is under way.
    Busy,
    /// What was given can't be used.
    Invalid,
    /// What was restored is not what was backed up.
    Different,
    /// Anything else.
    Other,
}

impl Kind {
    /// Whether the same call may succeed a little later without anybody doing anything.
    pub fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Unreachable
                | Self::Interrupted
                | Self::SourceGone
                | Self::LockTimeout
                | Self::Changed
                | Self::Locked
        )
    }
}

/// A failure: a sentence for people that says what to do, and what the program said for the log.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// Which kind.
    pub kind: Kind,
    /// What failed and what to do, in a sentence or two; holds no secret.
    pub message: String,
    /// What the program or the server said, bounded; for the log and for those who look closer.
    pub detail: String,
}

/// A result of this package.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            detail: String::new(),
        }
    }

    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    pub(crate) fn cancelled() -> Self {
        Self::new(Kind::Cancelled, "It was cancelled; nothing half was kept.")
    }

    /// A file or folder could not be used: `doing` is such as "write".
    pub(crate) fn file(doing: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        let path = path.display();
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::new(
                Kind::NoSpace,
                format!("The disk that holds {path} is full. Make room there and start again."),
            ),
            std::io::ErrorKind::NotFound => Self::new(
                Kind::NotFound,
                format!("Can't {doing} {path}: it is not there."),
            ),
            _ => Self::new(Kind::Other, format!("Can't {doing} {path}: {error}.")),
        }
        .detail(error.to_string())
    }
}
