//! What the machine must have.

use serde::{Deserialize, Serialize};

use crate::{OffsetDateTime, health::Status};

/// One requirement and what was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Requirement {
    /// `cpu`, `memory`, `gpu`, `storage`, `docker`, `compose`, `nvidia_runtime`.
    pub name: String,
    /// What is wanted, e.g. `16 cores or more`.
    pub wanted: String,
    /// What is there.
    pub found: String,
    /// Ok, warning (not required), critical (required and missing), unknown.
    pub status: Status,
    /// What to do about it; empty when ok.
    pub hint: String,
    /// Since when its status is so; none where that was not stored.
    #[serde(default, with = "crate::instant::option")]
    pub since: Option<OffsetDateTime>,
    /// It was so already at `since`, when that was first seen: when it began is not known.
    #[serde(default)]
    pub began_before: bool,
}

/// The whole preflight.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preflight {
    /// No requirement fails.
    pub ok: bool,
    /// Every requirement.
    pub requirements: Vec<Requirement>,
}

/// The thresholds of preflight and health, as settings. Defaults are the handbook's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Thresholds {
    /// Cores wanted.
    pub min_cores: u32,
    /// Memory wanted, GiB.
    pub min_memory_gib: u32,
    /// Storage wanted, TB; less is a warning.
    pub min_storage_tb: f64,
    /// A check slower than this is a warning, milliseconds.
    pub max_response_ms: f64,
    /// A larger share of failed answers is a warning, 0 to 1.
    pub max_error_rate: f64,
    /// Busier processors are above the line in charts, 0 to 1.
    pub max_cpu_usage: f64,
    /// A fuller disk is a warning, 0 to 1.
    pub max_disk_usage: f64,
    /// Fuller memory is a warning, 0 to 1.
    pub max_memory_usage: f64,
    /// A machine without a working NVIDIA GPU fails its check.
    pub expect_gpu: bool,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            min_cores: 16,
            min_memory_gib: 120,
            min_storage_tb: 10.0,
            max_response_ms: 1_000.0,
            max_error_rate: 0.01,
            max_cpu_usage: 0.8,
            max_disk_usage: 0.8,
            max_memory_usage: 0.9,
            expect_gpu: true,
        }
    }
}
