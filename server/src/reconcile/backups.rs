//! Takes backups, reads them back, proves and forgets them as they are due, and does what people ask for; in one console of
//! those that share a database, for folders and repositories are on its machine. An operation that was under way when a
//! console ended is gone on with by the next one.

use std::time::{Duration, Instant};

use ops::{Ops, Outcome, backups, operations, runbooks};
use store::leader::Loop;
use tokio::{sync::broadcast::error::RecvError, time::MissedTickBehavior};
use types::live::Topic;

use super::lead::lead;

/// How often it is looked for what is due.
const LOOK: Duration = Duration::from_secs(5);

/// How often it is looked what became of steps of runbooks where nothing is heard.
const FOLLOW: Duration = Duration::from_secs(20);

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
            () = follow(&ops) => {}
        }
    };
    lead(ops, Loop::Backups, "takes the backups", work).await;
}

/// Writes down what became of steps of runbooks, for ever: whenever an operation is heard of, and now and then.
async fn follow(ops: &Ops) {
    let mut heard = ops.live.subscribe();
    let mut ticks = tokio::time::interval(FOLLOW);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            told = heard.recv() => match told {
                Ok(change) if change.topic != Topic::Operations => continue,
                Err(RecvError::Closed) => {
                    ticks.tick().await;
                }
                _ => {}
            },
        }
        // A database that is away is told of by those who look for what is due.
        if let Err(fault) = runbooks::follow(ops).await {
            tracing::debug!(error = %fault, "What became of steps of runbooks could not be written down.");
        }
    }
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
