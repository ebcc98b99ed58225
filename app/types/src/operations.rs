//! Long pieces of work: a backup, a restore, a drill. Each is a row with stages, progress and a log.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Takes a backup of a set.
    Backup,
    /// Reads a share of a repository back.
    Verify,
    /// Restores a backup.
    Restore,
    /// Switches back to what a restore replaced.
    Undo,
    /// Restores a backup into scratch, compares, and cleans up.
    Drill,
    /// Does a step of a recovery plan.
    Runbook,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Backup,
        Self::Verify,
        Self::Restore,
        Self::Undo,
        Self::Drill,
        Self::Runbook,
    ];

    /// The name in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Verify => "verify",
            Self::Restore => "restore",
            Self::Undo => "undo",
            Self::Drill => "drill",
            Self::Runbook => "runbook",
        }
    }

    /// Reads [`Kind::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// How an operation, or one of its stages, is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Asked for, and not begun.
    Queued,
    /// Under way.
    Running,
    /// Done.
    Succeeded,
    /// Ended without having done what was asked; what it had changed is undone.
    Failed,
    /// Stopped by a person; what it had changed is undone.
    Cancelled,
}

impl Phase {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Queued,
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The name in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads [`Phase::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.as_str() == text)
    }

    /// Whether nothing more will happen.
    pub const fn is_over(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// An operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Operation {
    /// Its number.
    pub id: i64,
    /// What is done.
    pub kind: Kind,
    /// To what, for people, such as `database ytempire/postgres/app`.
    pub target: String,
    /// The team that owns the target.
    pub team: String,
    /// The backup set that it works on, if it is one.
    pub set: Option<i64>,
    /// How it is.
    pub phase: Phase,
    /// Who asked for it: a person's e-mail, a token's name, or `schedule`.
    pub asked_by: String,
    /// When it was asked for.
    #[serde(with = "crate::instant")]
    pub asked_at: OffsetDateTime,
    /// When work on it began.
    #[serde(with = "crate::instant::option")]
    pub started_at: Option<OffsetDateTime>,
    /// When it ended.
    #[serde(with = "crate::instant::option")]
    pub finished_at: Option<OffsetDateTime>,
    /// A person asked for its end.
    pub is_cancelling: bool,
    /// How far the stage under way is.
    pub progress: Option<Progress>,
    /// Why it failed, and what to do.
    pub failure: Option<String>,
    /// Its stages, those that are still to come included.
    pub stages: Vec<Stage>,
    /// Its log, the oldest line first; of a long one the newest lines.
    pub log: Vec<Line>,
}

/// The last stage of a restore that puts files into a folder of their own.
pub const INTO_FOLDER: &str = "Put into the folder";

/// The last stage of a restore that makes a database under a name of its own.
pub const NAME_COPY: &str = "Give it its name";

impl Operation {
    /// Whether it restores beside what is live, of which it changes nothing.
    pub fn is_beside(&self) -> bool {
        let last = self.stages.last();
        last.is_some_and(|last| [INTO_FOLDER, NAME_COPY].contains(&last.name.as_str()))
    }
}

/// An operation in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Listed {
    /// Its number.
    pub id: i64,
    /// What is done.
    pub kind: Kind,
    /// To what, for people.
    pub target: String,
    /// How it is.
    pub phase: Phase,
    /// Who asked for it.
    pub asked_by: String,
    /// When it was asked for.
    #[serde(with = "time::serde::rfc3339")]
    pub asked_at: OffsetDateTime,
    /// When work on it began.
    #[serde(with = "time::serde::rfc3339::option")]
    pub started_at: Option<OffsetDateTime>,
    /// When it ended.
    #[serde(with = "time::serde::rfc3339::option")]
    pub finished_at: Option<OffsetDateTime>,
    /// Why it failed, and what to do.
    pub failure: Option<String>,
}

/// How far a stage is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Progress {
    /// Bytes done.
    pub done_bytes: u64,
    /// Bytes in all, where that is known.
    pub total_bytes: Option<u64>,
    /// Bytes a second, lately.
    pub bytes_per_s: f64,
}

impl Progress {
    /// Seconds until the stage ends at this rate, where that can be told.
    pub fn left_s(&self) -> Option<f64> {
        let left = self.total_bytes?.saturating_sub(self.done_bytes);
        #[expect(
            clippy::cast_precision_loss,
            reason = "an estimate of seconds needs no more"
        )]
        (self.bytes_per_s > 0.0).then(|| left as f64 / self.bytes_per_s)
    }
}

/// A stage of an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Stage {
    /// What is done in it, such as `Restore beside the live database`.
    pub name: String,
    /// How it is.
    pub phase: Phase,
    /// When it began.
    #[serde(with = "crate::instant::option")]
    pub started_at: Option<OffsetDateTime>,
    /// When it ended.
    #[serde(with = "crate::instant::option")]
    pub finished_at: Option<OffsetDateTime>,
    /// What came of it, in short.
    pub detail: String,
}

/// A line of an operation's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Line {
    /// When.
    #[serde(with = "crate::instant")]
    pub at: OffsetDateTime,
    /// What.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
        }
        for phase in Phase::ALL {
            assert_eq!(Phase::parse(phase.as_str()), Some(phase));
        }
    }

    #[test]
    fn time_left_is_told_where_it_can_be() {
        let progress = |total, rate| Progress {
            done_bytes: 30,
            total_bytes: total,
            bytes_per_s: rate,
        };
        assert_eq!(progress(Some(100), 7.0).left_s(), Some(10.0));
        assert_eq!(progress(Some(20), 7.0).left_s(), Some(0.0));
        assert_eq!(progress(Some(100), 0.0).left_s(), None);
        assert_eq!(progress(None, 7.0).left_s(), None);
    }
}
