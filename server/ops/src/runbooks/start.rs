//! A run begins.

use serde_json::json;
use store::{
    StoreError,
    runbooks::{self, NewRun},
};
use types::{Error, live::Topic, runbooks::Plan};

use super::{
    permit::allowed,
    steps,
    subject::{self, Of},
};
use crate::{
    Actor, Fault, Ops, Outcome,
    audit::{self, Entry},
};

/// Begins a run of a plan; gives its number. `of` is one of its subjects, `typed` its name, typed to confirm. A rehearsal of
/// the plan that is open in the project makes way.
///
/// # Errors
/// There is no such subject; the actor may not restore it, or has not proved their password; the name is not the subject's; a
/// run of the plan is open in the project; the database failed.
pub async fn start(ops: &Ops, actor: &Actor, plan: Plan, of: &str, typed: &str) -> Outcome<i64> {
    const ACTION: &str = "runbook.start";
    let of = subject::find(ops, actor, plan, of).await?;
    let target = format!("{} of {}", plan.title(), of.name);
    let check =
        allowed(actor, plan, &of.team).and_then(|()| actor.must_have_proved(ops.clock.now()));
    audit::permit(ops, actor, ACTION, &target, Some(&of.team), check).await?;
    if typed.trim() != of.name {
        return Err(Error::field("typed_name", format!("Type {} to confirm.", of.name)).into());
    }
    begin(ops, actor, ACTION, plan, &of, false).await
}

/// Begins a rehearsal of a plan, which changes nothing of the platform; gives its number.
///
/// # Errors
/// As [`start`], but for name and proof.
pub async fn rehearse(ops: &Ops, actor: &Actor, plan: Plan, of: &str) -> Outcome<i64> {
    const ACTION: &str = "runbook.rehearse";
    let of = subject::find(ops, actor, plan, of).await?;
    let target = format!("{} of {}", plan.title(), of.name);
    let check = allowed(actor, plan, &of.team);
    audit::permit(ops, actor, ACTION, &target, Some(&of.team), check).await?;
    begin(ops, actor, ACTION, plan, &of, true).await
}

async fn begin(
    ops: &Ops,
    actor: &Actor,
    action: &str,
    plan: Plan,
    of: &Of,
    is_rehearsal: bool,
) -> Outcome<i64> {
    let now = ops.clock.now();
    let steps = steps(plan, of);
    let run = NewRun {
        plan,
        project: &of.project,
        subject: &of.name,
        team: &of.team,
        is_rehearsal,
        rto_s: of.rto_s,
        started_by: &actor.name,
    };
    let mut tx = ops.begin().await?;
    if !is_rehearsal
        && let Some(open) = runbooks::open_rehearsal(&mut *tx, plan, &of.project).await?
    {
        let reason = "The plan was needed in earnest.";
        runbooks::abandon(&mut *tx, open, &actor.name, reason, now).await?;
    }
    let id = runbooks::insert(&mut tx, &run, &steps, now)
        .await
        .map_err(|error| refused(error, plan, of))?;
    let target = format!("{} of {}", plan.title(), of.name);
    let entry = Entry::done(action, &target)
        .of_team(&of.team)
        .with(json!({ "run": id, "steps": steps.len(), "rto_s": of.rto_s }));
    audit::record(&mut tx, ops, actor, entry).await?;
    store::changes::publish(&mut tx, Topic::Backups, "").await?;
    Ops::commit(tx).await?;
    Ok(id)
}

fn refused(error: StoreError, plan: Plan, of: &Of) -> Fault {
    match error.constraint() {
        Some(runbooks::ONE_OPEN) => Error::conflict(format!(
            "A run of {} is open for {} already. Go on with it, or end it first.",
            plan.title(),
            if of.project.is_empty() {
                "what is of no project"
            } else {
                &of.project
            }
        ))
        .into(),
        _ => error.into(),
    }
}
