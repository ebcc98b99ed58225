//! How much would have been lost, and how long restores would have taken.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// How much would have been lost, and how long a restore would have taken, over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trend {
    /// The set.
    pub set: i64,
    /// Day by day, the oldest first.
    pub days: Vec<TrendDay>,
    /// Its drills, the oldest first.
    pub drills: Vec<TrendDrill>,
    /// The most that may be lost, in seconds.
    pub rpo_s: i64,
    /// The longest that a restore may take, in seconds.
    pub rto_s: i64,
}

/// The most that would have been lost at a moment of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrendDay {
    /// When the day ended; of the last one, when it was looked at.
    #[serde(with = "crate::instant")]
    pub at: OffsetDateTime,
    /// The greatest age of the newest backup that had succeeded, in seconds; none while there was none.
    pub taken_s: Option<i64>,
    /// The greatest age of the newest one that had been proven.
    pub proven_s: Option<i64>,
}

/// A drill that ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrendDrill {
    /// When it began.
    #[serde(with = "crate::instant")]
    pub at: OffsetDateTime,
    /// How long it took, in seconds.
    pub took_s: f64,
    /// What it found to be whole.
    pub succeeded: bool,
}
