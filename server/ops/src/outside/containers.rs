//! The Docker Engine as use-cases see it. The adapter hands out facts; values of environment variables stay inside it.

use std::collections::BTreeMap;

use futures::{future::BoxFuture, stream::BoxStream};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use types::deployment::{HealthState, Mount, Operation, Port, State};

use super::{Nowhere, Secret};

/// Why the engine did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// It does not answer.
    #[error("{reason} {hint}")]
    Unreachable {
        /// What is wrong, a sentence.
        reason: String,
        /// What mends it, with the line to type.
        hint: String,
    },
    /// There is no such container (any more).
    #[error("There is no such container.")]
    NotFound,
    /// It answers, but hangs on this one container.
    #[error("The Docker Engine does not tell of this container in time.")]
    TimedOut,
    /// It answered, and would not.
    #[error("{message}")]
    Refused {
        /// The engine's own words, bounded.
        message: String,
    },
}

/// What the engine says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EngineInfo {
    /// The engine's version, e.g. `20.10.24`.
    pub version: String,
    /// The newest API it speaks, e.g. `1.41`.
    pub api_version: String,
    /// OCI runtimes by name, e.g. `runc`, `nvidia`.
    pub runtimes: Vec<String>,
    /// The runtime of containers that name none.
    pub default_runtime: String,
    /// Cores of its machine.
    pub cores: u64,
    /// Memory of its machine in bytes.
    pub memory_bytes: u64,
    /// Where it keeps images, volumes and logs, e.g. `/var/lib/docker`.
    pub root_dir: String,
}

impl EngineInfo {
    /// Containers can be given NVIDIA GPUs by runtime.
    pub fn has_nvidia(&self) -> bool {
        self.runtimes.iter().any(|name| name == "nvidia")
    }
}

/// The address of a container in one of its networks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// The network's name.
    pub name: String,
    /// The container's IP address in it; empty while it does not run.
    pub ip: String,
}

/// Everything that is read of a container of a compose project; also what the database keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are facts of the engine's, each on its own"
)]
pub struct Container {
    /// The engine's id, in hex.
    pub id: String,
    /// Its name without the leading slash.
    pub name: String,
    /// The label `com.docker.compose.project`.
    pub project: String,
    /// The label `com.docker.compose.service`.
    pub service: String,
    /// Made by `docker compose run`: not a part of the stack.
    pub oneoff: bool,
    /// The state.
    pub state: State,
    /// The health check's verdict.
    pub health: HealthState,
    /// When the first of the probes was made that have failed in a row; none where the engine does not remember it.
    #[serde(with = "time::serde::rfc3339::option")]
    pub failing_since: Option<OffsetDateTime>,
    /// When the oldest of them was made that the engine remembers. It moves with every probe, so it is not kept.
    #[serde(skip)]
    pub failing_by: Option<OffsetDateTime>,
    /// The image as it was named.
    pub image: String,
    /// The image's repository digest, or its id where it has none.
    pub image_digest: String,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339::option")]
    pub created_at: Option<OffsetDateTime>,
    /// When it last started.
    #[serde(with = "time::serde::rfc3339::option")]
    pub started_at: Option<OffsetDateTime>,
    /// When it last ended.
    #[serde(with = "time::serde::rfc3339::option")]
    pub finished_at: Option<OffsetDateTime>,
    /// The exit code when it has ended.
    pub exit_code: Option<i64>,
    /// The kernel killed it for memory.
    pub oom_killed: bool,
    /// How often the engine restarted it.
    pub restarts: u64,
    /// Ports as they are now.
    pub ports: Vec<Port>,
    /// Ports as they were asked for, to compare with the compose file.
    pub bindings: Vec<Port>,
    /// It shares the network of the host or of another container.
    pub shares_network: bool,
    /// Its addresses.
    pub networks: Vec<Network>,
    /// The CPU limit in cores.
    pub cpu_limit: Option<f64>,
    /// The memory limit in bytes.
    pub memory_limit_bytes: Option<u64>,
    /// Mounts.
    pub mounts: Vec<Mount>,
    /// Names of its environment variables.
    pub environment: Vec<String>,
    /// Those of them that the image sets.
    pub image_environment: Vec<String>,
    /// The command line, what looks like a secret masked.
    pub command: String,
    /// The restart policy, e.g. `always`, `on-failure:3`.
    pub restart_policy: String,
    /// Seconds between SIGTERM and SIGKILL when it is stopped.
    pub stop_grace_s: u64,
    /// It writes to a terminal: its log has one stream.
    pub tty: bool,
    /// The label `ytops.team`; empty without one.
    pub team: String,
    /// The compose files that the labels name, relative to `working_dir`.
    pub config_files: Vec<String>,
    /// The directory that compose ran in.
    pub working_dir: String,
    /// The file of variables that compose was given; empty for the `.env` of `working_dir`.
    pub environment_file: String,
}

/// The containers of the compose projects.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    /// Those that were read.
    pub containers: Vec<Container>,
    /// Those that are there, of which nothing more could be read than what the list itself tells: id, name, project,
    /// service and image.
    pub unreadable: Vec<Container>,
}

