//! Drills: a backup is restored into scratch, compared with its manifest, and cleaned up. What a drill found to be whole is
//! proven restorable.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use backup::{postgres, restore};
use serde::{Deserialize, Serialize};
use store::backups::{
    sets::{self, Set},
    taken, targets,
};
use types::{Error as Told, live::Topic, operations::Kind as Does};

use super::{
    ask as asking,
    drive::{driven, ended, once_free, once_unlocked},
    list, source, take,
};
use crate::{
    Actor, Fault, Ops, Outcome,
    operations::{self, Asked, At, Ended},
};

const RESTORE: &str = "Restore into scratch and compare";
const CLEAN: &str = "Clean up";

/// The stages, in order.
const STAGES: [&str; 2] = [RESTORE, CLEAN];

/// How soon a drill that failed is tried again.
const AGAIN: time::Duration = time::Duration::hours(1);

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Request {
    set: i64,
    /// Its name in the server's catalog, and of its scratch folder.
    label: String,
}

/// Asks for a drill of a set's newest backup; gives the operation.
///
/// # Errors
/// There is no such set; the actor may not run drills of it; there is nothing to restore; something is under way on it.
pub async fn drill(ops: &Ops, actor: &Actor, id: i64) -> Outcome<i64> {
    const ACTION: &str = "backup.drill";
    let set = asking::permitted(ops, actor, id, ACTION).await?;
    if taken::kept(&ops.db, id).await?.is_empty() {
        return Err(Told::conflict("It was not backed up yet. Take a backup first.").into());
    }
    let mut tx = ops.begin().await?;
    let operation = ask(&mut tx, ops, actor, &set).await?;
    asking::record(&mut tx, ops, actor, ACTION, &set, operation).await?;
    Ops::commit(tx).await?;
    Ok(operation)
}

/// Puts a drill of a set in the queue.
pub(super) async fn ask(
    tx: &mut store::PgConnection,
    ops: &Ops,
    actor: &Actor,
    set: &Set,
) -> Outcome<i64> {
    let asked = Asked {
        kind: Does::Drill,
        subject: &list::subject(set.id),
        target: &set.settings.name,
        team: &set.settings.team,
        request: serde_json::json!(Request {
            set: set.id,
            label: take::label("drill"),
        }),
        stages: &STAGES,
    };
    operations::enqueue(tx, ops, actor, &asked).await
}

/// Does the drill that the operation asks for, and notes its result.
pub(super) async fn run(at: At) -> Result<(), Ended> {
    let ops = at.ops().clone();
    let request: Request = at.request()?;
    let set = sets::get(&ops.db, request.set)
        .await
        .map_err(Fault::from)?
        .ok_or_else(|| Ended::Failed("Its set is not there any more.".to_owned()))?;
    let newest = taken::kept(&ops.db, set.id).await.map_err(Fault::from)?;
    let Some(newest) = newest.into_iter().next() else {
        return Err(Ended::Failed("There is no backup to restore.".to_owned()));
    };
    let began = Instant::now();
    let passing = Passing::default();
    let result = restored(&ops, &at, &set, &newest.label, &request.label, &passing).await;
    let took_s = began.elapsed().as_secs_f64();
    let failure = match &result {
        Ok(()) => None,
        Err(Ended::Failed(why)) => Some(why.as_str()),
        Err(Ended::Cancelled | Ended::Lost) => return result,
    };
    let noted: Outcome<()> = async {
        let now = ops.clock.now();
        let mut tx = ops.begin().await?;
        let took_s = failure.is_none().then_some(took_s);
        if !passing.is() {
            sets::drilled(&mut tx, set.id, took_s, failure, now).await?;
        }
        if failure.is_some() {
            sets::set_next_drill(&mut tx, set.id, now + AGAIN).await?;
        }
        if failure.is_none() {
            taken::prove(&mut tx, newest.id, now).await?;
        }
        store::changes::publish(&mut tx, Topic::Backups, &set.id.to_string()).await?;
        Ops::commit(tx).await
    }
    .await;
    noted?;
    result
}

/// Whether what failed may pass by itself: a target or a server that can't be reached says nothing of the backup.
#[derive(Debug, Default)]
struct Passing(AtomicBool);

