//! Restoring a database: beside the live one, compared, and switched to in one short pause; what was live is kept for an
//! undo.

mod fill;
mod old;
mod switch;
mod work;

use serde::{Deserialize, Serialize};
use store::backups::{
    restores::{self, Restore},
    sets::Set,
    taken,
};
use time::Duration;
use types::{
    Capability, Error as Told,
    backups::{Restored, SetKind},
    operations::Kind as Does,
};

use super::{list, take};
use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
    operations::{self, Asked},
};

pub(super) use self::{
    old::discard_old,
    work::{run, run_undo},
};

const FILL: &str = "Restore beside the live database, and compare";
const STOP: &str = "Stop the services that connect";
const SWITCH: &str = "Switch";
const START: &str = "Start the services again";
const VERIFY: &str = "Verify";

/// The stages of a restore, in order.
const STAGES: [&str; 5] = [FILL, STOP, SWITCH, START, VERIFY];

/// The stages of an undo, in order.
const UNDO: [&str; 4] = [STOP, SWITCH, START, VERIFY];

/// How long what a restore replaced is kept.
pub(super) const KEPT: Duration = Duration::days(7);

/// What is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Request {
    backup: i64,
    /// Its name in the server's catalog.
    label: String,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct UndoRequest {
    restore: i64,
}

/// Asks for a restore; gives the operation. `typed` is the set's name, typed to confirm.
///
/// # Errors
/// There is no such backup; the actor may not restore it, or has not proved their password; the name is not the set's;
/// something is under way on the set; the database failed.
pub async fn restore(ops: &Ops, actor: &Actor, id: i64, typed: &str) -> Outcome<i64> {
    const ACTION: &str = "backup.restore";
    let (backup, set) = of_backup(ops, actor, id).await?;
    let target = format!("backup {id} of {}", set.settings.name);
    permit(ops, actor, ACTION, &target, &set).await?;
    confirm(typed, &set)?;
    if let Some(why) = why_not(ops, &set) {
        return Err(Told::conflict(why).into());
    }
    let asked = Asked {
        kind: Does::Restore,
        subject: &list::subject(set.id),
        target: &set.settings.name,
        team: &set.settings.team,
        request: serde_json::json!(Request {
            backup,
            label: take::label("restore"),
        }),
        stages: &STAGES,
    };
    enqueue(ops, actor, ACTION, &target, &set, &asked).await
}

/// Why a set's backups can't be restored from here.
pub(super) fn why_not(ops: &Ops, set: &Set) -> Option<&'static str> {
    if !set.kind.is_database() {
        return Some("Folders are restored by hand: docs/backups.md says how.");
    }
    let is_own = ops.db.connect_options().get_database() == Some(set.database.as_str());
    (set.kind == SetKind::Console && is_own).then_some(
        "The console can't replace the database that it runs on. Stop it, and restore by hand: docs/backups.md says how.",
    )
}

/// Asks to switch back to what a restore replaced; gives the operation.
///
/// # Errors
/// As [`restore`]; nothing is kept of what it replaced.
pub async fn undo(ops: &Ops, actor: &Actor, id: i64, typed: &str) -> Outcome<i64> {
    const ACTION: &str = "backup.undo";
    let restore = restores::get(&ops.db, id)
        .await?
        .ok_or_else(|| take::not_there("restore"))?;
    let set = list::stored(ops, actor, restore.set_id).await?;
    let target = format!("restore {id} of {}", set.settings.name);
    permit(ops, actor, ACTION, &target, &set).await?;
    confirm(typed, &set)?;
    if restore.undone_at.is_some() || restore.discarded_at.is_some() {
        return Err(Told::conflict(
            "It was undone already, or what it replaced is not kept any more.",
        )
        .into());
    }
    let asked = Asked {
        kind: Does::Undo,
        subject: &list::subject(set.id),
        target: &set.settings.name,
        team: &set.settings.team,
        request: serde_json::json!(UndoRequest { restore: id }),
        stages: &UNDO,
    };
    enqueue(ops, actor, ACTION, &target, &set, &asked).await
}

/// The restores of a set that were done, the newest first.
///
/// # Errors
/// There is no such set; the database failed.
pub async fn restores(ops: &Ops, actor: &Actor, set: i64) -> Outcome<Vec<Restored>> {
    list::stored(ops, actor, set).await?;
    let made = restores::list(&ops.db, Some(set)).await?;
    Ok(made.into_iter().map(told).collect())
}

fn told(made: Restore) -> Restored {
    Restored {
        id: made.id,
        operation: made.operation_id,
        backup: made.backup_id,
        kept: made.kept,
        restored_at: made.restored_at,
        pause_ms: made.pause_ms,
        kept_until: made.kept_until,
        undone_at: made.undone_at,
        discarded_at: made.discarded_at,
    }
}

async fn of_backup(ops: &Ops, actor: &Actor, id: i64) -> Outcome<(i64, Set)> {
    let backup = taken::get(&ops.db, id)
        .await?
        .ok_or_else(|| take::not_there("backup"))?;
    let set = list::stored(ops, actor, backup.set)
        .await
        .map_err(|_| take::not_there("backup"))?;
    Ok((backup.id, set))
}

async fn permit(ops: &Ops, actor: &Actor, action: &str, target: &str, set: &Set) -> Outcome<()> {
    let team = set.settings.team.as_str();
    let allowed = actor
        .may_for_team(Capability::Restore, team, false)
        .and_then(|()| actor.must_have_proved(ops.clock.now()));
    audit::permit(ops, actor, action, target, Some(team), allowed).await
}

fn confirm(typed: &str, set: &Set) -> Result<(), Told> {
    if typed.trim() == set.settings.name {
        return Ok(());
    }
    Err(Told::field(
        "typed_name",
        format!("Type {} to confirm.", set.settings.name),
    ))
}

async fn enqueue(
    ops: &Ops,
    actor: &Actor,
    action: &str,
    target: &str,
    set: &Set,
    asked: &Asked<'_>,
) -> Outcome<i64> {
    let mut tx = ops.begin().await?;
    let operation = operations::enqueue(&mut tx, ops, actor, asked).await?;
    let entry = Entry::done(action, target)
        .of_team(&set.settings.team)
        .with(serde_json::json!({ "phase": "asked", "operation": operation }));
    audit::record(&mut tx, ops, actor, entry).await?;
    Ops::commit(tx).await?;
    Ok(operation)
}
