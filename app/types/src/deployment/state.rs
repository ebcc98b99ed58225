//! The state of a container, and how one ended.

use serde::{Deserialize, Serialize};

use crate::OffsetDateTime;

/// The state of a container, in the engine's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Made, never started.
    Created,
    /// Running.
    Running,
    /// Paused.
    Paused,
    /// About to start again.
    Restarting,
    /// Being removed.
    Removing,
    /// Ended.
    Exited,
    /// Could not be removed.
    Dead,
    /// In the compose file, but there is no container.
    Missing,
    /// The engine does not answer.
    #[default]
    Unknown,
}

impl State {
    /// The engine's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Restarting => "restarting",
            Self::Removing => "removing",
            Self::Exited => "exited",
            Self::Dead => "dead",
            Self::Missing => "missing",
            Self::Unknown => "unknown",
        }
    }

    /// Reads the engine's word; anything else is unknown.
    pub fn parse(text: &str) -> Self {
        [
            Self::Created,
            Self::Running,
            Self::Paused,
            Self::Restarting,
            Self::Removing,
            Self::Exited,
            Self::Dead,
            Self::Missing,
        ]
        .into_iter()
        .find(|state| state.as_str() == text)
        .unwrap_or_default()
    }
}

/// What the container's own health check says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    /// It has no health check.
    None,
    /// Not yet known, the container has just started.
    Starting,
    /// The check passes.
    Healthy,
    /// The check fails.
    Unhealthy,
    /// The engine does not answer.
    #[default]
    Unknown,
}

impl HealthState {
    /// The engine's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Starting => "starting",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
            Self::Unknown => "unknown",
        }
    }

    /// Reads the engine's word; anything else is unknown.
    pub fn parse(text: &str) -> Self {
        [Self::None, Self::Starting, Self::Healthy, Self::Unhealthy]
            .into_iter()
            .find(|health| health.as_str() == text)
            .unwrap_or_default()
    }
}

/// How a service last ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastEnd {
    /// When.
    #[serde(with = "crate::instant")]
    pub at: OffsetDateTime,
    /// The exit code.
    pub exit_code: Option<i64>,
    /// The kernel killed it, or a process of it, for memory.
    pub oom_killed: bool,
    /// It was stopped: by the console, by `docker stop`, by compose.
    pub is_deliberate: bool,
    /// It runs again after a crash so lately that this is a warning.
    pub is_warning: bool,
}

impl LastEnd {
    /// It ended by itself and not well.
    pub fn is_crash(&self) -> bool {
        !self.is_deliberate && (self.oom_killed || self.exit_code != Some(0))
    }

    /// How it ended, as a predicate, e.g. `ran out of memory`.
    pub fn as_predicate(&self) -> String {
        match self.exit_code {
            _ if self.oom_killed => "ran out of memory".to_owned(),
            _ if self.is_deliberate => "was stopped".to_owned(),
            Some(0) => "ended".to_owned(),
            Some(137) => "was killed".to_owned(),
            Some(code) => format!("failed with exit code {code}"),
            None => "failed".to_owned(),
        }
    }
}
