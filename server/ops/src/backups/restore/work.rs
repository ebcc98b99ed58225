//! Restores and undos as operations do them.

use backup::{
    postgres::Server,
    restore::{self, Switched},
};
use store::backups::{
    restores::{self, Restore},
    sets::{self, Set},
    taken,
};
use types::live::Topic;

use super::{
    super::{
        drive::{ended, once_free},
        source,
        writers::Writers,
    },
    KEPT, Request, UndoRequest,
    fill::fill,
    switch::{State, not_started, remember, start_again, stop_and_switch, verify},
};
use crate::{
    Fault, Ops, Outcome,
    operations::{At, Ended},
};

/// Does the restore that the operation asks for. Killed at any stage, another attempt goes on from what the server's catalog
/// tells: what was not whole was dropped, what is whole is switched to, what was switched stays.
pub(in super::super) async fn run(at: At) -> Result<(), Ended> {
    let ops = at.ops().clone();
    let request: Request = at.request()?;
    let backup = taken::get(&ops.db, request.backup)
        .await
        .map_err(Fault::from)?;
    let backup =
        backup.ok_or_else(|| Ended::Failed("The backup is not there any more.".to_owned()))?;
    let set = set_of(&ops, backup.set).await?;
    let (server, database) = source::server(&ops, &set)
        .await?
        .map_err(|error| ended(&at, error))?;
    let operation = request.label;
    let restore_id = begin(&ops, &at, &set, backup.id, &operation).await?;
    let left = once_free(&at, || restore::resume(&server, &operation))
        .await
        .map_err(|error| ended(&at, error))?;
    if matches!(
        left,
        restore::Outcome::Nothing | restore::Outcome::RolledBack
    ) {
        Box::pin(fill(
            &ops, &at, &set, &server, &database, backup.id, &operation,
        ))
        .await?;
    } else if at.is_resumed() {
        at.say("An earlier attempt had restored and compared it; this one goes on from there.")
            .await;
    }
    let writers = Writers::find(&ops, &set, &server, &database).await?;
    let writers = remember(&at, writers).await?;
    let switched = stop_and_switch(&ops, &at, &writers, |control, now| {
        let (server, operation) = (server.clone(), operation.clone());
        async move { restore::switch(&server, &operation, now, &control).await }
    })
    .await;
    let switched = match switched {
        Ok(switched) => switched,
        Err(Ended::Lost) => return Err(Ended::Lost),
        Err(why) => {
            let Some(switched) = roll_back(&at, &server, &operation).await else {
                // What it says is in the log; why it was not switched matters more.
                let _ = start_again(&ops, &at, &writers).await;
                return Err(why);
            };
            switched
        }
    };
    // From here on it is restored, whatever becomes of the services: what was live is kept, and an undo is possible.
    done(&ops, &set, restore_id, backup.id, &switched).await?;
    let started = start_again(&ops, &at, &writers).await;
    let verified = verify(&ops, &at).await;
    started.map_err(|why| {
        not_started(
            "It was restored, and what was live is kept for an undo. But",
            why,
        )
    })?;
    verified
}

/// Does the undo that the operation asks for.
pub(in super::super) async fn run_undo(at: At) -> Result<(), Ended> {
    let ops = at.ops().clone();
    let request: UndoRequest = at.request()?;
    let restore = restores::get(&ops.db, request.restore)
        .await
        .map_err(Fault::from)?;
    let restore =
        restore.ok_or_else(|| Ended::Failed("The restore is not known any more.".to_owned()))?;
    let set = set_of(&ops, restore.set_id).await?;
    let (server, database) = source::server(&ops, &set)
        .await?
        .map_err(|error| ended(&at, error))?;
    let mut writers = Writers::find(&ops, &set, &server, &database).await?;
    // What the restore stopped and could not start again runs again afterwards.
    writers.add(stopped_by(&ops, &restore).await?);
    let writers = remember(&at, writers).await?;
    let switched = stop_and_switch(&ops, &at, &writers, |control, now| {
        let (server, label) = (server.clone(), restore.label.clone());
        async move { restore::undo(&server, &label, now, &control).await }
    })
    .await;
    match switched {
        Ok(_) => undone(&ops, &set, restore.id).await?,
        Err(Ended::Lost) => return Err(Ended::Lost),
        Err(why) => {
            let _ = start_again(&ops, &at, &writers).await;
            return Err(why);
        }
    }
    let started = start_again(&ops, &at, &writers).await;
    let verified = verify(&ops, &at).await;
    started.map_err(|why| not_started("It was undone. But", why))?;
    verified
}

async fn set_of(ops: &Ops, id: i64) -> Result<Set, Ended> {
    let set = sets::get(&ops.db, id).await.map_err(Fault::from)?;
    set.ok_or_else(|| Ended::Failed("Its set is not there any more.".to_owned()))
}

async fn begin(ops: &Ops, at: &At, set: &Set, backup: i64, label: &str) -> Outcome<i64> {
    let mut tx = ops.begin().await?;
    let id = restores::begin(&mut tx, at.id(), set.id, backup, label).await?;
    Ops::commit(tx).await?;
    Ok(id)
}

/// Drops what waits beside the live database and is of no use to anybody. The server may have made the switch and lost the
/// word of it: gives it then.
async fn roll_back(at: &At, server: &Server, operation: &str) -> Option<Switched> {
    match once_free(at, || restore::roll_back(server, operation)).await {
        Ok(restore::Outcome::Switched(kept)) => Some(Switched {
            kept: Some(kept.name),
            pause: None,
        }),
        Ok(_) => None,
        Err(error) => {
            at.say(&format!(
                "What was restored beside it still stands, and is dropped later: {}",
                error.message
            ))
            .await;
            None
        }
    }
}

/// Notes that it is restored. A database of the console's that is away ends this attempt: the next one finds it switched.
async fn done(
    ops: &Ops,
    set: &Set,
    restore: i64,
    backup: i64,
    switched: &Switched,
) -> Result<(), Ended> {
    let now = ops.clock.now();
    let noted: Outcome<()> = async {
        let mut tx = ops.begin().await?;
        let kept = switched.kept.as_deref().unwrap_or_default();
        let pause_ms = switched.pause.map(|pause| pause.as_secs_f64() * 1_000.0);
        restores::done(&mut tx, restore, kept, pause_ms, now + KEPT, now).await?;
        taken::prove(&mut tx, backup, now).await?;
        store::changes::publish(&mut tx, Topic::Backups, &set.id.to_string()).await?;
        Ops::commit(tx).await
    }
    .await;
    noted.map_err(or_again)
}

async fn undone(ops: &Ops, set: &Set, restore: i64) -> Result<(), Ended> {
    let noted: Outcome<()> = async {
        let mut tx = ops.begin().await?;
        restores::undone(&mut tx, restore, ops.clock.now()).await?;
        store::changes::publish(&mut tx, Topic::Backups, &set.id.to_string()).await?;
        Ops::commit(tx).await
    }
    .await;
    noted.map_err(or_again)
}

fn or_again(fault: Fault) -> Ended {
    match fault {
        Fault::Store(error) if error.is_unavailable() => Ended::Lost,
        other => other.into(),
    }
}

/// What a restore had stopped.
async fn stopped_by(ops: &Ops, restore: &Restore) -> Result<Writers, Ended> {
    let state = store::operations::state(&ops.db, restore.operation_id)
        .await
        .map_err(Fault::from)?;
    let state: Option<State> = state.and_then(|state| serde_json::from_value(state).ok());
    Ok(state.unwrap_or_default().stopped)
}
