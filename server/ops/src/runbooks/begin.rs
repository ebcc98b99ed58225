//! A step that the console does is begun: its operation is asked for.

use store::{
    backups::sets,
    runbooks::{self, Move},
};
use types::{
    Error,
    backups::Wish,
    live::Topic,
    operations::Kind,
    runbooks::{Act, RunListed, Step, StepKind, StepPhase},
};

use super::{
    act::{WAITING, moved},
    newest::newest,
    work::{Request, stage},
};
use crate::{
    Actor, Fault, Ops, Outcome, backups,
    operations::{self, Asked},
};

/// Begins a step, the first time or again.
///
/// # Errors
/// It is a person's step, or not its turn; the actor may not do what it does; the database failed. What keeps it from
/// being begun otherwise is told with the step, which has failed then.
pub(super) async fn begin(ops: &Ops, actor: &Actor, run: &RunListed, step: &Step) -> Outcome<()> {
    match step.kind {
        StepKind::Person => Err(Error::conflict(
            "A person does this step: set its check mark when it is done.",
        )
        .into()),
        StepKind::Restore => restore(ops, actor, run, step).await,
        _ => own(ops, actor, run, step).await,
    }
}

const fn begins(by: &str) -> Move<'_> {
    Move {
        from: &WAITING,
        to: StepPhase::Running,
        by: Some(by),
        note: None,
        detail: Some(""),
    }
}

/// An operation of the runbook's own.
async fn own(ops: &Ops, actor: &Actor, run: &RunListed, step: &Step) -> Outcome<()> {
    let asked = Asked {
        kind: Kind::Runbook,
        subject: &format!("runbook {}", run.id),
        target: &format!("{} of {}: {}", run.plan.title(), run.subject, step.title),
        team: &run.team,
        request: serde_json::json!(Request {
            run: run.id,
            kind: step.kind,
            service: step.service.clone(),
        }),
        stages: &[stage(step.kind)],
    };
    let mut tx = ops.begin().await?;
    moved(
        &mut tx,
        ops,
        actor,
        run,
        step,
        Act::Begin,
        begins(&actor.name),
    )
    .await?;
    let operation = operations::enqueue(&mut tx, ops, actor, &asked).await?;
    runbooks::link(&mut *tx, run.id, step.place, operation).await?;
    Ops::commit(tx).await
}

/// A restore, or in a rehearsal a drill: an operation of the backups'. The step is taken first, so that of two people one
/// begins it.
async fn restore(ops: &Ops, actor: &Actor, run: &RunListed, step: &Step) -> Outcome<()> {
    let mut tx = ops.begin().await?;
    moved(
        &mut tx,
        ops,
        actor,
        run,
        step,
        Act::Begin,
        begins(&actor.name),
    )
    .await?;
    Ops::commit(tx).await?;
    match ask(ops, actor, run, step).await {
        Ok(operation) => {
            let mut tx = ops.begin().await?;
            runbooks::link(&mut *tx, run.id, step.place, operation).await?;
            store::changes::publish(&mut tx, Topic::Backups, "").await?;
            Ops::commit(tx).await
        }
        Err(Fault::Told(error @ (Error::Conflict { .. } | Error::NotFound { .. }))) => {
            leave(ops, run, step, StepPhase::Failed, Some(&error.to_string())).await
        }
        Err(fault) => {
            leave(ops, run, step, step.phase, Some(&step.detail)).await?;
            Err(fault)
        }
    }
}

async fn ask(ops: &Ops, actor: &Actor, run: &RunListed, step: &Step) -> Outcome<i64> {
    let id = step.set.ok_or_else(|| Error::not_found("backup set"))?;
    if run.is_rehearsal {
        return backups::drill(ops, actor, id).await;
    }
    let set = sets::get(&ops.db, id)
        .await?
        .ok_or_else(|| Error::not_found("backup set"))?;
    let newest = newest(ops, id).await?.ok_or_else(|| {
        Error::conflict(
            "It has no backup that can be relied upon: none was read back from its repository.",
        )
    })?;
    // The name was typed when the run was begun.
    let wish = Wish::default();
    backups::restore(ops, actor, newest.chosen.id, &set.settings.name, &wish).await
}

/// Leaves a step that was taken and could not be begun.
async fn leave(
    ops: &Ops,
    run: &RunListed,
    step: &Step,
    to: StepPhase,
    detail: Option<&str>,
) -> Outcome<()> {
    let back = Move {
        from: &[StepPhase::Running],
        to,
        by: None,
        note: None,
        detail,
    };
    let mut tx = ops.begin().await?;
    runbooks::move_step(&mut *tx, run.id, step.place, back, ops.clock.now()).await?;
    store::changes::publish(&mut tx, Topic::Backups, "").await?;
    Ops::commit(tx).await
}
