//! Verification of the platform's parts by their own protocols, and the health that follows.

mod candidate;
mod checks;
mod errors;
mod find;
mod finding;
mod first;
mod judge;
mod lives;
mod login;
mod proxy;
mod read;
mod round;
mod set_target;
mod target;
mod targets;
mod verify_now;
pub(crate) mod words;

pub(crate) use candidate::Candidate;
pub(crate) use checks::{ENGINE_LIMIT, data_paths};
pub(crate) use find::{is_postgres, postgres_addresses};
pub(crate) use login::postgres_login_of;
pub(crate) use proxy::through_proxy;
pub use read::{health, last};
pub(crate) use round::candidates;
pub use round::{EVERY, Rounds, run_checks};
pub use set_target::set_target;
pub use targets::targets;
pub(crate) use targets::{place, stored_addresses};
pub use verify_now::verify_now;

/// The key under which addresses that were set by hand are stored: a map from check to URL.
pub(crate) const TARGETS: &str = "verification.targets";
