//! The stack as a list: of each service what one row of the Deployment page shows, and no more, since there may be
//! hundreds and open pages read them every few seconds.

use serde::{Deserialize, Serialize};
use time::serde::timestamp;

use crate::{
    OffsetDateTime,
    deployment::{Drift, Engine},
    health::Status,
};

/// Every project.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Listing {
    /// The engine itself.
    pub engine: Engine,
    /// Every project.
    pub projects: Vec<ListedProject>,
}

/// A compose project.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListedProject {
    /// Its name.
    pub name: String,
    /// Why drift could not be told, if so.
    pub drift_unknown: Option<String>,
    /// Its services in the file's order, else by name.
    pub services: Vec<ListedService>,
}

/// A service in its row. What is left out is none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListedService {
    /// Its name in the compose file.
    pub name: String,
    /// The owner team's name.
    pub team: String,
    /// How good or bad its state is.
    pub status: Status,
    /// The worst that is known of it, in a word or two.
    pub word: String,
    /// The image as it was named.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// The beginning of the image's digest.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub digest: String,
    /// How often the engine restarted it; none where there is no container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restarts: Option<u64>,
    /// Since when it runs.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub up_since: Option<OffsetDateTime>,
    /// When it ended, where it does not run.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub ended_at: Option<OffsetDateTime>,
    /// Per cent of one core; 200 is two cores busy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_percent: Option<f64>,
    /// The CPU limit in cores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_limit: Option<f64>,
    /// Working set in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// The memory limit in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_limit_bytes: Option<u64>,
    /// Differences from the compose file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drift: Vec<Drift>,
}
