//! Taking a backup.

use std::path::PathBuf;

use backup::{
    Error, Kind,
    postgres::{self, Options},
    restic::{Directories, Filter, Labels, ReadData, Restic},
};
use serde::{Deserialize, Serialize};
use store::backups::{
    sets::{self, Set},
    taken::{self, Figures, Made},
    targets::{self, Target},
};
use types::{
    Capability, Error as Told,
    live::Topic,
    operations::{Kind as Does, Phase},
};

use super::{
    drive::{driven, ended},
    keep, list, source,
};
use crate::{
    Actor, Fault, Ops, Outcome,
    audit::{self, Entry},
    operations::{self, Asked, At, Ended},
};

const BACK_UP: &str = "Back up";
const FURTHER: &str = "Copy to the other targets";
const READ_BACK: &str = "Read back";
const TIDY: &str = "Forget what is too old";

/// The stages, in order.
const STAGES: [&str; 4] = [BACK_UP, FURTHER, READ_BACK, TIDY];

/// Up to so many bytes a backup is read back at once; larger ones by the daily check.
const READ_BACK_UP_TO: u64 = 2 << 30;

/// What is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Request {
    set: i64,
    /// Its name in the repositories.
    label: String,
}

/// A name that nothing else has: not in a repository or a server that other consoles use as well, nor in one that an earlier
/// database of this console knew.
pub(super) fn label(what: &str) -> String {
    format!("{what}-{:016x}", rand::random::<u64>())
}

/// Asks for a backup of a set now; gives the operation.
///
/// # Errors
/// There is no such set; the actor may not take backups of it; something is under way on it; the database failed.
pub async fn run(ops: &Ops, actor: &Actor, id: i64) -> Outcome<i64> {
    const ACTION: &str = "backup.run";
    let set = list::stored(ops, actor, id).await?;
    let team = set.settings.team.as_str();
    let target = format!("backup set {}", set.settings.name);
    let allowed = actor.may_for_team(Capability::TakeBackups, team, false);
    audit::permit(ops, actor, ACTION, &target, Some(team), allowed).await?;
    let mut tx = ops.begin().await?;
    let operation = ask(&mut tx, ops, actor, &set).await?;
    let entry = Entry::done(ACTION, &target)
        .of_team(team)
        .with(serde_json::json!({ "operation": operation }));
    audit::record(&mut tx, ops, actor, entry).await?;
    Ops::commit(tx).await?;
    Ok(operation)
}

/// Puts a backup of a set in the queue.
pub(super) async fn ask(
    tx: &mut store::PgConnection,
    ops: &Ops,
    actor: &Actor,
    set: &Set,
) -> Outcome<i64> {
    let asked = Asked {
        kind: Does::Backup,
        subject: &list::subject(set.id),
        target: &set.settings.name,
        team: &set.settings.team,
        request: serde_json::json!(Request {
            set: set.id,
            label: label("backup"),
        }),
        stages: &STAGES,
    };
    operations::enqueue(tx, ops, actor, &asked).await
}

/// What a backup's copy at one target came to.
struct Done {
    snapshot: String,
    figures: Figures,
    bytes: u64,
}

/// Takes the backup that the operation asks for.
pub(super) async fn take(at: At) -> Result<(), Ended> {
    let ops = at.ops().clone();
    let request: Request = at.request()?;
    let set = sets::get(&ops.db, request.set)
        .await
        .map_err(Fault::from)?
        .ok_or_else(|| Ended::Failed("Its set is not there any more.".to_owned()))?;
    let label = request.label;
    let backup = begin(&ops, &at, &set, &label).await?;
    let result = take_all(&ops, &at, &set, &label, backup).await;
    let (status, failure) = match &result {
        Ok(_) => (Phase::Succeeded, None),
        Err(Ended::Cancelled) => (Phase::Cancelled, None),
        Err(Ended::Failed(why)) => (Phase::Failed, Some(why.as_str())),
        // Whoever goes on finishes it.
        Err(Ended::Lost) => return Err(Ended::Lost),
    };
    let figures = result.as_ref().map(|figures| *figures).unwrap_or_default();
    finish(&ops, &set, backup, status, figures, failure).await?;
    result?;
    tidy(&ops, &at, &set).await
}

