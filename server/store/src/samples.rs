//! What the meters of hosts say, in blocks of samples (docs/decisions/0009-samples.md). What is in a block is the
//! business of the package `series`.
//!
//! Times are milliseconds since 1970.

pub mod blocks;
pub mod errors;
pub mod hosts;
pub mod open;
pub mod read;
pub mod series;
pub mod size;

/// How fine samples are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// As they were taken.
    Second = 0,
    /// Summaries by the minute.
    Minute = 1,
    /// Summaries by the hour.
    Hour = 2,
}

impl Tier {
    /// Every tier, the finest first.
    pub const ALL: [Self; 3] = [Self::Second, Self::Minute, Self::Hour];

    /// From one sample or summary to the next, in milliseconds.
    pub const fn width(self) -> i64 {
        match self {
            Self::Second => 1_000,
            Self::Minute => 60_000,
            Self::Hour => 3_600_000,
        }
    }

    /// The span of one block at most, in milliseconds; blocks do not reach over its multiples since 1970. Long ones cost
    /// less a sample, short ones less to read the end of.
    pub const fn span(self) -> i64 {
        match self {
            Self::Second => 3_600_000,
            Self::Minute => 12 * 3_600_000,
            Self::Hour => 10 * 24 * 3_600_000,
        }
    }

    const fn number(self) -> i16 {
        self as i16
    }
}

/// A block and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// When its first sample or summary is.
    pub from: i64,
    /// When its last one is.
    pub until: i64,
    /// The block.
    pub block: Vec<u8>,
}

/// Series whose numbers differ in so many last bits alone are stored together. More would make a chart read more that it
/// does not show; less would make more rows.
const BUNDLE_BITS: i32 = 5;

/// The bundle that a series is stored in: those that were found together mostly have one, and are read together.
pub const fn bundle(series: i32) -> i32 {
    series >> BUNDLE_BITS
}
