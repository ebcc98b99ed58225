//! Follows the Docker Engine and measures its containers, in one console of those that share a database. The others
//! read what it stores.

use std::time::Duration;

use ops::{Ops, deployment};
use store::leader::{self, Leadership, Loop};

/// How soon another console takes over, and how often this one makes sure that it leads.
const EVERY: Duration = Duration::from_secs(2);

/// Leads whenever no other console does, for ever; outlives a database that goes away.
pub async fn run(ops: Ops) {
    let mut was_told = false;
    loop {
        match leader::lead(&ops.db, Loop::Deployment).await {
            Ok(Some(leadership)) => {
                was_told = false;
                lead(&ops, leadership).await;
            }
            Ok(None) => was_told = false,
            // Once an outage: this is asked every two seconds.
            Err(error) if !was_told => {
                was_told = true;
                tracing::warn!(error = %error, "Reading the Docker Engine waits for the database.");
            }
            Err(_) => {}
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Watches and measures until the lock is lost.
async fn lead(ops: &Ops, leadership: Leadership) {
    tracing::info!("This console reads the Docker Engine.");
    tokio::select! {
        () = deployment::watch(ops) => {}
        () = deployment::measure(ops) => {}
        () = until_lost(leadership) => {
            tracing::warn!("This console no longer reads the Docker Engine: its lock is lost.");
        }
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
