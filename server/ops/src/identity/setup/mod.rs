//! The first minute: a one-time link that makes the first CTO.

pub mod link;
mod redeem;

pub use redeem::{FirstUser, redeem};

use super::secrets;
use crate::{Ops, Outcome};

/// True when `token` is that of a link that can be used now.
///
/// # Errors
/// The database failed.
pub async fn is_open(ops: &Ops, token: &str) -> Outcome<bool> {
    Ok(store::setup::is_open(&ops.db, &secrets::hash(token), ops.clock.now()).await?)
}
