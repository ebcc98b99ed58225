//! The outside world, one file each.

mod compose;
mod docker;
mod gpu;
mod host;
pub mod key_file;
mod probes;
mod system_clock;

pub use compose::DockerCompose;
pub use docker::DockerEngine;
pub use gpu::NvmlGpu;
pub use host::LinuxHost;
pub use probes::TcpProbe;
pub use system_clock::SystemClock;
