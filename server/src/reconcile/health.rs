//! Runs the checks every 30 seconds, in one console of those that share a database; each looks at its own machine.

use ops::{Ops, health, preflight};
use store::leader::{self, Leadership, Loop};
use tokio::time::{MissedTickBehavior, interval};

/// Checks for ever; outlives a database that goes away.
pub async fn run(ops: Ops) {
    let mut ticks = interval(health::EVERY);
    // After a pause one round is enough.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut lock = None;
    loop {
        ticks.tick().await;
        lock = turn(&ops, lock).await;
        // A database that is away was told of just now.
        let _ = preflight::watch(&ops).await;
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

    use super::*;
    use crate::adapters::SystemClock;

    async fn rounds(db: &PgPool) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM change WHERE topic = 'health'")
            .fetch_one(db)
            .await
            .unwrap()
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
