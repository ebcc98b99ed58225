//! Loops of which one console of those that share a database runs each.

use std::time::Duration;

use ops::Ops;
use store::leader::{self, Leadership, Loop};

/// How soon another console takes over, and how often this one makes sure that it leads.
const EVERY: Duration = Duration::from_secs(2);

/// Does `work` whenever no other console does, for ever; outlives a database that goes away. `does` is what it is, such as
/// `reads the Docker Engine`. The work is dropped when the lock is lost.
pub async fn lead<F: Future<Output = ()>>(
    ops: Ops,
    which: Loop,
    does: &'static str,
    work: impl Fn(Ops) -> F,
) {
    let mut was_told = false;
    loop {
        match leader::lead(&ops.db, which).await {
            Ok(Some(leadership)) => {
                was_told = false;
                tracing::info!("This console {does}.");
                tokio::select! {
                    () = work(ops.clone()) => {}
                    () = until_lost(leadership) => {
                        tracing::warn!("This console no longer {does}: its lock is lost.");
                    }
                }
            }
            Ok(None) => was_told = false,
            // Once an outage: this is asked every two seconds.
            Err(error) if !was_told => {
                was_told = true;
                tracing::warn!(error = %error, "Which console {does} is agreed when the database is back.");
            }
            Err(_) => {}
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn until_lost(mut leadership: Leadership) {
    loop {
        tokio::time::sleep(EVERY).await;
        if leadership.confirm().await.is_err() {
            return;
        }
    }
}
