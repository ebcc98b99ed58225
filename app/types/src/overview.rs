//! The one sentence, and what stands behind it.

use serde::{Deserialize, Serialize};

use crate::{OffsetDateTime, health::Status};

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// How bad.
    pub status: Status,
    /// What, e.g. `backend is unhealthy`.
    pub text: String,
    /// Since when.
    #[serde(with = "time::serde::rfc3339::option")]
    pub since: Option<OffsetDateTime>,
    /// The page that shows it, e.g. `/deployment/ytempire/backend`.
    pub href: String,
}

/// What the overview page and the header show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Overview {
    /// The worst of all.
    pub status: Status,
    /// Everything that is wrong, the worst and oldest first.
    pub problems: Vec<Problem>,
    /// Services that should run.
    pub services: u32,
    /// Services that run and are healthy (or have no health check).
    pub services_well: u32,
    /// Checks that answered well.
    pub checks_ok: u32,
    /// Checks in all.
    pub checks: u32,
    /// When the engine was last read.
    #[serde(with = "time::serde::rfc3339::option")]
    pub as_of: Option<OffsetDateTime>,
}
