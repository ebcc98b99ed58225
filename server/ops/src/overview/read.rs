//! The overview as it stands now.

use types::{Capability, overview::Overview};

use super::assemble::assemble;
use crate::{Actor, Ops, Outcome, deployment, health::health};

/// What is wrong, the worst and oldest first, and how much runs.
///
/// # Errors
/// The actor may not see the stack; the database failed.
pub async fn overview(ops: &Ops, actor: &Actor) -> Outcome<Overview> {
    actor.may(Capability::SeeStack)?;
    let stack = deployment::stack(ops, actor).await?;
    let health = health(ops, actor).await?;
    Ok(assemble(&stack, &health, ops.clock.now()))
}
