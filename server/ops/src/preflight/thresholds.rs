//! Reads the thresholds.

use types::{Capability, preflight::Thresholds};

use super::THRESHOLDS;
use crate::{Actor, Ops, Outcome};

/// The thresholds in force: the handbook's until someone sets others.
///
/// # Errors
/// The actor may not see the stack; the database failed.
pub async fn thresholds(ops: &Ops, actor: &Actor) -> Outcome<Thresholds> {
    actor.may(Capability::SeeStack)?;
    Ok(store::settings::get(&ops.db, THRESHOLDS).await?)
}
