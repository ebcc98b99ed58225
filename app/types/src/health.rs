//! Verification of the platform's parts and the health that follows.

use std::collections::BTreeMap;

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

/// The checks in the order pages show them.
pub const CHECKS: [&str; 8] = [
    "database", "redis", "backend", "frontend", "n8n", "gpu", "disk", "memory",
];

/// The checks that [`Verification`] reports: the platform's parts, without the machine's thresholds.
pub const VERIFIED: [&str; 6] = ["database", "redis", "backend", "frontend", "n8n", "gpu"];

/// The checks whose address can be set.
pub const SETTABLE: [&str; 5] = ["database", "redis", "backend", "frontend", "n8n"];

/// One check's last result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Check {
    /// `database`, `redis`, `backend`, `frontend`, `n8n`, `gpu`, `disk`, `memory`: one of [`CHECKS`].
    pub name: String,
    /// The verdict.
    pub status: Status,
    /// The part answered as it should.
    pub ok: bool,
    /// The verdict as a predicate to follow the name, e.g. `does not answer`.
    pub summary: String,
    /// How long the answer took, to 0.1 ms.
    pub latency_ms: Option<f64>,
    /// What was found, or why it failed and what to do.
    pub detail: String,
    /// What was asked, without credentials.
    pub target: String,
    /// The compose service behind it, `project/service`; empty when there is none or the address was set by hand.
    pub service: String,
    /// Further figures, e.g. `connections_used`, each with its unit in the name.
    pub figures: Vec<Figure>,
    /// When it was last asked.
    #[serde(with = "crate::instant::option")]
    pub checked_at: Option<OffsetDateTime>,
    /// When it last answered well.
    #[serde(with = "crate::instant::option")]
    pub last_success_at: Option<OffsetDateTime>,
    /// Since when the verdict is what it is, for the reason that `summary` begins with.
    #[serde(with = "crate::instant::option")]
    pub since: Option<OffsetDateTime>,
    /// It was so already at `since`, when that was first seen: when it began is not known.
    #[serde(default)]
    pub began_before: bool,
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

/// Whether every part answered as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every part did.
    Success,
    /// One did not, or was not asked.
    Failed,
}

/// The checks as the API and `ytops verify --json` report them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Verification {
    /// The verdict.
    pub status: Outcome,
    /// Every check of [`VERIFIED`] by its name.
    pub checks: BTreeMap<String, Check>,
    /// When the oldest of them was asked; none when one never was.
    #[serde(with = "crate::instant::option")]
    pub timestamp: Option<OffsetDateTime>,
}

impl Verification {
    /// What `health` says of the platform's parts. A part that is missing from it fails.
    pub fn of(health: &Health) -> Self {
        let checks: BTreeMap<String, Check> = health
            .checks
            .iter()
            .filter(|check| VERIFIED.contains(&check.name.as_str()))
            .map(|check| (check.name.clone(), check.clone()))
            .collect();
        let all = VERIFIED
            .iter()
            .all(|name| checks.get(*name).is_some_and(|check| check.ok));
        let asked: Option<Vec<_>> = checks.values().map(|check| check.checked_at).collect();
        Self {
            status: if all {
                Outcome::Success
            } else {
                Outcome::Failed
            },
            timestamp: asked.and_then(|asked| asked.into_iter().min()),
            checks,
        }
    }

    /// Every part answered as it should.
    pub fn succeeded(&self) -> bool {
        self.status == Outcome::Success
    }
}

/// Where a check asks, for the settings page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Target {
    /// The check, one of [`SETTABLE`].
    pub name: String,
    /// The address set by hand, its password masked; empty when none is set.
    pub url: String,
    /// What is found in the compose projects, without credentials; empty when nothing is.
    pub found: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, ok: bool) -> Check {
        Check {
            name: name.to_owned(),
            status: if ok { Status::Ok } else { Status::Critical },
            ok,
            summary: String::new(),
            latency_ms: None,
            detail: String::new(),
            target: String::new(),
            service: String::new(),
            figures: Vec::new(),
            checked_at: Some(OffsetDateTime::UNIX_EPOCH),
            last_success_at: None,
            since: None,
            began_before: false,
        }
    }

    #[test]
    fn verification_succeeds_only_when_every_part_is_there_and_well() {
        let all: Vec<Check> = CHECKS.iter().map(|name| check(name, true)).collect();
        let mut health = Health {
            status: Status::Ok,
            reasons: Vec::new(),
            checks: all,
        };
        let verification = Verification::of(&health);
        assert!(verification.succeeded());
        assert_eq!(verification.checks.len(), 6);
        assert_eq!(verification.timestamp, Some(OffsetDateTime::UNIX_EPOCH));
        health.checks[3].ok = false;
        assert_eq!(Verification::of(&health).status, Outcome::Failed);
        health.checks[3].ok = true;
        health.checks[0].checked_at = None;
        assert_eq!(Verification::of(&health).timestamp, None);
        health.checks.remove(0);
        assert_eq!(Verification::of(&health).status, Outcome::Failed);
    }

    #[test]
    fn a_full_disk_does_not_fail_the_verification() {
        let all: Vec<Check> = CHECKS
            .iter()
            .map(|name| check(name, *name != "disk"))
            .collect();
        let health = Health {
            status: Status::Critical,
            reasons: Vec::new(),
            checks: all,
        };
        assert!(Verification::of(&health).succeeded());
    }
}
