//! Restores. A database is restored beside the live one, compared, and switched to in one short pause; files are fetched
//! beside what is there, and change places with it by renames. What was live is kept for an undo. Either may be restored
//! beside what is live and stay there, under a name of its own.

mod aside;
mod copy;
mod files;
mod fill;
mod note;
mod old;
mod places;
mod switch;
mod wish;
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
    backups::{Restored, SetKind, Way, Wish},
    operations::{INTO_FOLDER, Kind as Does, NAME_COPY, Phase},
};

use super::{list, take};
use crate::{
    Actor, Fault, Ops, Outcome,
    audit::{self, Entry},
    operations::{self, Asked, At, Ended},
};

pub(super) use self::{
    old::discard_old,
    places::{Place, Root, is_in, paths_of, places, roots},
    wish::{picked, whole_path},
};

const FETCH: &str = "Fetch from the backup";
const SWAP: &str = "Put in place";
const FILL: &str = "Restore beside the live database, and compare";
const STOP: &str = "Stop the services that connect";
const SWITCH: &str = "Switch";
const START: &str = "Start the services again";
const VERIFY: &str = "Verify";

/// The stages of a restore of a database, in order.
const STAGES: [&str; 5] = [FILL, STOP, SWITCH, START, VERIFY];

/// The stages of its undo, in order.
const UNDO: [&str; 4] = [STOP, SWITCH, START, VERIFY];

/// The stages of a restore of files, and of its undo.
const FILES: [&str; 3] = [FETCH, SWAP, VERIFY];
const FILES_UNDO: [&str; 2] = [SWAP, VERIFY];

/// The stages of a restore beside what is live: of a database, and of files.
const COPY: [&str; 2] = [FILL, NAME_COPY];
const ASIDE: [&str; 2] = [FETCH, INTO_FOLDER];

/// How long what a restore replaced is kept.
pub(super) const KEPT: Duration = Duration::days(7);

/// What is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Request {
    backup: i64,
    /// Its name in the server's catalog, or in the folders.
    label: String,
    #[serde(default)]
    wish: Wish,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct UndoRequest {
    restore: i64,
}

/// Asks for a restore; gives the operation. `typed` is the set's name, typed to confirm.
///
/// # Errors
/// There is no such backup; the actor may not restore it, or has not proved their password; the name is not the set's;
/// what is wished for is refused; something is under way on the set; the database failed.
pub async fn restore(ops: &Ops, actor: &Actor, id: i64, typed: &str, wish: &Wish) -> Outcome<i64> {
    const ACTION: &str = "backup.restore";
    let (backup, set) = list::of_backup(ops, actor, id).await?;
    let target = format!("backup {id} of {}", set.settings.name);
    permit(ops, actor, ACTION, &target, &set).await?;
    confirm(typed, &set)?;
    if backup.status != Phase::Succeeded {
        return Err(Told::conflict(NOTHING).into());
    }
    let wish = wish::checked(ops, &set, wish).await?;
    if wish.way == Way::InPlace
        && let Some(why) = not_in_place(ops, &set)
    {
        return Err(Told::conflict(why).into());
    }
    let asked = Asked {
        kind: Does::Restore,
        subject: &list::subject(set.id),
        target: &set.settings.name,
        team: &set.settings.team,
        stages: stages(&set, &wish),
        request: serde_json::json!(Request {
            backup: id,
            label: take::label("restore"),
            wish: wish.clone(),
        }),
    };
    let detail = serde_json::json!(wish);
    enqueue(ops, actor, ACTION, &target, &set, &asked, detail).await
}

/// What is said of a backup that did not succeed.
pub(super) const NOTHING: &str = "It did not succeed: there is nothing to restore from it.";

fn stages(set: &Set, wish: &Wish) -> &'static [&'static str] {
    match (&wish.way, set.kind.is_database()) {
        (Way::InPlace, true) => &STAGES,
        (Way::InPlace, false) => &FILES,
        (Way::Beside(_), true) => &COPY,
        (Way::Beside(_), false) => &ASIDE,
    }
}

/// Why a set's backups can't take the place of what is live.
pub(super) fn not_in_place(ops: &Ops, set: &Set) -> Option<&'static str> {
    let is_own = ops.db.connect_options().get_database() == Some(set.database.as_str());
    (set.kind == SetKind::Console && is_own).then_some(
        "The console can't replace the database that it runs on. Stop it, and restore by hand: docs/backups.md says how.",
    )
}

/// Does the restore that the operation asks for.
pub(super) async fn run(at: At) -> Result<(), Ended> {
    let request: Request = at.request()?;
    let backup = taken::get(&at.ops().db, request.backup)
        .await
        .map_err(Fault::from)?;
    let backup =
        backup.ok_or_else(|| Ended::Failed("The backup is not there any more.".to_owned()))?;
    let set = note::set_of(at.ops(), backup.set).await?;
    match (request.wish.way.clone(), set.kind.is_database()) {
        (Way::InPlace, true) => Box::pin(work::run(&at, &set, request)).await,
        (Way::InPlace, false) => Box::pin(files::run(&at, &set, request)).await,
        (Way::Beside(name), true) => Box::pin(copy::run(&at, &set, request, &name)).await,
        (Way::Beside(to), false) => Box::pin(aside::run(&at, &set, request, &to)).await,
    }
}

/// Does the undo that the operation asks for.
pub(super) async fn run_undo(at: At) -> Result<(), Ended> {
    let request: UndoRequest = at.request()?;
    let restore = restores::get(&at.ops().db, request.restore)
        .await
        .map_err(Fault::from)?;
    let restore =
        restore.ok_or_else(|| Ended::Failed("The restore is not known any more.".to_owned()))?;
    let set = note::set_of(at.ops(), restore.set_id).await?;
    if set.kind.is_database() {
        Box::pin(work::run_undo(&at, &set, restore)).await
    } else {
        Box::pin(files::run_undo(&at, &set, restore)).await
    }
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
        stages: if set.kind.is_database() {
            &UNDO
        } else {
            &FILES_UNDO
        },
    };
    let detail = serde_json::Value::Null;
    enqueue(ops, actor, ACTION, &target, &set, &asked, detail).await
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

/// Whether the actor may restore the set, and has proved their password; a refusal is recorded.
pub(super) async fn permit(
    ops: &Ops,
    actor: &Actor,
    action: &str,
    target: &str,
    set: &Set,
) -> Outcome<()> {
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
    wish: serde_json::Value,
) -> Outcome<i64> {
    let mut tx = ops.begin().await?;
    let operation = operations::enqueue(&mut tx, ops, actor, asked).await?;
    let entry = Entry::done(action, target)
        .of_team(&set.settings.team)
        .with(serde_json::json!({ "phase": "asked", "operation": operation, "wish": wish }));
    audit::record(&mut tx, ops, actor, entry).await?;
    Ops::commit(tx).await?;
    Ok(operation)
}
