//! Verification of the platform's parts by their own protocols, and the health that follows.

mod checks;
mod errors;
mod find;
mod judge;
mod lives;
mod read;
mod round;
mod set_target;
mod target;
mod targets;
mod verify_now;
pub(crate) mod words;

pub(crate) use checks::{ENGINE_LIMIT, data_paths, postgres_login_of};
pub(crate) use find::{Candidate, is_postgres, postgres_addresses};
pub use read::{health, last};
pub(crate) use round::candidates;
pub use round::{EVERY, Rounds, run_checks};
pub use set_target::set_target;
pub use targets::targets;
pub(crate) use targets::{place, stored_addresses};
pub use verify_now::verify_now;

/// The key under which addresses that were set by hand are stored: a map from check to URL.
pub(crate) const TARGETS: &str = "verification.targets";
