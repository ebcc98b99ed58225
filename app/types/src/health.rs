//! Verification of the platform's parts and the health that follows.

use serde::{Deserialize, Serialize};

use crate::OffsetDateTime;

/// How a part is. Ordered by how much it matters: unknown is worse than ok, critical is worst.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// As it should be.
    Ok,
    /// Could not be learnt; never shown as green.
    #[default]
    Unknown,
    /// Over a warning threshold.
    Warning,
    /// Failing.
    Critical,
}

impl Status {
    /// The name used on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// Reads [`Status::as_str`] back; anything else is unknown.
    pub fn parse(text: &str) -> Self {
        match text {
            "ok" => Self::Ok,
            "warning" => Self::Warning,
            "critical" => Self::Critical,
            _ => Self::Unknown,
        }
    }
}

/// One check's last result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Check {
    /// `database`, `redis`, `backend`, `frontend`, `n8n`, `gpu`, `disk`, `memory`.
    pub name: String,
    /// The verdict.
    pub status: Status,
    /// The part answered as it should.
    pub ok: bool,
    /// How long the answer took.
    pub latency_ms: Option<f64>,
    /// What was found, or why it failed and what to do.
    pub detail: String,
    /// What was asked, without credentials.
    pub target: String,
    /// Further figures, e.g. `connections_used`, each with its unit in the name.
    pub figures: Vec<Figure>,
    /// When it was last asked.
    #[serde(with = "time::serde::rfc3339::option")]
    pub checked_at: Option<OffsetDateTime>,
    /// When it last answered well.
    #[serde(with = "time::serde::rfc3339::option")]
    pub last_success_at: Option<OffsetDateTime>,
    /// Since when the verdict is what it is.
    #[serde(with = "time::serde::rfc3339::option")]
    pub since: Option<OffsetDateTime>,
}

/// A figure that a check found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Figure {
    /// What it is, e.g. `connections`.
    pub name: String,
    /// How much, in a person's words with its unit, e.g. `12 of 100`.
    pub text: String,
    /// The verdict on this figure alone.
    pub status: Status,
}

/// All checks together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Health {
    /// The worst verdict.
    pub status: Status,
    /// Why it is not ok, a sentence a part.
    pub reasons: Vec<String>,
    /// Every check.
    pub checks: Vec<Check>,
}
