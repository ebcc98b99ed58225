//! The outside world, one file each.

mod system_clock;

pub use system_clock::SystemClock;
