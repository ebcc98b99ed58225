//! Takes backups, reads them back, proves and forgets them as they are due, and does what people ask for; in one console of
//! those that share a database, for folders and repositories are on its machine. An operation that was under way when a
//! console ended is gone on with by the next one.

use std::time::{Duration, Instant};

use ops::{Ops, Outcome, backups, operations};
use store::leader::Loop;
use tokio::time::MissedTickBehavior;

use super::lead::lead;

/// How often it is looked for what is due.
const LOOK: Duration = Duration::from_secs(5);

/// How often it is looked for what of the stack wants a set: at first, while the stack is still being read, and later.
const FIND_AT_FIRST: Duration = Duration::from_secs(5);
const FIND: Duration = Duration::from_mins(1);
const AT_FIRST: Duration = Duration::from_mins(2);

/// How often operations that ended long ago are forgotten.
const TIDY: Duration = Duration::from_hours(1);

/// Leads whenever no other console does, for ever; outlives a database that goes away.
pub async fn run(ops: Ops) {
    let work = |ops: Ops| async move {
        backups::sweep(&ops);
        tokio::select! {
            () = operations::work(ops.clone(), backups::worker()) => {}
            () = look(&ops) => {}
        }
    };
    lead(ops, Loop::Backups, "takes the backups", work).await;
}

/// Puts in the queue what is due, for ever.
async fn look(ops: &Ops) {
    let began = Instant::now();
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut found, mut tidied) = (None::<Instant>, None::<Instant>);
    let mut was_told = false;
    loop {
        ticks.tick().await;
        let find_every = if began.elapsed() < AT_FIRST {
            FIND_AT_FIRST
        } else {
            FIND
        };
        let finds = found.is_none_or(|at| at.elapsed() >= find_every);
        let is_tidy_due = tidied.is_none_or(|at| at.elapsed() >= TIDY);
        match turn(ops, finds, is_tidy_due).await {
            Ok(()) => was_told = false,
            // Once an outage.
            Err(fault) if !was_told => {
                was_told = true;
                tracing::warn!(error = %fault, "What is due of the backups could not be looked for; it is tried again.");
            }
            Err(_) => {}
        }
        if finds {
            found = Some(Instant::now());
        }
        if is_tidy_due {
            tidied = Some(Instant::now());
        }
    }
}

async fn turn(ops: &Ops, finds: bool, tidies: bool) -> Outcome<()> {
    if finds {
        backups::discover(ops).await?;
    }
    backups::ask_what_is_due(ops).await?;
    if tidies {
        operations::forget(ops).await?;
    }
    Ok(())
}
