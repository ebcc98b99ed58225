//! What became of steps that the console does.

use store::runbooks;
use time::Duration;
use types::live::Topic;

use crate::{Ops, Outcome};

/// How long a step may be under way before its operation is asked for; one that is longer was left by a console that ended.
const BEGINS_WITHIN: Duration = Duration::minutes(1);

/// Writes down how operations of steps ended, and ends runs all of whose steps are over. To be called again and again.
///
/// # Errors
/// The database failed.
pub async fn follow(ops: &Ops) -> Outcome<()> {
    let mut tx = ops.begin().await?;
    if follow_in(&mut tx, ops).await? {
        Ops::commit(tx).await?;
    }
    Ok(())
}

/// As [`follow`], within a transaction; whether something moved.
pub(super) async fn follow_in(tx: &mut store::PgConnection, ops: &Ops) -> Outcome<bool> {
    let now = ops.clock.now();
    let moved = runbooks::follow(tx, now - BEGINS_WITHIN, now).await?;
    if !moved.is_empty() {
        store::changes::publish(tx, Topic::Backups, "").await?;
    }
    Ok(!moved.is_empty())
}
