//! Working on what is queued.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use store::operations::{self, Claimed, Lease};
use tokio::{sync::watch, task::JoinSet};
use types::operations::Phase;

use super::at::{At, Ended, Word, tell};
use crate::{Fault, Ops, Outcome};

/// How long an operation belongs to a process that says nothing.
const LEASE: time::Duration = time::Duration::seconds(20);

/// How often the lease is renewed, progress written and a wish to cancel looked for.
const RENEW: Duration = Duration::from_secs(2);

/// How often the queue is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// So many at once in one process: they read disks and networks, of which there is one.
const AT_ONCE: usize = 2;

/// Does an operation of any kind.
pub type Worker = Arc<dyn Fn(At) -> BoxFuture<'static, Result<(), Ended>> + Send + Sync>;

/// Works on what is queued, for ever; outlives a database that goes away. Dropped, it stops what it works on: another
/// process, or the next start, goes on.
pub async fn work(ops: Ops, does: Worker) {
    let worker: i64 = rand::random();
    let mut under_way = JoinSet::new();
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        while under_way.try_join_next().is_some() {}
        while under_way.len() < AT_ONCE {
            match claim(&ops, worker).await {
                Ok(Some(claimed)) => {
                    under_way.spawn(carry_out(ops.clone(), worker, claimed, Arc::clone(&does)));
                }
                Ok(None) => break,
                Err(fault) => {
                    tracing::debug!(error = %fault, "The queue of operations could not be read.");
                    break;
                }
            }
        }
    }
}

/// Does the oldest operation that waits, to its end; false when none does. For the command line, and for tests.
pub async fn do_next(ops: &Ops, does: &Worker) -> bool {
    let worker: i64 = rand::random();
    match claim(ops, worker).await {
        Ok(Some(claimed)) => {
            carry_out(ops.clone(), worker, claimed, Arc::clone(does)).await;
            true
        }
        Ok(None) => false,
        Err(fault) => {
            tracing::warn!(error = %fault, "The queue of operations could not be read.");
            false
        }
    }
}

/// Takes the oldest operation that waits, or whose worker is gone.
pub(super) async fn claim(ops: &Ops, worker: i64) -> Outcome<Option<Claimed>> {
    let now = ops.clock.now();
    Ok(operations::claim(&ops.db, worker, now, now + LEASE).await?)
}

/// Does one operation to its end, and writes down how it ended.
pub(super) async fn carry_out(ops: Ops, worker: i64, claimed: Claimed, does: Worker) {
    let id = claimed.id;
    tracing::info!(
        operation = id,
        kind = claimed.kind.as_str(),
        target = claimed.target,
        attempt = claimed.attempts,
        "An operation begins."
    );
    let (word, heard) = watch::channel(Word::GoOn);
    let at = At {
        ops: ops.clone(),
        worker,
        claimed: Arc::new(claimed),
        word: heard,
        progress: Arc::default(),
    };
    let progress = Arc::clone(&at.progress);
    let doing = AssertUnwindSafe(does(at)).catch_unwind();
    let ended = tokio::select! {
        ended = doing => ended.unwrap_or_else(|_panic| {
            Err(Ended::Failed("Something went wrong in the console; its log has the detail.".to_owned()))
        }),
        never = renew(&ops, id, worker, &progress, &word) => match never {},
    };
    let (phase, failure) = match ended {
        Ok(()) => (Phase::Succeeded, None),
        Err(Ended::Cancelled) => (Phase::Cancelled, None),
        Err(Ended::Failed(why)) => (Phase::Failed, Some(why)),
        Err(Ended::Lost) => {
            tracing::warn!(operation = id, "An operation is no longer this console's.");
            return;
        }
    };
    tracing::info!(
        operation = id,
        phase = phase.as_str(),
        failure,
        "An operation ended."
    );
    finish(&ops, id, worker, phase, failure.as_deref()).await;
}

/// Renews the lease for as long as it is polled. A database that is away is asked again; if it was away for longer than the
/// lease and another process took over, that is heard then.
async fn renew(
    ops: &Ops,
    id: i64,
    worker: i64,
    progress: &Mutex<Option<types::operations::Progress>>,
    word: &watch::Sender<Word>,
) -> std::convert::Infallible {
    let mut told = None;
    loop {
        tokio::time::sleep(RENEW).await;
        let now = *progress.lock().unwrap_or_else(PoisonError::into_inner);
        let until = ops.clock.now() + LEASE;
        match operations::renew(&ops.db, id, worker, until, now).await {
            Ok(Lease::Held) => {}
            Ok(Lease::Cancelling) => drop(word.send(Word::Cancel)),
            Ok(Lease::Lost) => drop(word.send(Word::Lost)),
            Err(error) => {
                tracing::warn!(operation = id, error = %error, "An operation's lease could not be renewed; it goes on.");
            }
        }
        if told != now {
            told = now;
            tell(ops, id).await;
        }
    }
}

/// Writes down the end; a database that is away is waited for, within reason.
async fn finish(ops: &Ops, id: i64, worker: i64, phase: Phase, failure: Option<&str>) {
    for wait_s in [0, 1, 2, 4, 8, 16, 30, 30, 30] {
        tokio::time::sleep(Duration::from_secs(wait_s)).await;
        let written: Outcome<bool> = async {
            let mut tx = ops.begin().await?;
            let now = ops.clock.now();
            let held = operations::finish(&mut tx, id, worker, phase, failure, now).await?;
            Ops::commit(tx).await?;
            Ok(held)
        }
        .await;
        match written {
            Ok(_) => return tell(ops, id).await,
            Err(Fault::Store(error)) if error.is_unavailable() => {}
            Err(fault) => {
                tracing::error!(operation = id, error = %fault, "The end of an operation was not stored.");
                return;
            }
        }
    }
    tracing::error!(
        operation = id,
        "The end of an operation was not stored: the database is away. It is looked at anew."
    );
}
