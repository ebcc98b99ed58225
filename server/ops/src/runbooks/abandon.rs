//! A run is given up.

use serde_json::json;
use store::runbooks;
use types::{Error, live::Topic, runbooks::StepPhase};

use super::{
    list::stored,
    note::reason,
    permit::{permit, target},
};
use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
};

/// Gives a run up. What its steps have done stays as it is.
///
/// # Errors
/// There is no such run; the actor may not carry it out; there is no reason; it is over; a step of it is under way; the
/// database failed.
pub async fn abandon(ops: &Ops, actor: &Actor, id: i64, why: &str) -> Outcome<()> {
    const ACTION: &str = "runbook.abandon";
    let run = stored(ops, actor, id).await?;
    permit(ops, actor, ACTION, &run, false).await?;
    let why = reason("reason", why)?;
    let now = ops.clock.now();
    let mut tx = ops.begin().await?;
    runbooks::lock(&mut tx, id).await?;
    let steps = runbooks::steps(&mut tx, id).await?;
    if steps.iter().any(|step| step.phase == StepPhase::Running) {
        return Err(Error::conflict(
            "A step is under way: wait for its end, or cancel its operation first.",
        )
        .into());
    }
    if !runbooks::abandon(&mut *tx, id, &actor.name, &why, now).await? {
        return Err(Error::conflict("It is over already.").into());
    }
    let target = target(&run);
    let entry = Entry::done(ACTION, &target)
        .of_team(&run.team)
        .with(json!({ "reason": why }));
    audit::record(&mut tx, ops, actor, entry).await?;
    store::changes::publish(&mut tx, Topic::Backups, "").await?;
    Ops::commit(tx).await
}
