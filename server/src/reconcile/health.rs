//! Runs the checks every 30 seconds, in one console of those that share a database.

use ops::{Ops, health};
use store::leader::{self, Leadership, Loop};
use tokio::time::{MissedTickBehavior, interval};

/// Checks for ever; outlives a database that goes away.
pub async fn run(ops: Ops) {
    let mut ticks = interval(health::EVERY);
    // After a pause one round is enough.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut lock: Option<Leadership> = None;
    loop {
        ticks.tick().await;
        lock = match lead(&ops, lock).await {
            Ok(lock) => lock,
            Err(error) => {
                tracing::warn!(error = %error, "Checks wait for the database.");
                None
            }
        };
        if lock.is_none() {
            continue;
        }
        if let Err(fault) = health::run_checks(&ops).await {
            tracing::warn!(error = %fault, "A round of checks was not stored; the next one follows.");
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
