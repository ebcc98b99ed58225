//! What people do with the step whose turn it is.

use serde_json::json;
use store::runbooks::{self, Move};
use types::{
    Error,
    live::Topic,
    runbooks::{Act, RunListed, RunPhase, Step, StepKind, StepPhase},
};

use super::{
    begin::begin,
    follow::follow_in,
    list::stored,
    note::{note, reason},
    permit::{permit, target},
};
use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
};

/// The phases out of which a step is begun, set done or skipped.
pub(super) const WAITING: [StepPhase; 2] = [StepPhase::Pending, StepPhase::Failed];

/// Begins a step, sets its check mark, or skips it. `text` is the note of a check mark, or the reason of a skip.
///
/// # Errors
/// There is no such run or step; the actor may not carry it out, or has not proved their password where the step changes
/// something; the text is refused; it is not the step's turn; the database failed.
pub async fn act(
    ops: &Ops,
    actor: &Actor,
    id: i64,
    place: i16,
    act: Act,
    text: &str,
) -> Outcome<()> {
    let run = stored(ops, actor, id).await?;
    let mut tx = ops.begin().await?;
    let steps = runbooks::steps(&mut tx, id).await?;
    drop(tx);
    let step = steps
        .into_iter()
        .find(|step| step.place == place)
        .ok_or_else(|| Error::not_found("step"))?;
    let needs_proof = act == Act::Begin && step.kind.changes() && !run.is_rehearsal;
    permit(ops, actor, action(act), &run, needs_proof).await?;
    match act {
        Act::Begin => begin(ops, actor, &run, &step).await,
        Act::Check => check(ops, actor, &run, &step, &note("note", text)?).await,
        Act::Skip => skip(ops, actor, &run, &step, &reason("note", text)?).await,
    }
}

pub(super) const fn action(act: Act) -> &'static str {
    match act {
        Act::Begin => "runbook.step",
        Act::Check => "runbook.check",
        Act::Skip => "runbook.skip",
    }
}

async fn check(ops: &Ops, actor: &Actor, run: &RunListed, step: &Step, note: &str) -> Outcome<()> {
    if step.kind != StepKind::Person {
        return Err(Error::conflict("The console does this step: begin it, or skip it.").into());
    }
    let to = Move {
        from: &WAITING,
        to: StepPhase::Done,
        by: Some(&actor.name),
        note: Some(note),
        detail: None,
    };
    end(ops, actor, run, step, Act::Check, to).await
}

async fn skip(ops: &Ops, actor: &Actor, run: &RunListed, step: &Step, why: &str) -> Outcome<()> {
    let to = Move {
        from: &WAITING,
        to: StepPhase::Skipped,
        by: Some(&actor.name),
        note: Some(why),
        detail: None,
    };
    end(ops, actor, run, step, Act::Skip, to).await
}

async fn end(
    ops: &Ops,
    actor: &Actor,
    run: &RunListed,
    step: &Step,
    act: Act,
    to: Move<'_>,
) -> Outcome<()> {
    let mut tx = ops.begin().await?;
    moved(&mut tx, ops, actor, run, step, act, to).await?;
    follow_in(&mut tx, ops).await?;
    Ops::commit(tx).await
}

/// Moves the step whose turn it is, and records that.
///
/// # Errors
/// The run is over; it is not the step's turn, or somebody else was quicker; the database failed.
pub(super) async fn moved(
    tx: &mut store::PgConnection,
    ops: &Ops,
    actor: &Actor,
    run: &RunListed,
    step: &Step,
    act: Act,
    to: Move<'_>,
) -> Outcome<()> {
    let now = ops.clock.now();
    let held = runbooks::lock(tx, run.id).await?;
    if held.is_none_or(|held| held.phase != RunPhase::Open) {
        return Err(Error::conflict("The run is over.").into());
    }
    if !runbooks::move_step(&mut *tx, run.id, step.place, to, now).await? {
        return Err(Error::conflict(
            "It is not this step's turn, or somebody was quicker. The page shows how it stands.",
        )
        .into());
    }
    let target = target(run);
    let detail = json!({
        "step": step.place,
        "title": step.title,
        "text": to.note,
        "rehearsal": run.is_rehearsal,
    });
    let entry = Entry::done(action(act), &target)
        .of_team(&run.team)
        .with(detail);
    audit::record(tx, ops, actor, entry).await?;
    store::changes::publish(tx, Topic::Backups, "").await?;
    Ok(())
}