async fn begin(ops: &Ops, at: &At, set: &Set, label: &str) -> Outcome<i64> {
    let mut tx = ops.begin().await?;
    let asked_by = &at.claimed().asked_by;
    let now = ops.clock.now();
    let id = taken::begin(&mut tx, set.id, at.id(), label, asked_by, now).await?;
    store::changes::publish(&mut tx, Topic::Backups, &set.id.to_string()).await?;
    Ops::commit(tx).await?;
    Ok(id)
}

async fn finish(
    ops: &Ops,
    set: &Set,
    backup: i64,
    status: Phase,
    figures: Figures,
    failure: Option<&str>,
) -> Outcome<()> {
    let mut tx = ops.begin().await?;
    taken::finish(&mut tx, backup, status, figures, failure, ops.clock.now()).await?;
    store::changes::publish(&mut tx, Topic::Backups, &set.id.to_string()).await?;
    Ops::commit(tx).await
}

/// Backs up to every target. One that can't be reached is told and does not keep the others from theirs; it is good when
/// one of them has it.
async fn take_all(
    ops: &Ops,
    at: &At,
    set: &Set,
    label: &str,
    backup: i64,
) -> Result<Figures, Ended> {
    let targets = targets::of_set(&ops.db, set.id)
        .await
        .map_err(Fault::from)?;
    let Some((first, others)) = targets.split_first() else {
        return Err(Ended::Failed(
            "It goes to no target. Choose one in its settings.".to_owned(),
        ));
    };
    let mut tried = vec![];
    let main = at.stage(BACK_UP, async {
        let done = copy_to(ops, at, set, label, backup, first).await?;
        let told = match &done {
            Ok(done) => format!(
                "{} read, {} new",
                size(done.figures.bytes_read),
                size(done.figures.bytes_added)
            ),
            Err(error) => error.message.clone(),
        };
        Ok((done, told))
    });
    tried.push((first, main.await?));
    let further = at.stage(FURTHER, async {
        let mut further = Vec::new();
        for target in others {
            further.push((target, copy_to(ops, at, set, label, backup, target).await?));
        }
        let well = further.iter().filter(|(_, done)| done.is_ok()).count();
        let told = if others.is_empty() {
            "there is one target alone".to_owned()
        } else {
            format!("{well} of {} reached", others.len())
        };
        Ok((further, told))
    });
    tried.extend(further.await?);
    let figures = tried
        .iter()
        .find_map(|(_, done)| done.as_ref().ok().map(|done| done.figures));
    let Some(figures) = figures else {
        let why = tried.into_iter().find_map(|(_, done)| done.err());
        return Err(Ended::Failed(
            why.map_or_else(String::new, |error| error.message),
        ));
    };
    at.stage(READ_BACK, async {
        let mut told = Vec::new();
        for (target, done) in &tried {
            if let Ok(done) = done {
                let read = read_back(ops, at, backup, target, done).await?;
                told.push(format!("{}: {read}", target.name));
            }
        }
        Ok(((), told.join("; ")))
    })
    .await?;
    Ok(figures)
}

/// Makes the copy at one target and notes how that went; the inner error is the target's or the source's.
async fn copy_to(
    ops: &Ops,
    at: &At,
    set: &Set,
    label: &str,
    backup: i64,
    target: &Target,
) -> Result<Result<Done, Error>, Ended> {
    let done = copy(ops, at, set, label, target).await?;
    let failure = done.as_ref().err().map(|error| error.message.as_str());
    let made = Made {
        snapshot: done.as_ref().ok().map(|done| done.snapshot.as_str()),
        verified_at: None,
        failure,
    };
    let noted: Outcome<()> = async {
        let mut tx = ops.begin().await?;
        taken::copied(&mut tx, backup, target.id, made, ops.clock.now()).await?;
        Ops::commit(tx).await
    }
    .await;
    noted?;
    match done {
        Err(error) if error.kind == Kind::Cancelled => Err(ended(at, error)),
        Err(error) => {
            at.say(&format!("{}: {}", target.name, error.message)).await;
            Ok(Err(error))
        }
        Ok(done) => Ok(Ok(done)),
    }
}

