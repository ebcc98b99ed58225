//! Runs the checks every 30 seconds and soon after a service has changed, in one console of those that share a database;
//! each looks at its own machine.

use std::time::Duration;

use ops::{Ops, health, preflight};
use store::leader::{self, Leadership, Loop};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};
use types::live::{Change, Topic};

/// What belongs together, such as an end and the next start, happens within this.
const SETTLE: Duration = Duration::from_secs(1);

/// A round is brought forward no sooner than this after the one before.
const APART: Duration = Duration::from_secs(5);

/// Checks for ever; outlives a database that goes away.
pub async fn run(ops: Ops) {
    let mut ticks = interval(health::EVERY);
    // After a pause one round is enough.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut lock = None;
    let mut heard = ops.live.subscribe();
    let mut last = Instant::now();
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = brought_forward(&mut heard, last), if lock.is_some() => ticks.reset(),
        }
        lock = turn(&ops, lock).await;
        last = Instant::now();
        // A database that is away was told of just now.
        let _ = preflight::watch(&ops).await;
    }
}

/// Until the checks are to run early, since a service or the engine has changed. `last` is when they ran.
async fn brought_forward(heard: &mut Receiver<Change>, last: Instant) {
    has_changed(heard).await;
    sleep_until((Instant::now() + SETTLE).max(last + APART)).await;
    // The round that follows sees what changed meanwhile.
    *heard = heard.resubscribe();
}

async fn has_changed(heard: &mut Receiver<Change>) {
    loop {
        match heard.recv().await {
            Ok(change) if change.topic == Topic::Deployment => return,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// One turn: a round of checks if this console leads or can lead. Gives back the lock that it holds then.
async fn turn(ops: &Ops, lock: Option<Leadership>) -> Option<Leadership> {
    match lead(ops, lock).await {
        Ok(Some(lock)) => {
            if let Err(fault) = health::run_checks(ops).await {
                tracing::warn!(error = %fault, "A round of checks was not stored; the next one follows.");
            }
            Some(lock)
        }
        Ok(None) => None,
        Err(error) => {
            tracing::warn!(error = %error, "Checks wait for the database.");
            None
        }
    }
}

async fn lead(
    ops: &Ops,
    lock: Option<Leadership>,
) -> Result<Option<Leadership>, store::StoreError> {
    match lock {
        Some(mut held) => {
            held.confirm().await?;
            Ok(Some(held))
        }
        None => leader::lead(&ops.db, Loop::Health).await,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use std::sync::Arc;

    use sqlx::PgPool;
    use tokio::{sync::broadcast, time::timeout};

    use super::*;
    use crate::adapters::SystemClock;

    async fn rounds(db: &PgPool) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM change WHERE topic = 'health'")
            .fetch_one(db)
            .await
            .unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_of_a_service_brings_one_round_forward() {
        let (tell, mut heard) = broadcast::channel(16);
        let changes = |topic| {
            let key = "demo/redis".to_owned();
            tell.send(Change { id: 1, topic, key }).unwrap();
        };
        let while_idle = Duration::from_mins(1);
        let begun = Instant::now();
        changes(Topic::Usage);
        let early = timeout(while_idle, brought_forward(&mut heard, begun));
        assert!(early.await.is_err(), "figures bring nothing forward");

        let before = Instant::now();
        for _ in 0..3 {
            changes(Topic::Deployment);
        }
        brought_forward(&mut heard, begun).await;
        let last = Instant::now();
        assert!(last - before >= SETTLE && last - before < APART);
        let early = timeout(while_idle, brought_forward(&mut heard, last));
        assert!(early.await.is_err(), "the other changes came with it");

        let last = Instant::now();
        changes(Topic::Deployment);
        brought_forward(&mut heard, last).await;
        assert!(last.elapsed() >= APART, "rounds keep apart");
    }

    #[sqlx::test(migrations = "../migrations")]
    async fn of_two_consoles_one_checks_and_the_other_takes_over(db: PgPool) {
        let console = || Ops::new(db.clone(), Arc::new(SystemClock));
        let (one, other) = (console(), console());
        let leads = turn(&one, None).await.unwrap();
        assert_eq!(rounds(&db).await, 1);
        assert!(turn(&other, None).await.is_none());
        assert_eq!(rounds(&db).await, 1, "the other one waits");
        let leads = turn(&one, Some(leads)).await.unwrap();
        assert_eq!(rounds(&db).await, 2);
        leads.resign().await.unwrap();
        let mut taken = None;
        while taken.is_none() {
            // The server frees the lock just after the connection closed.
            tokio::task::yield_now().await;
            taken = turn(&other, None).await;
        }
        assert_eq!(rounds(&db).await, 3);
    }
}
