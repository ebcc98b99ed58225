//! Making and changing sets.

use serde_json::json;
use store::{StoreError, backups::sets};
use types::{
    Capability, Error,
    backups::{BackupSet, SetKind, SetSettings},
    live::Topic,
};

use super::{check, list};
use crate::{
    Actor, Fault, Ops, Outcome,
    audit::{self, Entry},
};

/// Makes a set of folders. Databases are found in the stack.
///
/// # Errors
/// The actor may not take backups for that team; `Invalid`; the database failed.
pub async fn create(ops: &Ops, actor: &Actor, settings: &SetSettings) -> Outcome<BackupSet> {
    const ACTION: &str = "backup_set.create";
    let allowed = actor.may_for_team(Capability::TakeBackups, &settings.team, false);
    let target = format!("backup set {}", settings.name);
    audit::permit(ops, actor, ACTION, &target, Some(&settings.team), allowed).await?;
    let (settings, schedule) = check::settings(settings, SetKind::Directory)?;
    let now = ops.clock.now();
    let new = sets::New {
        kind: SetKind::Directory,
        project: "",
        service: "",
        database: "",
        is_found: false,
        next_run: schedule.and_then(|schedule| schedule.next(now)),
    };
    let mut tx = ops.begin().await?;
    let id = sets::insert(&mut tx, &new, &settings)
        .await
        .map_err(refused)?
        .ok_or_else(|| Fault::Inside("a set was not added".to_owned()))?;
    store::changes::publish(&mut tx, Topic::Backups, &id.to_string()).await?;
    let target = format!("backup set {}", settings.name);
    let entry = Entry::done(ACTION, &target)
        .of_team(&settings.team)
        .with(json!(settings));
    audit::record(&mut tx, ops, actor, entry).await?;
    Ops::commit(tx).await?;
    list::set(ops, actor, id).await
}

/// Changes a set. Who gives it to another team must be in both.
///
/// # Errors
/// There is no such set; the actor may not take backups for its team; `Invalid`; the database failed.
pub async fn update(
    ops: &Ops,
    actor: &Actor,
    id: i64,
    settings: &SetSettings,
) -> Outcome<BackupSet> {
    const ACTION: &str = "backup_set.update";
    let before = list::stored(ops, actor, id).await?;
    let target = format!("backup set {}", before.settings.name);
    for team in [&before.settings.team, &settings.team] {
        let allowed = actor.may_for_team(Capability::TakeBackups, team, false);
        audit::permit(ops, actor, ACTION, &target, Some(team), allowed).await?;
    }
    let (settings, schedule) = check::settings(settings, before.kind)?;
    let next_run = schedule.and_then(|schedule| schedule.next(ops.clock.now()));
    let mut tx = ops.begin().await?;
    if !sets::update(&mut tx, id, &settings, next_run)
        .await
        .map_err(refused)?
    {
        return Err(Error::not_found("backup set").into());
    }
    store::changes::publish(&mut tx, Topic::Backups, &id.to_string()).await?;
    let entry = Entry::done(ACTION, &target)
        .of_team(&settings.team)
        .with(json!({ "before": before.settings, "after": settings }));
    audit::record(&mut tx, ops, actor, entry).await?;
    Ops::commit(tx).await?;
    list::set(ops, actor, id).await
}

fn refused(error: StoreError) -> Fault {
    match error.constraint() {
        Some(sets::NAME_KEY) => Error::field("name", "Another set has this name.").into(),
        Some(sets::TARGET_KEY) => Error::field("targets", "There is no such target.").into(),
        _ => error.into(),
    }
}