async fn copy(
    ops: &Ops,
    at: &At,
    set: &Set,
    label: &str,
    target: &Target,
) -> Result<Result<Done, Error>, Ended> {
    let restic = match ops.backups.restic(&target.location).await {
        Ok(restic) => restic,
        Err(error) => return Ok(Err(error)),
    };
    let driven = driven(at);
    let labels = Labels {
        host: "ytops".to_owned(),
        tags: vec![format!("set={}", set.id)],
    };
    if set.kind.is_database() {
        let (server, database) = match source::server(ops, set).await? {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        let options = Options {
            checksum_up_to: set.settings.checksum_up_to,
            ..Options::new(label, labels, ops.backups.spool())
        };
        Ok(Box::pin(database_to(
            &restic,
            &server,
            &database,
            label,
            &options,
            &driven.control,
        ))
        .await)
    } else {
        Ok(files_to(&restic, set, label, labels, &driven.control).await)
    }
}

async fn database_to(
    restic: &Restic,
    server: &postgres::Server,
    database: &str,
    label: &str,
    options: &Options,
    control: &backup::Control,
) -> Result<Done, Error> {
    // What an attempt that was killed has left is taken again from the start.
    match postgres::load(restic, label).await {
        Ok(left) => restic.forget(&left.snapshots()).await?,
        Err(error) if error.kind == Kind::NotFound => {}
        Err(error) => return Err(error),
    }
    restic.unlock().await?;
    let made = Box::pin(postgres::backup(server, database, restic, options, control)).await?;
    let rows = made.manifest.rows();
    let bytes = made.dump.bytes_read + made.details.bytes_read;
    Ok(Done {
        snapshot: made.dump.id.to_string(),
        figures: Figures {
            bytes_read: signed(bytes),
            bytes_added: signed(made.dump.bytes_added + made.details.bytes_added),
            items: signed(made.manifest.relations.len() as u64),
            rows: signed(rows.values().sum()),
        },
        bytes,
    })
}

async fn files_to(
    restic: &Restic,
    set: &Set,
    label: &str,
    mut labels: Labels,
    control: &backup::Control,
) -> Result<Done, Error> {
    labels.tags.push(format!("backup={label}"));
    let what = Directories {
        paths: set.settings.paths.iter().map(PathBuf::from).collect(),
        excludes: set.settings.excludes.clone(),
        folder: None,
    };
    restic.unlock().await?;
    let made = Box::pin(restic.backup_directories(&what, &labels, control)).await?;
    if made.unreadable > 0 {
        let named: Vec<&str> = made
            .unreadable_names
            .iter()
            .map(String::as_str)
            .take(3)
            .collect();
        return Err(Error {
            kind: Kind::Other,
            message: format!(
                "{} files could not be read, such as {}. Let the console read them, or leave them out.",
                made.unreadable,
                named.join(", ")
            ),
            detail: made.unreadable_names.join("\n"),
        });
    }
    Ok(Done {
        snapshot: made.id.to_string(),
        figures: Figures {
            bytes_read: signed(made.bytes_read),
            bytes_added: signed(made.bytes_added),
            items: signed(made.files_new + made.files_changed + made.files_unmodified),
            rows: 0,
        },
        bytes: made.bytes_read,
    })
}

/// Reads a copy back where that takes seconds; of a larger one the daily check reads its share. Damage is a failure of the
/// whole backup, whatever else went well.
async fn read_back(
    ops: &Ops,
    at: &At,
    backup: i64,
    target: &Target,
    done: &Done,
) -> Result<String, Ended> {
    let restic = (ops.backups.restic(&target.location).await).map_err(|error| ended(at, error))?;
    let driven = driven(at);
    let read = if done.bytes <= READ_BACK_UP_TO {
        restic
            .check(ReadData::None, &driven.control)
            .await
            .map_err(|error| ended(at, error))?;
        dump_all(&restic, &done.snapshot, at)
            .await
            .map(|bytes| (true, format!("{} read back", size(signed(bytes)))))
    } else {
        let read = restic.check(ReadData::None, &driven.control).await;
        read.map(|()| {
            (
                false,
                "its index is whole; the daily check reads its data".to_owned(),
            )
        })
    };
    let (is_verified, told) = read.map_err(|error| ended(at, error))?;
    if is_verified {
        let now = ops.clock.now();
        let made = Made {
            snapshot: Some(&done.snapshot),
            verified_at: Some(now),
            failure: None,
        };
        let noted: Outcome<()> = async {
            let mut tx = ops.begin().await?;
            taken::copied(&mut tx, backup, target.id, made, now).await?;
            Ops::commit(tx).await
        }
        .await;
        noted?;
    }
    Ok(told)
}

/// Reads every byte of a snapshot from the repository, where each piece is compared with its hash.
async fn dump_all(restic: &Restic, snapshot: &str, at: &At) -> Result<u64, Error> {
    let id = snapshot.to_owned().try_into()?;
    // A folder is given as an archive of all that is in it.
    let mut dumping = restic.dump(&id, "/")?;
    let mut bytes = 0;
    while let Some(piece) = dumping.next().await? {
        bytes += piece.len() as u64;
        if at.go_on().is_err() {
            return Err(Error {
                kind: Kind::Cancelled,
                message: "It was cancelled.".to_owned(),
                detail: String::new(),
            });
        }
    }
    Ok(bytes)
}

/// Forgets what no rule keeps, at every target. What can't be forgotten now is tried again with the next backup.
async fn tidy(ops: &Ops, at: &At, set: &Set) -> Result<(), Ended> {
    at.stage(TIDY, async {
        let all = taken::kept(&ops.db, set.id).await.map_err(Fault::from)?;
        let gone = keep::to_forget(&all, &set.settings.keep, ops.clock.now());
        let targets = targets::of_set(&ops.db, set.id)
            .await
            .map_err(Fault::from)?;
        let mut forgotten = 0;
        for one in all.iter().filter(|one| gone.contains(&one.id)) {
            at.go_on()?;
            match forget(ops, &one.label, &targets).await {
                Ok(()) => {
                    let mut tx = ops.begin().await?;
                    taken::forgotten(&mut tx, one.id, ops.clock.now())
                        .await
                        .map_err(Fault::from)?;
                    Ops::commit(tx).await?;
                    forgotten += 1;
                }
                Err(error) => {
                    at.say(&format!("Not forgotten yet: {}", error.message))
                        .await;
                }
            }
        }
        Ok(((), format!("{forgotten} of {} forgotten", all.len())))
    })
    .await
}

async fn forget(ops: &Ops, label: &str, targets: &[Target]) -> Result<(), Error> {
    for target in targets {
        let restic = ops.backups.restic(&target.location).await?;
        let filter = Filter {
            tags: vec![format!("backup={label}")],
            ..Filter::default()
        };
        let ids: Vec<_> = restic
            .snapshots(&filter)
            .await?
            .into_iter()
            .map(|one| one.id)
            .collect();
        restic.forget(&ids).await?;
    }
    Ok(())
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// Bytes as people read them.
pub(super) fn size(bytes: i64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    #[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
    let mut value = bytes.max(0) as f64;
    let mut unit = 0;
    while value >= 1_023.95 && unit + 1 < UNITS.len() {
        value /= 1_024.0;
        unit += 1;
    }
    if unit == 0 {
        format!("{value:.0} B")
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}

/// There is no such set any more, or its backup.
pub(super) fn not_there(what: &str) -> Fault {
    Told::not_found(what).into()
}
