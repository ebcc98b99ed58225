//! Follows the Docker Engine and measures its containers, in one console of those that share a database. The others
//! read what it stores.

use ops::{Ops, deployment};
use store::leader::Loop;

use super::lead::lead;

/// Leads whenever no other console does, for ever; outlives a database that goes away.
pub async fn run(ops: Ops) {
    let work = |ops: Ops| async move {
        tokio::select! {
            () = deployment::watch(&ops) => {}
            () = deployment::measure(&ops) => {}
        }
    };
    lead(ops, Loop::Deployment, "reads the Docker Engine", work).await;
}
