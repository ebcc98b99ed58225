//! The outside world, one file each.

mod docker;
mod system_clock;

pub use docker::DockerEngine;
pub use system_clock::SystemClock;
