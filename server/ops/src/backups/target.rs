//! Where backups go.

use std::{path::PathBuf, time::Duration};

use serde_json::json;
use store::{StoreError, backups::targets as stored};
use types::{Capability, Error, access::DEFAULT_TEAM, backups::BackupTarget, live::Topic};

use super::verify;
use crate::{
    Actor, Fault, Ops, Outcome,
    audit::{self, Entry},
    identity::check::Fields,
};

/// How long a disk may take to say how much is free on it.
const PATIENCE: Duration = Duration::from_secs(2);

/// Every target, in the order in which they were made.
///
/// # Errors
/// The actor may not see the stack, or acts for one team only; the database failed.
pub async fn targets(ops: &Ops, actor: &Actor) -> Outcome<Vec<BackupTarget>> {
    actor.may_see_platform()?;
    let mut targets = stored::list(&ops.db).await?;
    for target in &mut targets {
        target.free_bytes = free(ops, &target.location).await;
    }
    Ok(targets)
}

/// Bytes that are free where a repository lies, if it is on this machine. A disk that hangs says nothing.
async fn free(ops: &Ops, location: &str) -> Option<i64> {
    let path = PathBuf::from(location);
    if !path.is_absolute() {
        return None;
    }
    let ask = move || backup::space::free(&path);
    let (free, _) = ops
        .backups
        .asides()
        .run(location.to_owned(), PATIENCE, ask)
        .await
        .ok()?
        .ok()?;
    i64::try_from(free).ok()
}

/// Asks for a check of a target now, of all its data; gives the operation.
///
/// # Errors
/// There is no such target; the actor may not take backups of the platform's own; a check is under way; the database failed.
pub async fn check_target(ops: &Ops, actor: &Actor, id: i64) -> Outcome<i64> {
    const ACTION: &str = "backup_target.check";
    actor.may_see_platform()?;
    let known = stored::get(&ops.db, id).await?;
    let target = named(known.as_ref(), id);
    // Of what is not there nobody is refused but those who may take no backups at all.
    let allowed = match known {
        Some(_) => actor.may_for_team(Capability::TakeBackups, DEFAULT_TEAM, false),
        None => actor.may(Capability::TakeBackups).map(drop),
    };
    audit::permit(ops, actor, ACTION, &target, None, allowed).await?;
    let known = known.ok_or_else(|| Error::not_found("backup target"))?;
    let mut tx = ops.begin().await?;
    let operation = verify::ask(&mut tx, ops, actor, id, &known.name, true).await?;
    let entry = Entry::done(ACTION, &target).with(json!({ "operation": operation }));
    audit::record(&mut tx, ops, actor, entry).await?;
    Ops::commit(tx).await?;
    Ok(operation)
}

fn named(known: Option<&stored::Target>, id: i64) -> String {
    known.map_or_else(
        || format!("backup target {id}"),
        |known| format!("backup target {}", known.name),
    )
}

/// Adds a repository at a path of this machine, or at `rclone:remote:path`. It is made with the first backup.
///
/// # Errors
/// The actor may not manage; `Invalid`; the database failed.
pub async fn create_target(ops: &Ops, actor: &Actor, name: &str, location: &str) -> Outcome<i64> {
    const ACTION: &str = "backup_target.create";
    let target = format!("backup target {name}");
    let allowed = actor.may(Capability::Manage);
    audit::permit(ops, actor, ACTION, &target, None, allowed).await?;
    let mut fields = Fields::default();
    let name = fields.name("name", name);
    let location = location.trim();
    if name.chars().count() > 60 {
        fields.refuse("name", "Use at most 60 characters.");
    }
    if location.len() > 1_000 || location.parse::<backup::restic::Location>().is_err() {
        fields.refuse(
            "location",
            "Give a whole path such as /backup/ytops, or rclone:remote:path.",
        );
    }
    fields.done()?;
    let mut tx = ops.begin().await?;
    let id = stored::insert(&mut tx, &name, location)
        .await
        .map_err(refused)?;
    store::changes::publish(&mut tx, Topic::Backups, "").await?;
    let entry = Entry::done(ACTION, &target).with(json!({ "location": location }));
    audit::record(&mut tx, ops, actor, entry).await?;
    Ops::commit(tx).await?;
    Ok(id)
}

/// Removes a target that nothing lies in and no set goes to. What stands at its location stays.
///
/// # Errors
/// The actor may not manage; something lies in it; the database failed.
pub async fn remove_target(ops: &Ops, actor: &Actor, id: i64) -> Outcome<()> {
    const ACTION: &str = "backup_target.remove";
    let known = stored::get(&ops.db, id).await?;
    let target = named(known.as_ref(), id);
    let allowed = actor.may(Capability::Manage);
    audit::permit(ops, actor, ACTION, &target, None, allowed).await?;
    if known.is_none() {
        return Err(Error::not_found("backup target").into());
    }
    let mut tx = ops.begin().await?;
    if !stored::remove(&mut tx, id).await? {
        return Err(Error::conflict(
            "Sets go to it, or backups lie in it. Take it out of the sets first; it can go when the last backup in it has gone.",
        )
        .into());
    }
    store::changes::publish(&mut tx, Topic::Backups, "").await?;
    audit::record(&mut tx, ops, actor, Entry::done(ACTION, &target)).await?;
    Ops::commit(tx).await
}

fn refused(error: StoreError) -> Fault {
    match error.constraint() {
        Some(stored::NAME_KEY) => Error::field("name", "Another target has this name.").into(),
        Some(stored::LOCATION_KEY) => Error::field("location", "Another target is there.").into(),
        _ => error.into(),
    }
}
