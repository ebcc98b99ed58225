//! What is due, and who does it.

use std::sync::Arc;

use futures::FutureExt;
use store::backups::{sets, targets};
use time::Duration;
use types::operations::Kind;

use super::{discover as finding, drill, list, restore, schedule::Schedule, take, verify};
use crate::{
    Actor, Ops, Outcome,
    operations::{At, Worker},
    runbooks,
};

/// A drill of each set every week.
const DRILL_EVERY: Duration = Duration::days(7);

/// Does operations of backups, and of runbooks.
pub fn worker() -> Worker {
    Arc::new(|at: At| {
        async move {
            match at.claimed().kind {
                Kind::Backup => Box::pin(take::take(at)).await,
                Kind::Verify => Box::pin(verify::run(at)).await,
                Kind::Restore => Box::pin(restore::run(at)).await,
                Kind::Undo => Box::pin(restore::run_undo(at)).await,
                Kind::Drill => Box::pin(drill::run(at)).await,
                Kind::Runbook => Box::pin(runbooks::work(at)).await,
            }
        }
        .boxed()
    })
}

/// Removes files that were on their way when an earlier console of this machine ended. To be called before any operation is
/// done.
pub fn sweep(ops: &Ops) {
    if let Err(error) = backup::sweep(&ops.backups.spool()) {
        tracing::warn!(
            error = error.message,
            "Files of an earlier backup stay on their way."
        );
    }
}

/// Puts in the queue what is due, each once over all consoles: backups by their schedules (one that was missed once, however
/// often it was), drills, and checks of the targets.
///
/// # Errors
/// The database failed.
pub async fn ask_what_is_due(ops: &Ops) -> Outcome<()> {
    ask_backups(ops).await?;
    ask_drills(ops).await?;
    ask_checks(ops).await?;
    restore::discard_old(ops).await
}

/// Finds what of the stack wants a set.
///
/// # Errors
/// The database failed.
pub async fn discover(ops: &Ops) -> Outcome<()> {
    finding::discover(ops).await
}

async fn ask_backups(ops: &Ops) -> Outcome<()> {
    let now = ops.clock.now();
    loop {
        let mut tx = ops.begin().await?;
        let Some(id) = sets::due(&mut tx, now).await? else {
            return Ok(());
        };
        if let Some(set) = sets::get(&mut *tx, id).await? {
            let settings = &set.settings;
            let schedule = Schedule::parse(&settings.schedule, &settings.time_zone).ok();
            let next = schedule.and_then(|schedule| schedule.next(now));
            sets::set_next_run(&mut tx, id, next).await?;
            // What runs already takes the place of this run.
            if is_free(&mut tx, &list::subject(id)).await? {
                take::ask(&mut tx, ops, &Actor::system(), &set).await?;
            }
        }
        Ops::commit(tx).await?;
    }
}

async fn ask_drills(ops: &Ops) -> Outcome<()> {
    let now = ops.clock.now();
    let mut tx = ops.begin().await?;
    let Some(id) = sets::due_drill(&mut tx, now).await? else {
        return Ok(());
    };
    let Some(set) = sets::get(&mut *tx, id).await? else {
        return Ok(());
    };
    if is_free(&mut tx, &list::subject(id)).await? {
        sets::set_next_drill(&mut tx, id, now + DRILL_EVERY).await?;
        drill::ask(&mut tx, ops, &Actor::system(), &set).await?;
    }
    Ops::commit(tx).await
}

async fn ask_checks(ops: &Ops) -> Outcome<()> {
    let now = ops.clock.now();
    for target in targets::list(&ops.db).await? {
        let Some(is_whole) = verify::is_due(&target, now) else {
            continue;
        };
        let mut tx = ops.begin().await?;
        if targets::claim_check(&mut tx, target.id, now, now - verify::AGAIN).await?
            && is_free(&mut tx, &verify::subject(target.id)).await?
        {
            let system = Actor::system();
            verify::ask(&mut tx, ops, &system, target.id, &target.name, is_whole).await?;
            Ops::commit(tx).await?;
        }
    }
    Ok(())
}

/// Nothing is under way on it.
async fn is_free(tx: &mut store::PgConnection, subject: &str) -> Outcome<bool> {
    Ok(store::operations::under_way(tx, subject).await?.is_none())
}
