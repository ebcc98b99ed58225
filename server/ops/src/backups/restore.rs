//! Restoring a database: beside the live one, compared, and switched to in one short pause; what was live is kept for an
//! undo.

use backup::{postgres, restore};
use serde::{Deserialize, Serialize};
use store::backups::{
    restores::{self, Restore},
    sets::{self, Set},
    taken, targets,
};
use time::Duration;
use types::{Capability, Error as Told, live::Topic, operations::Kind as Does};

use super::{
    drill::{compared, differs},
    drive::{driven, ended, once_free},
    list, source, take,
    writers::Writers,
};
use crate::{
    Actor, Fault, Ops, Outcome,
    audit::{self, Entry},
    operations::{self, Asked, At, Ended},
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
const KEPT: Duration = Duration::days(7);

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

/// What another attempt needs to know.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct State {
    /// Services that were stopped, in the order in which they are started again.
    stopped: Writers,
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
    if !set.kind.is_database() {
        return Err(Told::conflict("Folders are restored with their own button.").into());
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
pub async fn restores(ops: &Ops, actor: &Actor, set: i64) -> Outcome<Vec<Restore>> {
    list::stored(ops, actor, set).await?;
    Ok(restores::list(&ops.db, Some(set)).await?)
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

/// Does the restore that the operation asks for. Killed at any stage, another attempt goes on from what the server's catalog
/// tells: what was not whole was dropped, what is whole is switched to, what was switched stays.
pub(super) async fn run(at: At) -> Result<(), Ended> {
    let ops = at.ops().clone();
    let request: Request = at.request()?;
    let backup = taken::get(&ops.db, request.backup)
        .await
        .map_err(Fault::from)?;
    let backup =
        backup.ok_or_else(|| Ended::Failed("The backup is not there any more.".to_owned()))?;
    let set = sets::get(&ops.db, backup.set).await.map_err(Fault::from)?;
    let set = set.ok_or_else(|| Ended::Failed("Its set is not there any more.".to_owned()))?;
    let (server, database) = source::server(&ops, &set)
        .await?
        .map_err(|error| ended(&at, error))?;
    let operation = request.label;
    let noted: Outcome<i64> = async {
        let mut tx = ops.begin().await?;
        let id = restores::begin(&mut tx, at.id(), set.id, backup.id, &operation).await?;
        Ops::commit(tx).await?;
        Ok(id)
    }
    .await;
    let restore_id = noted?;
    let left = once_free(&at, || restore::resume(&server, &operation))
        .await
        .map_err(|error| ended(&at, error))?;
    if matches!(
        left,
        restore::Outcome::Nothing | restore::Outcome::RolledBack
    ) {
        fill(&ops, &at, &set, &server, &database, backup.id, &operation).await?;
    } else if at.is_resumed() {
        at.say("An earlier attempt had restored and compared it; this one goes on from there.")
            .await;
    }
    let writers = Writers::find(&ops, &set, &server, &database).await?;
    let switched = switch(&ops, &at, writers, |control, now| {
        let (server, operation) = (server.clone(), operation.clone());
        async move { restore::switch(&server, &operation, now, &control).await }
    })
    .await;
    let switched = match switched {
        Ok(switched) => switched,
        Err(why) => {
            // The live database was not touched; what waits beside it is of no use to anybody.
            if !matches!(why, Ended::Lost)
                && let Err(error) = restore::discard(&server, &operation).await
            {
                at.say(&format!(
                    "What was restored beside it still stands: {}",
                    error.message
                ))
                .await;
            }
            return Err(why);
        }
    };
    let now = ops.clock.now();
    let noted: Outcome<()> = async {
        let mut tx = ops.begin().await?;
        let kept = switched.kept.as_deref().unwrap_or_default();
        let pause_ms = switched.pause.map(|pause| pause.as_secs_f64() * 1_000.0);
        restores::done(&mut tx, restore_id, kept, pause_ms, now + KEPT, now).await?;
        taken::prove(&mut tx, backup.id, now).await?;
        store::changes::publish(&mut tx, Topic::Backups, &set.id.to_string()).await?;
        Ops::commit(tx).await
    }
    .await;
    noted?;
    after(&ops, &at).await
}

/// Does the undo that the operation asks for.
pub(super) async fn run_undo(at: At) -> Result<(), Ended> {
    let ops = at.ops().clone();
    let request: UndoRequest = at.request()?;
    let restore = restores::get(&ops.db, request.restore)
        .await
        .map_err(Fault::from)?;
    let restore =
        restore.ok_or_else(|| Ended::Failed("The restore is not known any more.".to_owned()))?;
    let set = sets::get(&ops.db, restore.set_id)
        .await
        .map_err(Fault::from)?;
    let set = set.ok_or_else(|| Ended::Failed("Its set is not there any more.".to_owned()))?;
    let (server, database) = source::server(&ops, &set)
        .await?
        .map_err(|error| ended(&at, error))?;
    let writers = Writers::find(&ops, &set, &server, &database).await?;
    switch(&ops, &at, writers, |control, now| {
        let (server, label) = (server.clone(), restore.label.clone());
        async move { restore::undo(&server, &label, now, &control).await }
    })
    .await?;
    let noted: Outcome<()> = async {
        let mut tx = ops.begin().await?;
        restores::undone(&mut tx, restore.id, ops.clock.now()).await?;
        store::changes::publish(&mut tx, Topic::Backups, &set.id.to_string()).await?;
        Ops::commit(tx).await
    }
    .await;
    noted?;
    after(&ops, &at).await
}

async fn fill(
    ops: &Ops,
    at: &At,
    set: &Set,
    server: &postgres::Server,
    database: &str,
    backup: i64,
    operation: &str,
) -> Result<(), Ended> {
    let label_of = taken::label(&ops.db, backup)
        .await
        .map_err(Fault::from)?
        .unwrap_or_default();
    let targets = targets::of_set(&ops.db, set.id)
        .await
        .map_err(Fault::from)?;
    at.stage(FILL, async {
        let driven = driven(at);
        let mut last = None;
        for target in &targets {
            let found = async {
                let restic = ops.backups.restic(&target.location).await?;
                let stored = postgres::load(&restic, &label_of).await?;
                Ok::<_, backup::Error>((restic, stored))
            };
            let (restic, stored) = match found.await {
                Ok(found) => found,
                Err(error) => {
                    at.say(&format!("Not from {}: {}", target.name, error.message))
                        .await;
                    last = Some(error);
                    continue;
                }
            };
            let request = restore::Request {
                checksum_up_to: set.settings.checksum_up_to,
                ..restore::Request::new(operation, database, ops.backups.spool())
            };
            let filled = once_free(at, || {
                Box::pin(restore::fill(
                    server,
                    &restic,
                    &stored,
                    &request,
                    &driven.control,
                ))
            })
            .await
            .map_err(|error| ended(at, error))?;
            if !filled.is_ready {
                return Err(Ended::Failed(differs(&filled)));
            }
            return Ok((
                (),
                format!("from {}; {}", target.name, compared(&filled.comparison)),
            ));
        }
        Err(last.map_or_else(
            || Ended::Failed("It goes to no target.".to_owned()),
            |error| ended(at, error),
        ))
    })
    .await
}

/// Stops what connects, switches, and starts it again, whatever became of the switch.
async fn switch<F>(
    ops: &Ops,
    at: &At,
    writers: Writers,
    change: impl FnOnce(backup::Control, time::OffsetDateTime) -> F,
) -> Result<restore::Switched, Ended>
where
    F: Future<Output = Result<restore::Switched, backup::Error>>,
{
    let mut state: State = at.state()?;
    if state.stopped.is_empty() {
        state.stopped = writers;
        // Kept before it is done: an attempt that is killed leaves to the next one what to start again.
        at.keep(&state).await?;
    }
    let stopped = state.stopped;
    let stopping = at.stage(STOP, async {
        stopped.stop(ops, at).await?;
        Ok(((), stopped.named()))
    });
    let switched = match stopping.await {
        Ok(()) => {
            at.stage(SWITCH, async {
                let driven = driven(at);
                let switched = change(driven.control.clone(), ops.clock.now())
                    .await
                    .map_err(|error| ended(at, error))?;
                let told = match switched.pause {
                    Some(pause) => format!("nobody could connect for {} ms", pause.as_millis()),
                    None => "an earlier attempt had switched".to_owned(),
                };
                Ok((switched, told))
            })
            .await
        }
        Err(why) => Err(why),
    };
    if matches!(switched, Err(Ended::Lost)) {
        return switched;
    }
    let started = at.last_stage(START, async {
        stopped.start(ops, at).await?;
        Ok(((), stopped.named()))
    });
    let started = started.await;
    let switched = switched?;
    started?;
    Ok(switched)
}

/// The platform's checks, after all runs again. What they find is told, and takes nothing back.
async fn after(ops: &Ops, at: &At) -> Result<(), Ended> {
    at.last_stage(VERIFY, async {
        crate::health::run_checks(ops).await?;
        let health = crate::health::last(ops).await?;
        let bad: Vec<&str> = (health.checks.iter())
            .filter(|check| !check.ok)
            .map(|check| check.name.as_str())
            .collect();
        let told = if bad.is_empty() {
            "every check passed".to_owned()
        } else {
            format!("not well: {}", bad.join(", "))
        };
        Ok(((), told))
    })
    .await
}

/// Discards what restores replaced whose time is over.
///
/// # Errors
/// The database failed. What can't be discarded now is tried again.
pub async fn discard_old(ops: &Ops) -> Outcome<()> {
    for old in restores::over(&ops.db, ops.clock.now()).await? {
        let Some(set) = sets::get(&ops.db, old.set_id).await? else {
            continue;
        };
        let Ok((server, _)) = source::server(ops, &set).await? else {
            continue;
        };
        match restore::discard(&server, &old.label).await {
            Ok(()) => {
                let mut tx = ops.begin().await?;
                restores::discarded(&mut tx, old.id, ops.clock.now()).await?;
                let target = format!("restore {} of {}", old.id, set.settings.name);
                let entry = Entry::done("backup.discard", &target).of_team(&set.settings.team);
                audit::record(&mut tx, ops, &Actor::system(), entry).await?;
                Ops::commit(tx).await?;
            }
            Err(error) => tracing::warn!(
                restore = old.id,
                error = error.message,
                "What a restore replaced could not be discarded yet."
            ),
        }
    }
    Ok(())
}
