//! The plans.

use serde::{Deserialize, Serialize};

/// A plan of recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// A database is damaged, or holds what is wrong.
    DatabaseCorruption,
    /// A service does not run, or does not do what it should.
    ServiceFailure,
    /// Files or rows are gone.
    DataLoss,
    /// Nothing runs, or the machine is a new one.
    CompleteFailure,
}

impl Plan {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::DatabaseCorruption,
        Self::ServiceFailure,
        Self::DataLoss,
        Self::CompleteFailure,
    ];

    /// The name in the database and in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DatabaseCorruption => "database_corruption",
            Self::ServiceFailure => "service_failure",
            Self::DataLoss => "data_loss",
            Self::CompleteFailure => "complete_failure",
        }
    }

    /// Reads [`Plan::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|plan| plan.as_str() == text)
    }

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::DatabaseCorruption => "Database corruption",
            Self::ServiceFailure => "Service failure",
            Self::DataLoss => "Data loss",
            Self::CompleteFailure => "Complete failure",
        }
    }

    /// When to use it, in a sentence or two.
    pub const fn when(self) -> &'static str {
        match self {
            Self::DatabaseCorruption => {
                "A database answers with errors, lacks tables, or holds what is wrong since a release or a slip."
            }
            Self::ServiceFailure => {
                "One service does not run, crashes again and again, or does not answer, and its data is well."
            }
            Self::DataLoss => {
                "Files are gone or overwritten, or rows were deleted, and a backup has them."
            }
            Self::CompleteFailure => {
                "Nothing of the project runs: the machine is a new one, or a disk was lost."
            }
        }
    }
}
