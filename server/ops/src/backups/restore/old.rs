//! What restores replaced, after its time, and what restores left that came to no end.

use backup::{Error, directory, restore};
use store::backups::{
    restores::{self, Restore},
    sets,
};
use types::live::Topic;

use super::{super::source, KEPT, files};
use crate::{
    Actor, Fault, Ops, Outcome,
    audit::{self, Entry},
};

/// Discards what restores replaced whose time is over, and removes what failed restores left beside what is live. One of
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
    let found = if set.kind.is_database() {
        let Ok((server, _)) = source::server(ops, &set).await? else {
            return Ok(());
        };
        restore::roll_back(&server, &left.label).await
    } else {
        let places = files::state_of(ops, left).await?.places;
        let label = left.label.clone();
        let rolled = tokio::task::spawn_blocking(move || files::roll_back_all(&places, &label));
        let rolled = rolled
            .await
            .map_err(|error| Fault::Inside(error.to_string()))?;
        rolled.map(|()| restore::Outcome::RolledBack)
    };
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(
                restore = left.id,
                error = error.message,
                "What a failed restore left could not be removed yet."
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
    let discarded = if set.kind.is_database() {
        let Ok((server, _)) = source::server(ops, &set).await? else {
            return Ok(());
        };
        restore::discard(&server, &old.label).await
    } else {
        discard_files(ops, old).await?
    };
    if let Err(error) = discarded {
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

async fn discard_files(ops: &Ops, old: &Restore) -> Outcome<Result<(), Error>> {
    let places = files::state_of(ops, old).await?.places;
    let label = old.label.clone();
    let discarding = tokio::task::spawn_blocking(move || {
        places
            .iter()
            .try_for_each(|place| directory::discard(&place.folder, &label))
    });
    let discarded = discarding.await;
    discarded.map_err(|error| Fault::Inside(error.to_string()))
}
