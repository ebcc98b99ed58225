//! The outside world as use-cases see it: small traits that the server's adapters implement.

mod clock;
mod compose;
mod containers;
mod gpu;
mod host;
mod probe;
mod secret;

use std::sync::Arc;

pub use clock::{Clock, FixedClock};
pub use compose::{Compose, ComposeProject, ComposeRefused};
pub use containers::{
    Answer, Container, ContainerEvent, Containers, EngineError, EngineInfo, Listing, LogPiece,
    LogStream, LogsFrom, Network, Pieces, PlainContainer, UsageSample,
};
pub use gpu::{Card, Cards, Gpu, GpuError};
pub use host::{Filesystem, Host, Machine, Space};
pub use probe::{
    Address, HttpAnswer, HttpRequest, PostgresAnswer, PostgresLogin, Probe, ProbeError, RedisAnswer,
};
pub use secret::Secret;

/// The adapters to the outside world; cheap to clone.
#[derive(Clone)]
pub struct Outside {
    /// The machine that the console runs on.
    pub host: Arc<dyn Host>,
    /// Its GPUs.
    pub gpu: Arc<dyn Gpu>,
    /// The Docker Engine.
    pub containers: Arc<dyn Containers>,
    /// Asks the platform's parts by their own protocols.
    pub probe: Arc<dyn Probe>,
    /// The compose program.
    pub compose: Arc<dyn Compose>,
}

impl Outside {
    /// An outside world where nothing answers; tests replace what they need.
    pub fn none() -> Self {
        Self {
            host: Arc::new(Nowhere),
            gpu: Arc::new(Nowhere),
            containers: Arc::new(Nowhere),
            probe: Arc::new(Nowhere),
            compose: Arc::new(Nowhere),
        }
    }
}

/// An outside world where nothing answers.
struct Nowhere;
