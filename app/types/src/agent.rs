//! What `ytops agent` sends to the console, and what it is told: `POST /api/v1/samples`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::resources::{GpuError, Series, SeriesKey, SourceState};

/// The most ticks of a batch.
pub const MOST_TICKS: usize = 60;

/// The most series that a batch names.
pub const MOST_NAMED: usize = 500;

/// The most samples of a batch; with [`MOST_NAMED`] series of the longest names they fit into a body.
pub const MOST_SAMPLES: usize = 40_000;

/// The most samples of a tick: the most series of a host.
pub const MOST_SERIES: usize = 20_000;

/// The most sources and devices whose state is told.
pub const MOST_STATES: usize = 500;

/// The most errors of GPUs in a batch.
pub const MOST_ERRORS: usize = 200;

/// The longest name of a host, in characters.
pub const LONGEST_HOST: usize = 253;

/// Times are kept to so many milliseconds: an agent takes its samples at multiples, so that it knows them again.
pub const TIMES_MS: i64 = 10;

/// A batch: what a host's meters said since the last one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Batch {
    /// The host's name; a token sends for one host alone.
    #[cfg_attr(feature = "openapi", schema(max_length = 253))]
    pub host: String,
    /// A number that the agent chose at random when it started: series' numbers mean what they meant as long as this is
    /// the same.
    pub session: u32,
    /// The console shall forget what it knows of the session and begin anew. The first batch says so, and the next one
    /// after an answer whose `is_known` is false.
    #[serde(default)]
    pub begins: bool,
    /// Series that the console was not told yet; at most 500.
    #[serde(default)]
    pub named: Vec<Named>,
    /// What was read, in order of time; at most 60 ticks with 40,000 samples.
    #[serde(default)]
    pub ticks: Vec<SentTick>,
    /// What can be read and what not, where it changed; at most 500.
    #[serde(default)]
    pub states: Option<Vec<SourceState>>,
}

/// A series and the number that the agent gave to it. A number never stands for another series in the same session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Named {
    /// The number.
    pub number: u32,
    /// Name by OpenTelemetry's semantic conventions; at most 200 characters.
    pub name: String,
    /// What tells series of one name apart; as JSON at most 1,000 characters.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// Unit by UCUM; at most 50 characters.
    pub unit: String,
}

/// One reading of all meters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SentTick {
    /// When, in milliseconds since 1970; a multiple of 10.
    pub at: i64,
    /// Series that ended before it.
    #[serde(default)]
    pub ended: Vec<u32>,
    /// Numbers of the series that could be read.
    pub numbers: Vec<u32>,
    /// Their samples, in the same order: rates already per second.
    pub values: Vec<f32>,
    /// Errors that the NVIDIA driver told since the tick before; at most 200 in a batch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<GpuError>,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Receipt {
    /// False where the console does not know the session: nothing was taken. The agent begins anew with what is newer
    /// than `stored_until`.
    pub is_known: bool,
    /// The time of the newest tick that was taken, in milliseconds since 1970; 0 where there is none. What is newer shall be
    /// sent again: the console had too much to do.
    pub taken_until: i64,
    /// The time of the host's newest sample in the database, in milliseconds since 1970; 0 where there is none. What is
    /// newer the agent keeps: the console holds it in memory alone.
    pub stored_until: i64,
}

impl Named {
    /// A series under its number.
    pub fn new(number: u32, series: Series) -> Self {
        Self {
            number,
            name: series.key.name,
            attributes: series.key.attributes,
            unit: series.unit,
        }
    }
}

impl From<Named> for Series {
    fn from(named: Named) -> Self {
        Self {
            key: SeriesKey {
                name: named.name,
                attributes: named.attributes,
            },
            unit: named.unit,
        }
    }
}
