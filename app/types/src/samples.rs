//! Series and samples as they are stored and charted.

use serde::{Deserialize, Serialize};

use crate::resources::Series;

/// A host whose samples are stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoredHost {
    /// Its name.
    pub name: String,
    /// When its newest sample was taken, in milliseconds since 1970; `None` when there is none.
    pub newest: Option<i64>,
}

/// A series that is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoredSeries {
    /// Its number, which it keeps.
    pub id: i32,
    /// What it measures, and in which unit.
    #[serde(flatten)]
    pub series: Series,
    /// When its device or container went, in milliseconds since 1970; `None` while it is there.
    pub ended_at: Option<i64>,
}

/// What a chart shows of a series.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Points {
    /// The series' number.
    pub id: i32,
    /// From one point to the next, in milliseconds, where nothing is missing; 0 when there are less than two points.
    pub step_ms: i64,
    /// Time in milliseconds since 1970, least, mean and greatest sample; in order of time. What is further apart than a
    /// step and a half has a gap between.
    pub points: Vec<(i64, f64, f64, f64)>,
}

/// How long samples are kept, in days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// As they were taken, every second.
    pub second_days: u32,
    /// Summaries by the minute.
    pub minute_days: u32,
    /// Summaries by the hour.
    pub hour_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            second_days: 14,
            minute_days: 365,
            hour_days: 5 * 365 + 1,
        }
    }
}

/// What samples of one fineness take on disk.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TierSize {
    /// From one sample or summary to the next, in seconds: 1, 60 or 3,600.
    pub every_s: u32,
    /// How long they are kept, in days.
    pub keep_days: u32,
    /// Bytes on disk now, everything counted.
    pub bytes: i64,
    /// The oldest one, in milliseconds since 1970; `None` when there is none.
    pub oldest: Option<i64>,
    /// When the first ones are old enough to leave, in milliseconds since 1970: from then on this takes no more room.
    pub full_at: Option<i64>,
    /// Bytes on disk then, as it grew up to now; `None` until there is a day to judge by.
    pub full_bytes: Option<i64>,
}

/// What all samples take on disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SampleSizes {
    /// When this was reckoned, in milliseconds since 1970.
    pub at: i64,
    /// By fineness, the finest first.
    pub tiers: Vec<TierSize>,
    /// Bytes that are free where the database lies; `None` where that is another machine, or its role may not ask.
    pub free_bytes: Option<i64>,
    /// When the disk is full should samples alone go on growing as they do, in milliseconds since 1970; `None` when they
    /// fit, or when it is not known yet.
    pub disk_full_at: Option<i64>,
}

impl SampleSizes {
    /// Bytes of all tiers together once each is full, and when the last one is, in milliseconds since 1970; `None` while
    /// there is a tier that is too young to tell, or nothing at all.
    pub fn levels_off(&self) -> Option<(i64, i64)> {
        let mut bytes: i64 = 0;
        for tier in &self.tiers {
            let grows = tier.oldest.is_some();
            bytes = bytes.saturating_add(if grows { tier.full_bytes? } else { tier.bytes });
        }
        let at = self.tiers.iter().filter_map(|tier| tier.full_at).max()?;
        Some((bytes, at))
    }
}
