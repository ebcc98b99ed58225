//! Forgets what has had its time: changes that no page can resume from any more.

use std::time::Duration;

use ops::Ops;
use store::changes;

/// How long an event stream can resume from where it was cut.
const CHANGES_KEPT: time::Duration = time::Duration::hours(1);

/// Tidies once a minute, for ever.
pub async fn run(ops: Ops) {
    let mut ticks = tokio::time::interval(Duration::from_mins(1));
    loop {
        ticks.tick().await;
        if let Err(error) = changes::forget(&ops.db, ops.clock.now() - CHANGES_KEPT).await {
            tracing::debug!(error = %error, "Old changes were not forgotten; the next minute tries again.");
        }
        if let Err(fault) = ops::audit::sum_up(&ops).await {
            tracing::debug!(error = %fault, "How many refusals were left out is not in the audit log.");
        }
        if let Err(fault) = ops::identity::forget::forget(&ops).await {
            tracing::debug!(error = %fault, "Old sessions were not forgotten; the next minute tries again.");
        }
    }
}
