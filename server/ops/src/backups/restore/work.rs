//! Restores of databases in place, and their undos, as operations do them.

use backup::{
    postgres::Server,
    restore::{self, Switched},
};
use store::backups::{restores::Restore, sets::Set};

use super::{
    super::{
        drive::{ended, once_free},
        source,
        writers::Writers,
    },
    Request,
    fill::fill,
    note::{Done, begin, note},
    switch::{State, not_started, remember, start_again, stop_and_switch, verify},
};
use crate::{
    Fault, Ops,
    operations::{At, Ended},
};

/// Restores a database in place of the live one. Killed at any stage, another attempt goes on from what the server's catalog
/// tells: what was not whole was dropped, what is whole is switched to, what was switched stays.
pub(super) async fn run(at: &At, set: &Set, request: Request) -> Result<(), Ended> {
    let ops = at.ops().clone();
    let backup = request.backup;
    let (server, database) = source::server(&ops, set)
        .await?
        .map_err(|error| ended(at, error))?;
    let operation = request.label;
    let restore_id = begin(at, set, backup, &operation).await?;
    ready(at, set, &server, &database, backup, &operation).await?;
    let writers = Writers::find(&ops, set, &server, &database).await?;
    let writers = remember(at, writers).await?;
    let switched = stop_and_switch(&ops, at, &writers, |control, now| {
        let (server, operation) = (server.clone(), operation.clone());
        async move { restore::switch(&server, &operation, now, &control).await }
    })
    .await;
    let switched = match switched {
        Ok(switched) => switched,
        Err(Ended::Lost) => return Err(Ended::Lost),
        Err(why) => {
            let Some(switched) = roll_back(at, &server, &operation).await else {
                // What it says is in the log; why it was not switched matters more.
                let _ = start_again(&ops, at, &writers).await;
                return Err(why);
            };
            switched
        }
    };
    // From here on it is restored, whatever becomes of the services: what was live is kept, and an undo is possible.
    let kept = switched.kept.as_deref().unwrap_or_default();
    let pause_ms = switched.pause.map(|pause| pause.as_secs_f64() * 1_000.0);
    let done = Done::InPlace { kept, pause_ms };
    note(&ops, set, restore_id, Some(backup), done).await?;
    let started = start_again(&ops, at, &writers).await;
    let verified = verify(&ops, at).await;
    started.map_err(|why| {
        not_started(
            "It was restored, and what was live is kept for an undo. But",
            why,
        )
    })?;
    verified
}

/// Restores beside the live database, unless an earlier attempt had; from there on the server's catalog tells what it came to.
pub(super) async fn ready(
    at: &At,
    set: &Set,
    server: &Server,
    database: &str,
    backup: i64,
    operation: &str,
) -> Result<(), Ended> {
    let left = once_free(at, || restore::resume(server, operation))
        .await
        .map_err(|error| ended(at, error))?;
    if matches!(
        left,
        restore::Outcome::Nothing | restore::Outcome::RolledBack
    ) {
        return Box::pin(fill(at.ops(), at, set, server, database, backup, operation)).await;
    }
    if at.is_resumed() {
        at.say("An earlier attempt had restored and compared it; this one goes on from there.")
            .await;
    }
    Ok(())
}

/// Switches back to the database that a restore put aside.
pub(super) async fn run_undo(at: &At, set: &Set, restore: Restore) -> Result<(), Ended> {
    let ops = at.ops().clone();
    let (server, database) = source::server(&ops, set)
        .await?
        .map_err(|error| ended(at, error))?;
    let mut writers = Writers::find(&ops, set, &server, &database).await?;
    // What the restore stopped and could not start again runs again afterwards.
    writers.add(stopped_by(&ops, &restore).await?);
    let writers = remember(at, writers).await?;
    let switched = stop_and_switch(&ops, at, &writers, |control, now| {
        let (server, label) = (server.clone(), restore.label.clone());
        async move { restore::undo(&server, &label, now, &control).await }
    })
    .await;
    match switched {
        Ok(_) => note(&ops, set, restore.id, None, Done::Undone).await?,
        Err(Ended::Lost) => return Err(Ended::Lost),
        Err(why) => {
            let _ = start_again(&ops, at, &writers).await;
            return Err(why);
        }
    }
    let started = start_again(&ops, at, &writers).await;
    let verified = verify(&ops, at).await;
    started.map_err(|why| not_started("It was undone. But", why))?;
    verified
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

/// What a restore had stopped.
async fn stopped_by(ops: &Ops, restore: &Restore) -> Result<Writers, Ended> {
    let state = store::operations::state(&ops.db, restore.operation_id)
        .await
        .map_err(Fault::from)?;
    let state: Option<State> = state.and_then(|state| serde_json::from_value(state).ok());
    Ok(state.unwrap_or_default().stopped)
}
