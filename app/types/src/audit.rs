//! The audit log as pages and the API see it.

use serde::{Deserialize, Serialize};

use crate::OffsetDateTime;

/// How an act ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuditResult {
    /// It was done.
    Success,
    /// It was tried and failed.
    Failure,
    /// It was not allowed.
    Refused,
}

impl AuditResult {
    /// The name used in the database and in filters.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Refused => "refused",
        }
    }

    /// Reads [`AuditResult::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Success, Self::Failure, Self::Refused]
            .into_iter()
            .find(|result| result.as_str() == text)
    }
}

/// One link of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// Grows by one for every entry.
    pub id: i64,
    /// When it happened.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Who: a user's or token's name, "system", or what an unknown caller named itself.
    pub actor: String,
    /// The verb, e.g. `service.restart`.
    pub action: String,
    /// On what, e.g. `service ytempire/backend`.
    pub target: String,
    /// The team the target belongs to.
    pub team: Option<String>,
    /// From which address.
    pub address: String,
    /// With which program.
    pub user_agent: String,
    /// How it ended.
    pub result: AuditResult,
    /// More, without secrets.
    pub detail: serde_json::Value,
}

/// What to look for in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditFilter {
    /// Part of the actor's name.
    pub actor: String,
    /// Part of the action.
    pub action: String,
    /// Part of the target.
    pub target: String,
    /// `success`, `failure`, `refused` or empty for all.
    pub result: String,
    /// Entries before this id; none for the newest.
    pub before: Option<i64>,
}

/// A page of the log, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// Give this as `before` for the next page.
    pub next: Option<i64>,
}
