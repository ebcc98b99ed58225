//! The true state of the compose stack.

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

/// One way in which a running service differs from the compose file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Drift {
    /// `image`, `environment`, `ports`, `limits`, `missing`, `extra`.
    pub what: String,
    /// What the file says; environment by name only.
    pub file: String,
    /// What runs; environment by name only.
    pub running: String,
}

/// A published port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Port {
    /// The host's address, e.g. `127.0.0.1`; empty when not published.
    pub host_ip: String,
    /// The host's port; none when not published.
    pub host_port: Option<u16>,
    /// The container's port.
    pub container_port: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
}

/// A mount of a container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Mount {
    /// `bind`, `volume` or `tmpfs`.
    pub kind: String,
    /// A path of the host or a volume's name.
    pub source: String,
    /// Where it appears.
    pub destination: String,
    /// It may be written.
    pub writable: bool,
}

/// What a service uses now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage {
    /// Per cent of one core; 200 is two cores busy.
    pub cpu_percent: Option<f64>,
    /// Working set in bytes, page cache that can be dropped left out.
    pub memory_bytes: Option<u64>,
    /// Bytes per second received.
    pub network_rx_bytes_s: Option<f64>,
    /// Bytes per second sent.
    pub network_tx_bytes_s: Option<f64>,
    /// Bytes per second read from block devices.
    pub block_read_bytes_s: Option<f64>,
    /// Bytes per second written to block devices.
    pub block_write_bytes_s: Option<f64>,
    /// Processes and threads.
    pub pids: Option<u64>,
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

/// One service of a compose project. Of several containers the worst one is told, and what all of them use.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Service {
    /// The compose project.
    pub project: String,
    /// The service's name in the compose file.
    pub name: String,
    /// The container's name; empty when missing.
    pub container: String,
    /// The container's id; empty when missing.
    pub container_id: String,
    /// The state.
    pub state: State,
    /// The health.
    pub health: HealthState,
    /// The image as it was named.
    pub image: String,
    /// The image's digest or id, `sha256:…`.
    pub image_digest: String,
    /// How often the engine restarted it.
    pub restarts: u64,
    /// When the container last started.
    #[serde(with = "crate::instant::option")]
    pub started_at: Option<OffsetDateTime>,
    /// When it last ended.
    #[serde(with = "crate::instant::option")]
    pub finished_at: Option<OffsetDateTime>,
    /// Since when state and health are what they are.
    #[serde(with = "crate::instant::option")]
    pub since: Option<OffsetDateTime>,
    /// They were so already at `since`, when that was first seen: when it began is not known.
    #[serde(default)]
    pub began_before: bool,
    /// The exit code when it has ended.
    pub exit_code: Option<i64>,
    /// The kernel killed it for memory.
    pub oom_killed: bool,
    /// How it last ended, whether or not it runs again.
    #[serde(default)]
    pub last_end: Option<LastEnd>,
    /// Ports.
    pub ports: Vec<Port>,
    /// The CPU limit in cores, if there is one.
    pub cpu_limit: Option<f64>,
    /// The memory limit in bytes, if there is one.
    pub memory_limit_bytes: Option<u64>,
    /// How many containers it has.
    pub containers: u32,
    /// How many of them run.
    pub containers_running: u32,
    /// The restart policy, e.g. `always`, `on-failure:3`; empty when missing.
    pub restart_policy: String,
    /// What it uses.
    #[serde(flatten)]
    pub usage: Usage,
    /// The owner team's name.
    pub team: String,
    /// Differences from the compose file.
    pub drift: Vec<Drift>,
    /// Since when there are any.
    #[serde(default, with = "crate::instant::option")]
    pub drift_since: Option<OffsetDateTime>,
    /// There were some already at `drift_since`, when they were first seen: when they began is not known.
    #[serde(default)]
    pub drift_began_before: bool,
}

impl Service {
    /// It had one thing to do and has done it: it ended by itself, well, and is not to be started again.
    pub fn has_finished(&self) -> bool {
        self.state == State::Exited
            && self.exit_code == Some(0)
            && !self.oom_killed
            && self.restart_policy == "no"
    }

    /// It was stopped on purpose, and has not been started since.
    pub fn was_stopped(&self) -> bool {
        let is_deliberate = self.last_end.as_ref().is_some_and(|end| end.is_deliberate);
        self.state == State::Exited && is_deliberate
    }

    /// A container of it is up, so that there is something to stop.
    pub const fn is_up(&self) -> bool {
        self.containers_running > 0
            || matches!(
                self.state,
                State::Running | State::Paused | State::Restarting
            )
    }
}

/// A compose project.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Project {
    /// The project's name.
    pub name: String,
    /// The compose files it was made from, as the labels name them.
    pub files: Vec<String>,
    /// Why drift could not be told, if so.
    pub drift_unknown: Option<String>,
    /// Its services in the file's order, else by name.
    pub services: Vec<Service>,
}

/// Everything the Deployment page shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Stack {
    /// The engine itself.
    pub engine: Engine,
    /// Every project.
    pub projects: Vec<Project>,
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

/// A service's page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServiceDetail {
    /// The engine itself.
    pub engine: Engine,
    /// The service.
    pub service: Service,
    /// Its mounts.
    pub mounts: Vec<Mount>,
    /// Names of its environment variables; values are never shown.
    pub environment: Vec<String>,
    /// The command it runs, its arguments masked where they look like secrets.
    pub command: String,
    /// Its last events, the newest first.
    pub events: Vec<EngineEvent>,
    /// The owner team was chosen here, not by the label.
    pub team_chosen: bool,
    /// Why the actor may not operate it; none when they may.
    pub may_not_operate: Option<String>,
}

/// One line of a service's log.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogLine {
    /// When the engine received it.
    #[serde(with = "crate::instant::option")]
    pub at: Option<OffsetDateTime>,
    /// `stdout` or `stderr`.
    pub stream: String,
    /// `critical`, `error`, `warn`, `info`, `debug` or `trace`; empty when the line tells none.
    pub level: String,
    /// The message, or the line as it is; control characters taken out, cut at the limit.
    pub message: String,
    /// The request it belongs to.
    pub trace_id: String,
    /// The video it belongs to.
    pub video_id: String,
    /// What it cost, in dollars.
    pub cost: Option<f64>,
    /// The line was longer than the limit and was cut.
    pub cut: bool,
}

/// What can be done to a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Start it.
    Start,
    /// Stop it: SIGTERM, then SIGKILL after the container's grace.
    Stop,
    /// Stop and start it.
    Restart,
}

/// How an operation stands when its caller is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// It is done.
    Done,
    /// It goes on: a container takes the time of its own grace. The audit log tells how it ends.
    UnderWay,
}

impl Operation {
    /// The verb.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Restart => "restart",
        }
    }
}
