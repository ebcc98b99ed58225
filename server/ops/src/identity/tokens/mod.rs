//! API tokens: shown once, stored hashed, dead after their date.

mod actor;
mod create;
mod list;
mod revoke;

pub use actor::token_actor;
pub use create::{MOST_DAYS, create};
pub use list::list;
pub use revoke::revoke;

/// What every token begins with, so that one that leaked is known for what it is.
pub const PREFIX: &str = "ytops_";

/// The key under which open pages hear of changes to a token.
fn key(id: i64) -> String {
    format!("token/{id}")
}
