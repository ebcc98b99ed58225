//! The overview as it stands now.

use types::{Capability, deployment::Stack, overview::Overview};

use super::assemble::assemble;
use crate::{Actor, Ops, Outcome, health::health};

/// What is wrong, the worst and oldest first, and how much runs.
///
/// # Errors
/// The actor may not see the stack; the database failed.
pub async fn overview(ops: &Ops, actor: &Actor) -> Outcome<Overview> {
    actor.may(Capability::SeeStack)?;
    let stack = Stack::default();
    let health = health(ops, actor).await?;
    Ok(assemble(&stack, &health, ops.clock.now()))
}