/// Something that happened to a container of a compose project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContainerEvent {
    /// When, in the engine's nanoseconds since 1970.
    pub time_nano: i64,
    /// To which container.
    pub container_id: String,
    /// The compose project.
    pub project: String,
    /// The service.
    pub service: String,
    /// The verb, e.g. `die`, `health_status: unhealthy`.
    pub action: String,
    /// The exit code of a `die`.
    pub exit_code: Option<i64>,
    /// The image.
    pub image: String,
    /// The container's name.
    pub name: String,
}

/// What a log is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogsFrom {
    /// At most this many of the newest entries; none for all.
    pub tail: Option<u32>,
    /// Stay and hand out what comes.
    pub follow: bool,
    /// Only what was logged at or after this, in nanoseconds since 1970.
    pub since_nano: Option<i64>,
}

/// Where a piece of a log was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogStream {
    /// Standard output, or the terminal.
    #[default]
    Stdout,
    /// Standard error.
    Stderr,
}

/// A piece of a log: at most 64 KiB, cut anywhere. Every line begins with its time in RFC 3339 and a space.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPiece {
    /// Where it was written.
    pub stream: LogStream,
    /// What was written.
    pub bytes: Vec<u8>,
}

/// Counters of a container at one moment; rates follow from two of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UsageSample {
    /// When the engine read them, in nanoseconds since 1970.
    pub at_nano: i128,
    /// CPU time used since it started, in nanoseconds.
    pub cpu_ns: Option<u64>,
    /// Time in which it was held back by its CPU limit since it started, in nanoseconds.
    pub throttled_ns: Option<u64>,
    /// The working set in bytes.
    pub memory_bytes: Option<u64>,
    /// Memory in bytes, page cache included.
    pub memory_usage: Option<u64>,
    /// What the engine calls its limit of memory, in bytes: without one the machine's memory.
    pub memory_limit: Option<u64>,
    /// Bytes received since it started.
    pub rx_bytes: Option<u64>,
    /// Bytes sent since it started.
    pub tx_bytes: Option<u64>,
    /// Bytes read from block devices since it started.
    pub read_bytes: Option<u64>,
    /// Bytes written to block devices since it started.
    pub written_bytes: Option<u64>,
    /// Processes and threads.
    pub pids: Option<u64>,
}

/// A running container of no compose project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlainContainer {
    /// The engine's id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A call's answer.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, EngineError>>;

/// A stream's items; it ends after the first error.
pub type Pieces<T> = BoxStream<'static, Result<T, EngineError>>;

/// The Docker Engine. Every call ends within a bounded time and reads a bounded answer. A question about one container
/// that is not answered in time ends with `TimedOut`, and says nothing of the engine as a whole.
pub trait Containers: Send + Sync {
    /// What the engine says of itself.
    fn info(&self) -> Answer<'_, EngineInfo>;

    /// Every container of every compose project.
    fn list(&self) -> Answer<'_, Listing>;

    /// Running containers of no compose project. They are measured, and nothing else is done with them.
    fn plain(&self) -> Answer<'_, Vec<PlainContainer>> {
        nothing()
    }

    /// One container; `NotFound` when it is gone or belongs to no compose project.
    fn inspect<'a>(&'a self, id: &'a str) -> Answer<'a, Container>;

    /// Starts, stops or restarts a container, with the container's own grace. Done already is no error.
    fn operate<'a>(&'a self, id: &'a str, operation: Operation) -> Answer<'a, ()>;

    /// Events of containers of compose projects at or after `since_nano` and from then on, until the engine goes away.
    fn events(&self, since_nano: i64) -> Answer<'_, Pieces<ContainerEvent>>;

    /// A container's log.
    fn logs<'a>(&'a self, id: &'a str, from: LogsFrom) -> Answer<'a, Pieces<LogPiece>>;

    /// What a container has used until now.
    fn stats<'a>(&'a self, id: &'a str) -> Answer<'a, UsageSample>;

    /// Values of the environment variables `names` of a container, as far as it has them. The one way by which values
    /// leave the adapter: verification signs in to the platform's database and cache with them. Never stored, logged
    /// or shown.
    fn secret_env<'a>(
        &'a self,
        id: &'a str,
        names: &'a [&'a str],
    ) -> Answer<'a, BTreeMap<String, Secret>>;
}

fn nothing<T: Send + 'static>() -> Answer<'static, T> {
    Box::pin(async {
        Err(EngineError::Unreachable {
            reason: "There is no Docker Engine here.".to_owned(),
            hint: String::new(),
        })
    })
}

impl Containers for Nowhere {
    fn info(&self) -> Answer<'_, EngineInfo> {
        nothing()
    }

    fn list(&self) -> Answer<'_, Listing> {
        nothing()
    }

    fn inspect<'a>(&'a self, _id: &'a str) -> Answer<'a, Container> {
        nothing()
    }

    fn operate<'a>(&'a self, _id: &'a str, _operation: Operation) -> Answer<'a, ()> {
        nothing()
    }

    fn events(&self, _since_nano: i64) -> Answer<'_, Pieces<ContainerEvent>> {
        nothing()
    }

    fn logs<'a>(&'a self, _id: &'a str, _from: LogsFrom) -> Answer<'a, Pieces<LogPiece>> {
        nothing()
    }

    fn stats<'a>(&'a self, _id: &'a str) -> Answer<'a, UsageSample> {
        nothing()
    }

    fn secret_env<'a>(
        &'a self,
        _id: &'a str,
        _names: &'a [&'a str],
    ) -> Answer<'a, BTreeMap<String, Secret>> {
        nothing()
    }
}
