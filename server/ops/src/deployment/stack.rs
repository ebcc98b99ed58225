//! The whole stack.

use std::sync::Arc;

use types::{Capability, deployment::Stack, listing::Listing};

use crate::{Actor, Fault, Ops, Outcome, outside::Container};

/// Every project with its services, from memory. While the engine or the database does not answer every state is
/// unknown, and the facts are those of `engine.as_of`. Whoever acts for one team sees that team's services alone.
///
/// # Errors
/// The actor may not see the stack; the database failed and nothing was read before.
pub async fn stack(ops: &Ops, actor: &Actor) -> Outcome<Arc<Stack>> {
    actor.may(Capability::SeeStack)?;
    let stack = ops.stack.snapshot(ops).await?.stack;
    if !actor.is_confined() {
        return Ok(stack);
    }
    let mut seen = Arc::unwrap_or_clone(stack);
    for project in &mut seen.projects {
        project
            .services
            .retain(|service| actor.sees_team(&service.team));
    }
    seen.projects.retain(|project| !project.services.is_empty());
    Ok(Arc::new(seen))
}

/// The same as a list, made once however many ask.
///
/// # Errors
/// As [`stack`].
pub async fn listing(ops: &Ops, actor: &Actor) -> Outcome<Arc<Listing>> {
    if actor.is_confined() {
        return Ok(Arc::new(super::listing::listing(
            &*stack(ops, actor).await?,
        )));
    }
    actor.may(Capability::SeeStack)?;
    Ok(ops.stack.snapshot(ops).await?.listing())
}

/// The same as JSON, made once however many ask: open pages read it every few seconds. What one team alone sees is made
/// for it.
///
/// # Errors
/// As [`stack`].
pub async fn stack_json(ops: &Ops, actor: &Actor) -> Outcome<Arc<[u8]>> {
    if actor.is_confined() {
        let seen = serde_json::to_vec(&*stack(ops, actor).await?);
        return seen
            .map(Arc::from)
            .map_err(|error| Fault::Inside(error.to_string()));
    }
    actor.may(Capability::SeeStack)?;
    ops.stack.snapshot(ops).await?.json()
}

/// Every container of the compose projects as it was last read; for other use-cases, which check the actor themselves.
///
/// # Errors
/// The database failed and nothing was read before.
pub async fn containers(ops: &Ops) -> Outcome<Vec<Container>> {
    let snapshot = ops.stack.snapshot(ops).await?;
    let parts_of_stack = snapshot
        .containers
        .iter()
        .filter(|known| !known.container.oneoff);
    Ok(parts_of_stack
        .map(|known| known.container.clone())
        .collect())
}
