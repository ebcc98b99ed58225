//! Sets and backups, and how they are.

use store::backups::{
    sets::{self, Set},
    taken::{self, Filter},
    targets,
};
use types::{
    Capability, Error,
    backups::{Backup, BackupSet, BackupTarget, SetPage},
    operations::{Listed, Phase},
};

use super::{
    restore,
    standing::{self, Known},
};
use crate::{Actor, Ops, Outcome};

/// As many backups as a page of them holds.
const PAGE: i64 = 100;

/// As many operations as are told of a set.
const WORK: i64 = 20;

/// Every set that the actor sees, by name.
///
/// # Errors
/// The actor may not see the stack; the database failed.
pub async fn sets(ops: &Ops, actor: &Actor) -> Outcome<Vec<BackupSet>> {
    actor.may(Capability::SeeStack)?;
    let targets = targets::list(&ops.db).await?;
    let mut told = Vec::new();
    for set in sets::list(&ops.db, None).await? {
        if actor.sees_team(&set.settings.team) {
            told.push(tell(ops, set, &targets).await?);
        }
    }
    Ok(told)
}

/// One set.
///
/// # Errors
/// There is none that the actor may see; the database failed.
pub async fn set(ops: &Ops, actor: &Actor, id: i64) -> Outcome<BackupSet> {
    let set = stored(ops, actor, id).await?;
    let targets = targets::list(&ops.db).await?;
    tell(ops, set, &targets).await
}

/// The stored set, if the actor may see it.
pub(super) async fn stored(ops: &Ops, actor: &Actor, id: i64) -> Outcome<Set> {
    actor.may(Capability::SeeStack)?;
    let set = sets::get(&ops.db, id).await?;
    set.filter(|set| actor.sees_team(&set.settings.team))
        .ok_or_else(|| Error::not_found("backup set").into())
}

/// Backups of a set, or of all, the newest first and before that of number `before`.
///
/// # Errors
/// There is no such set that the actor may see; the database failed.
pub async fn backups(
    ops: &Ops,
    actor: &Actor,
    of: Option<i64>,
    before: Option<i64>,
) -> Outcome<Vec<Backup>> {
    actor.may(Capability::SeeStack)?;
    if let Some(id) = of {
        stored(ops, actor, id).await?;
    }
    let filter = Filter {
        set: of,
        teams: actor.is_confined().then_some(actor.teams.as_slice()),
        before,
        only: None,
    };
    Ok(taken::list(&ops.db, filter, PAGE).await?)
}

/// One backup.
///
/// # Errors
/// There is none that the actor may see; the database failed.
pub async fn backup(ops: &Ops, actor: &Actor, id: i64) -> Outcome<Backup> {
    Ok(of_backup(ops, actor, id).await?.0)
}

/// A backup and its set, if the actor may see them.
///
/// # Errors
/// There is none that the actor may see; the database failed.
pub(super) async fn of_backup(ops: &Ops, actor: &Actor, id: i64) -> Outcome<(Backup, Set)> {
    let backup = taken::get(&ops.db, id).await?;
    let backup = backup.ok_or_else(|| Error::not_found("backup"))?;
    let set = stored(ops, actor, backup.set).await;
    Ok((backup, set.map_err(|_| Error::not_found("backup"))?))
}

/// What was done with a set lately, the newest first: backups, drills, restores and undos.
///
/// # Errors
/// There is no such set that the actor may see; the database failed.
pub async fn work_of(ops: &Ops, actor: &Actor, id: i64) -> Outcome<Vec<Listed>> {
    stored(ops, actor, id).await?;
    Ok(store::operations::of_subject(&ops.db, &subject(id), WORK).await?)
}

/// All that the page of a set shows.
///
/// # Errors
/// There is no such set that the actor may see; the database failed.
pub async fn page(ops: &Ops, actor: &Actor, id: i64) -> Outcome<SetPage> {
    let stored = stored(ops, actor, id).await?;
    let targets = targets::list(&ops.db).await?;
    Ok(SetPage {
        backups: backups(ops, actor, Some(id), None).await?,
        operations: work_of(ops, actor, id).await?,
        restores: restore::restores(ops, actor, id).await?,
        set: tell(ops, stored, &targets).await?,
    })
}

async fn tell(ops: &Ops, set: Set, targets: &[BackupTarget]) -> Outcome<BackupSet> {
    let filter = Filter {
        set: Some(set.id),
        ..Filter::default()
    };
    // Among so many is the newest that was read back; where none is, none of these can be relied upon either.
    let recent = taken::list(&ops.db, filter, PAGE).await?;
    let own: Vec<&BackupTarget> = (targets.iter())
        .filter(|target| set.settings.targets.contains(&target.id))
        .collect();
    let known = Known {
        set: &set,
        last: recent.first(),
        green: recent.iter().find(|backup| backup.is_green()),
        targets: &own,
    };
    let (status, reason) = standing::judge(&known, ops.clock.now());
    let under_way = store::operations::under_way(&ops.db, &subject(set.id)).await?;
    Ok(BackupSet {
        id: set.id,
        kind: set.kind,
        last_success: (recent.iter())
            .find(|backup| backup.status == Phase::Succeeded)
            .map(|backup| backup.started_at),
        proven_as_of: (recent.iter())
            .find(|backup| backup.proven_at.is_some())
            .map(|backup| backup.started_at),
        good_as_of: (recent.iter())
            .find(|backup| backup.is_green())
            .map(|backup| backup.started_at),
        last: recent.into_iter().next(),
        project: set.project,
        service: set.service,
        database: set.database,
        settings: set.settings,
        next_run: set.next_run,
        drill_s: set.drill_s,
        drilled_at: set.drilled_at,
        drill_failure: set.drill_failure,
        next_drill: set.next_drill,
        status,
        reason,
        operation: under_way,
    })
}

/// What no two operations may work on at once.
pub(super) fn subject(set: i64) -> String {
    format!("backup set {set}")
}
