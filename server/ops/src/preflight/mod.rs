//! What the machine must have, and the thresholds of preflight and health.

mod examine;
mod judge;
mod set_thresholds;
mod since;
mod thresholds;

pub(crate) use examine::last;
pub use examine::{Examined, examine, preflight, watch};
pub use set_thresholds::set_thresholds;
pub use thresholds::thresholds;

/// The key under which the thresholds are stored.
pub(crate) const THRESHOLDS: &str = "thresholds";
