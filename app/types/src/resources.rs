//! What the meters of a host say: series and their samples.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a series measures.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SeriesKey {
    /// Name by OpenTelemetry's semantic conventions, such as `system.cpu.utilization`.
    pub name: String,
    /// What tells series of one name apart, such as `cpu` or `state`; names by the same conventions.
    pub attributes: BTreeMap<String, String>,
}

/// A series: what it measures, and in which unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Series {
    /// What it measures.
    pub key: SeriesKey,
    /// Unit of its samples by UCUM, as the conventions write them: `1`, `By`, `By/s`, `Cel`, `W`, `s`, `{process}`.
    pub unit: String,
}

/// One tick of a collector: a sample of each series that could be read.
///
/// A series that is not in a frame has a gap there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// When it was taken, in milliseconds since 1970.
    pub at: i64,
    /// Samples by the number that the collector gave to the series; finite, rates already per second.
    pub samples: Vec<(u32, f64)>,
}

/// An error that the NVIDIA driver numbered (XID).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GpuError {
    /// The card's UUID, such as `GPU-5d1c…`; at most 100 characters.
    #[cfg_attr(feature = "openapi", schema(max_length = 100))]
    pub uuid: String,
    /// What people call the card, such as `GPU 0`; at most 100 characters.
    #[cfg_attr(feature = "openapi", schema(max_length = 100))]
    pub card: String,
    /// The driver's number, such as 79: the card fell off the bus.
    pub xid: u64,
}

/// Whether a source of samples, or one of its devices, can be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceState {
    /// The source, such as `gpu`, `filesystem`, `container`, `pressure`.
    pub source: String,
    /// Its device, such as `0` of `gpu`, `/data`, or a container's name; empty where the source as a whole is meant.
    pub device: String,
    /// Why it can't be read, a sentence; `None` where it can.
    pub reason: Option<String>,
    /// Since when it is so, in milliseconds since 1970.
    pub since: i64,
}
