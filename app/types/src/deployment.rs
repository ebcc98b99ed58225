//! The true state of the compose stack.

mod engine;
mod operation;
mod state;

use serde::{Deserialize, Serialize};

pub use engine::{Engine, EngineEvent, EngineFault};
pub use operation::{Operation, Progress};
pub use state::{HealthState, LastEnd, State};

use crate::OffsetDateTime;

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
    /// Why the actor may not operate it; none when they may. Of one without a container, the line that makes it.
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