impl Passing {
    fn is(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn ended(&self, at: &At, error: backup::Error) -> Ended {
        self.0.store(error.kind.is_transient(), Ordering::Relaxed);
        ended(at, error)
    }
}

async fn restored(
    ops: &Ops,
    at: &At,
    set: &Set,
    label: &str,
    scratch: &str,
    passing: &Passing,
) -> Result<(), Ended> {
    let target = targets::of_set(&ops.db, set.id)
        .await
        .map_err(Fault::from)?;
    let Some(target) = target.into_iter().next() else {
        return Err(Ended::Failed("It goes to no target.".to_owned()));
    };
    let restic = once_unlocked(at, || ops.backups.restic(&target.location))
        .await
        .map_err(|error| passing.ended(at, error))?;
    if set.kind.is_database() {
        database(ops, at, set, label, scratch, &restic, passing).await
    } else {
        files(ops, at, label, scratch, &restic, passing).await
    }
}

async fn database(
    ops: &Ops,
    at: &At,
    set: &Set,
    label: &str,
    name: &str,
    restic: &backup::restic::Restic,
    passing: &Passing,
) -> Result<(), Ended> {
    let (server, database) = source::server(ops, set)
        .await?
        .map_err(|error| passing.ended(at, error))?;
    // What an attempt that was killed has left.
    once_free(at, || restore::discard(&server, name))
        .await
        .map_err(|error| passing.ended(at, error))?;
    let filled = at
        .stage(RESTORE, async {
            let driven = driven(at);
            let stored = once_unlocked(at, || postgres::load(restic, label))
                .await
                .map_err(|error| passing.ended(at, error))?;
            let request = restore::Request {
                checksum_up_to: set.settings.checksum_up_to,
                accepts_differences: false,
                ..restore::Request::new(name, format!("{database}_drill"), ops.backups.spool())
            };
            let fill = || {
                Box::pin(restore::fill(
                    &server,
                    restic,
                    &stored,
                    &request,
                    &driven.control,
                ))
            };
            let filled = once_unlocked(at, || once_free(at, fill))
                .await
                .map_err(|error| passing.ended(at, error))?;
            if !filled.is_ready {
                return Err(Ended::Failed(differs(&filled)));
            }
            let told = compared(&filled.comparison);
            Ok((filled, told))
        })
        .await;
    at.stage(CLEAN, async {
        once_free(at, || restore::discard(&server, name))
            .await
            .map_err(|error| passing.ended(at, error))?;
        Ok(((), String::new()))
    })
    .await?;
    filled.map(drop)
}

/// What was compared, in short.
pub(super) fn compared(comparison: &postgres::Comparison) -> String {
    format!(
        "{} tables with {} rows compared, {} of them by content",
        comparison.tables, comparison.rows, comparison.checksums
    )
}

/// What of a restored database is not as it was backed up.
pub(super) fn differs(filled: &restore::Filled) -> String {
    let differences = &filled.comparison.differences;
    let named: Vec<String> = (differences.iter().take(5))
        .map(|one| {
            format!(
                "{} should be {} and is {}",
                one.subject, one.expected, one.found
            )
        })
        .collect();
    format!(
        "What was restored is not what was backed up, in {} places: {}.",
        differences.len(),
        named.join("; ")
    )
}

async fn files(
    ops: &Ops,
    at: &At,
    label: &str,
    scratch: &str,
    restic: &backup::restic::Restic,
    passing: &Passing,
) -> Result<(), Ended> {
    let scratch = ops.backups.spool().join(scratch);
    let clean = |path: &std::path::Path| {
        std::fs::remove_dir_all(path)
            .or_else(|error| {
                if error.kind() == std::io::ErrorKind::NotFound {
                    Ok(())
                } else {
                    Err(error)
                }
            })
            .map_err(|error| {
                Ended::Failed(format!("{} can't be removed: {error}.", path.display()))
            })
    };
    clean(&scratch)?;
    let restored = at
        .stage(RESTORE, async {
            let driven = driven(at);
            let filter = backup::restic::Filter {
                tags: vec![format!("backup={label}")],
                ..Default::default()
            };
            let found = once_unlocked(at, || restic.snapshots(&filter))
                .await
                .map_err(|error| passing.ended(at, error))?;
            let Some(snapshot) = found.into_iter().next() else {
                return Err(Ended::Failed(
                    "The repository does not have it any more.".to_owned(),
                ));
            };
            let restore = || {
                let control = &driven.control;
                backup::directory::restore_aside(restic, &snapshot.id, &[], &scratch, control)
            };
            once_unlocked(at, restore)
                .await
                .map_err(|error| passing.ended(at, error))?;
            Ok(((), "every file read back by its hash".to_owned()))
        })
        .await;
    at.stage(CLEAN, async {
        clean(&scratch)?;
        Ok(((), String::new()))
    })
    .await?;
    restored
}
