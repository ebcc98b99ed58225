//! What restores replaced, after its time, and what restores left that came to no end.

use backup::restore;
use store::backups::{
    restores::{self, Restore},
    sets,
};
use types::live::Topic;

use super::{super::source, KEPT};
use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
};

/// Discards what restores replaced whose time is over, and drops what failed restores left beside the live database. One of
/// which the server made the switch all the same is noted as restored, so that it can be undone.
///
/// # Errors
/// The database failed. What can't be discarded now is tried again.
pub async fn discard_old(ops: &Ops) -> Outcome<()> {
    for left in restores::unsettled(&ops.db).await? {
        settle(ops, &left).await?;
    }
    for old in restores::over(&ops.db, ops.clock.now()).await? {
        discard(ops, &old).await?;
    }
    Ok(())
}

async fn settle(ops: &Ops, left: &Restore) -> Outcome<()> {
    let Some(set) = sets::get(&ops.db, left.set_id).await? else {
        return Ok(());
    };
    let Ok((server, _)) = source::server(ops, &set).await? else {
        return Ok(());
    };
    let found = match restore::roll_back(&server, &left.label).await {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(
                restore = left.id,
                error = error.message,
                "What a failed restore left could not be dropped yet."
            );
            return Ok(());
        }
    };
    let now = ops.clock.now();
    let mut tx = ops.begin().await?;
    match found {
        restore::Outcome::Switched(kept) => {
            restores::done(&mut tx, left.id, &kept.name, None, now + KEPT, now).await?;
            store::changes::publish(&mut tx, Topic::Backups, &set.id.to_string()).await?;
        }
        _ => restores::discarded(&mut tx, left.id, now).await?,
    }
    Ops::commit(tx).await
}

async fn discard(ops: &Ops, old: &Restore) -> Outcome<()> {
    let Some(set) = sets::get(&ops.db, old.set_id).await? else {
        return Ok(());
    };
    let Ok((server, _)) = source::server(ops, &set).await? else {
        return Ok(());
    };
    if let Err(error) = restore::discard(&server, &old.label).await {
        tracing::warn!(
            restore = old.id,
            error = error.message,
            "What a restore replaced could not be discarded yet."
        );
        return Ok(());
    }
    let mut tx = ops.begin().await?;
    restores::discarded(&mut tx, old.id, ops.clock.now()).await?;
    let target = format!("restore {} of {}", old.id, set.settings.name);
    let entry = Entry::done("backup.discard", &target).of_team(&set.settings.team);
    audit::record(&mut tx, ops, &Actor::system(), entry).await?;
    Ops::commit(tx).await
}
