//! What a use-case fails with: the error that the caller sees, or a fault whose detail only the log sees.

use store::StoreError;
use types::Error;

/// The result of a use-case.
pub type Outcome<T> = Result<T, Fault>;

/// Why a use-case failed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The caller is told this.
    #[error("{0}")]
    Told(#[from] Error),
    /// The database failed; the caller is told that it did, the log why.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// Something else failed inside; the log has it.
    #[error("{0}")]
    Inside(String),
}

impl Fault {
    /// What the caller is told. Logs the detail of what they are not told, under `trace_id`.
    pub fn tell(self, trace_id: &str) -> Error {
        match self {
            Self::Told(error) => error,
            Self::Store(error) if error.is_unavailable() => {
                tracing::error!(trace_id, error = %error, "The database does not answer.");
                Error::Unavailable {
                    what: "The database".to_owned(),
                    hint: "The console goes on by itself when it is back.".to_owned(),
                }
            }
            Self::Store(error) => {
                tracing::error!(trace_id, error = %error, "A database statement failed.");
                Error::Internal {
                    trace_id: trace_id.to_owned(),
                }
            }
            Self::Inside(error) => {
                tracing::error!(trace_id, error = %error, "A use-case failed.");
                Error::Internal {
                    trace_id: trace_id.to_owned(),
                }
            }
        }
    }

    /// The error when the caller is to be told it as it is.
    pub const fn told(&self) -> Option<&Error> {
        match self {
            Self::Told(error) => Some(error),
            _ => None,
        }
    }
}
