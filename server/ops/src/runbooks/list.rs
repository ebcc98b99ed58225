//! Plans and runs as pages show them.

use store::runbooks::{self, Filter};
use types::{
    Capability, Error,
    runbooks::{Plan, PlanListed, Run, RunListed, RunPhase, Step, StepKind, WouldRestore},
};

use super::{newest::newest, subject};
use crate::{Actor, Ops, Outcome};

/// As many open runs of a plan are shown.
const SHOWN: i64 = 20;

/// The plans, what each can be made for, and their last runs.
///
/// # Errors
/// The actor may not see the stack; the database failed.
pub async fn plans(ops: &Ops, actor: &Actor) -> Outcome<Vec<PlanListed>> {
    let mut told = Vec::new();
    for plan in Plan::ALL {
        let subjects = subject::all(ops, actor, plan).await?;
        let filter = Filter {
            plan: Some(plan),
            teams: actor.is_confined().then_some(actor.teams.as_slice()),
            ..Filter::default()
        };
        let last = |is_rehearsal| Filter {
            is_rehearsal: Some(is_rehearsal),
            ..filter
        };
        let open = Filter {
            is_open: true,
            ..filter
        };
        told.push(PlanListed {
            plan,
            subjects: subjects.iter().map(Into::into).collect(),
            last_run: runbooks::list(&ops.db, last(false), 1).await?.pop(),
            last_rehearsal: runbooks::list(&ops.db, last(true), 1).await?.pop(),
            open: runbooks::list(&ops.db, open, SHOWN).await?,
        });
    }
    Ok(told)
}

/// The stored run, if the actor may see it.
pub(super) async fn stored(ops: &Ops, actor: &Actor, id: i64) -> Outcome<RunListed> {
    actor.may(Capability::SeeStack)?;
    let run = runbooks::get(&ops.db, id).await?;
    run.filter(|run| actor.sees_team(&run.team))
        .ok_or_else(|| Error::not_found("run").into())
}

/// A run with its steps, and the stages of what is under way.
///
/// # Errors
/// There is none that the actor may see; the database failed.
pub async fn run(ops: &Ops, actor: &Actor, id: i64) -> Outcome<Run> {
    let listed = stored(ops, actor, id).await?;
    let mut tx = ops.begin().await?;
    let mut steps = runbooks::steps(&mut tx, id).await?;
    for step in &mut steps {
        let Some(operation) = step.operation else {
            continue;
        };
        if let Some(found) = store::operations::get(&mut tx, operation, 0).await? {
            step.stages = found.stages;
            step.progress = found.progress;
        }
    }
    Ok(Run {
        would_restore: would_restore(ops, &listed, &steps).await?,
        listed,
        steps,
    })
}

/// What restores that are still to come would take. A rehearsal's drill takes the newest backup whatever it is.
async fn would_restore(ops: &Ops, run: &RunListed, steps: &[Step]) -> Outcome<Vec<WouldRestore>> {
    let mut told = Vec::new();
    if run.is_rehearsal || run.phase != RunPhase::Open {
        return Ok(told);
    }
    let to_come = steps
        .iter()
        .filter(|step| step.kind == StepKind::Restore && !step.phase.is_over());
    for step in to_come {
        let Some(set) = step.set else { continue };
        let newest = newest(ops, set).await?;
        let newest = newest.as_ref();
        told.push(WouldRestore {
            place: step.place,
            taken_at: newest.map(|newest| newest.chosen.started_at),
            is_proven: newest.is_some_and(|newest| newest.chosen.proven_at.is_some()),
            newer_at: newest.and_then(|newest| Some(newest.newer.as_ref()?.started_at)),
        });
    }
    Ok(told)
}
