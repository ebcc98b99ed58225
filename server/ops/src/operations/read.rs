//! What pages and the API see of operations, and asking for the end of one.

use types::{
    Capability, Error,
    live::Topic,
    operations::{Kind, Operation},
};

use super::{KEPT, LINES};
use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
};

/// An operation with its stages and the end of its log.
///
/// # Errors
/// The actor may not see it; there is none; the database failed.
pub async fn get(ops: &Ops, actor: &Actor, id: i64) -> Outcome<Operation> {
    actor.may(Capability::SeeStack)?;
    let mut tx = ops.begin().await?;
    let operation = store::operations::get(&mut tx, id, LINES).await?;
    operation
        .filter(|operation| actor.sees_team(&operation.team))
        .ok_or_else(|| Error::not_found("operation").into())
}

/// Asks for the end of an operation. What it changed is undone; one that can't stop any more goes on to its end.
///
/// # Errors
/// The actor may not do what the operation does; there is none; it is over.
pub async fn cancel(ops: &Ops, actor: &Actor, id: i64) -> Outcome<()> {
    const ACTION: &str = "operation.cancel";
    let operation = get(ops, actor, id).await?;
    let needs = match operation.kind {
        Kind::Restore | Kind::Undo | Kind::Runbook => Capability::Restore,
        _ => Capability::TakeBackups,
    };
    let target = format!("operation {id}: {}", operation.target);
    let team = Some(operation.team.as_str());
    let allowed = actor.may_for_team(needs, &operation.team, false);
    audit::permit(ops, actor, ACTION, &target, team, allowed).await?;
    let mut tx = ops.begin().await?;
    if store::operations::cancel(&mut *tx, id, ops.clock.now())
        .await?
        .is_none()
    {
        return Err(Error::conflict("It is over already.").into());
    }
    store::changes::publish(&mut tx, Topic::Operations, &id.to_string()).await?;
    let entry = Entry::done(ACTION, &target).of_team(&operation.team);
    audit::record(&mut tx, ops, actor, entry).await?;
    Ops::commit(tx).await
}

/// Forgets operations that ended long ago.
///
/// # Errors
/// The database failed.
pub async fn forget(ops: &Ops) -> Outcome<()> {
    store::operations::forget(&ops.db, ops.clock.now() - KEPT).await?;
    Ok(())
}
