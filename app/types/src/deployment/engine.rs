//! The engine itself, and what it tells of containers.

use serde::{Deserialize, Serialize};

use crate::OffsetDateTime;

/// Why nothing is known of now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EngineFault {
    /// The Docker Engine does not answer.
    Unreachable,
    /// No console has read it lately.
    Stale,
    /// The console's database does not answer.
    DatabaseAway,
}

impl EngineFault {
    /// The same as a clause, e.g. `the Docker Engine does not answer`.
    pub const fn as_clause(self) -> &'static str {
        match self {
            Self::Unreachable => "the Docker Engine does not answer",
            Self::Stale => "the Docker Engine has not been read lately",
            Self::DatabaseAway => "the console's database does not answer",
        }
    }

    /// The same as a sentence begins, without its full stop.
    pub const fn as_sentence(self) -> &'static str {
        match self {
            Self::Unreachable => "The Docker Engine does not answer",
            Self::Stale => "The Docker Engine has not been read lately",
            Self::DatabaseAway => "The console's database does not answer",
        }
    }
}

/// Whether the Docker Engine answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Engine {
    /// It answered the last time it was asked, and that is not long ago.
    pub reachable: bool,
    /// What keeps it from being known; none where it is reachable.
    pub fault: Option<EngineFault>,
    /// Why it is so, and the line that fixes it.
    pub reason: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// When the facts below were last true.
    #[serde(with = "crate::instant::option")]
    pub as_of: Option<OffsetDateTime>,
    /// Since when nothing is known of now.
    #[serde(with = "crate::instant::option")]
    pub unreachable_since: Option<OffsetDateTime>,
}

/// Something that happened to a container, as the engine told it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EngineEvent {
    /// The event's id.
    pub id: i64,
    /// When.
    #[serde(with = "crate::instant")]
    pub at: OffsetDateTime,
    /// The compose project.
    pub project: String,
    /// The service.
    pub service: String,
    /// The container.
    #[serde(default)]
    pub container_id: String,
    /// The engine's verb: `start`, `die`, `oom`, `health_status: unhealthy`, …
    pub action: String,
    /// The exit code of a `die`.
    pub exit_code: Option<i64>,
    /// The image, for those that name one.
    pub image: String,
    /// Who asked for it through the console; none for what was not asked for there.
    #[serde(default)]
    pub asked_by: Option<String>,
    /// What an `update` changed, e.g. `memory limit from 32.0 MiB to 64.0 MiB`; empty where that is not known.
    #[serde(default)]
    pub detail: String,
}
