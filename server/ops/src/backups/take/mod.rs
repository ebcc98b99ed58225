//! Taking a backup.

mod copy;
mod tidy;

use backup::Error;
use serde::{Deserialize, Serialize};
use store::backups::{
    sets::{self, Set},
    taken::{self, Figures},
    targets::{self, Target},
};
use types::{
    Error as Told,
    live::Topic,
    operations::{Kind as Does, Phase},
};

use self::{
    copy::{Done, copy_to},
    tidy::{read_back, tidy},
};
use super::{ask as asking, list};
use crate::{
    Actor, Fault, Ops, Outcome,
    operations::{self, Asked, At, Ended},
};

const BACK_UP: &str = "Back up";
const FURTHER: &str = "Copy to the other targets";
const READ_BACK: &str = "Read back";
const TIDY: &str = "Forget what is too old";

/// The stages, in order.
const STAGES: [&str; 4] = [BACK_UP, FURTHER, READ_BACK, TIDY];

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
    let set = asking::permitted(ops, actor, id, ACTION).await?;
    let mut tx = ops.begin().await?;
    let operation = ask(&mut tx, ops, actor, &set).await?;
    asking::record(&mut tx, ops, actor, ACTION, &set, operation).await?;
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

/// The copy at the first target. One that can't be made is shown as a stage that failed, and the others go on.
async fn first_copy(
    ops: &Ops,
    at: &At,
    set: &Set,
    label: &str,
    backup: i64,
    target: &Target,
) -> Result<Result<Done, Error>, Ended> {
    let mut failed = None;
    let copying = async {
        match copy_to(ops, at, set, label, backup, target).await? {
            Ok(done) => {
                let Figures {
                    bytes_read,
                    bytes_added,
                    ..
                } = done.figures;
                let told = format!("{} read, {} new", size(bytes_read), size(bytes_added));
                Ok((done, told))
            }
            Err(error) => {
                let why = error.message.clone();
                failed = Some(error);
                Err(Ended::Failed(why))
            }
        }
    };
    let copied = Box::pin(at.stage(BACK_UP, copying)).await;
    match (copied, failed) {
        (Ok(done), _) => Ok(Ok(done)),
        (Err(Ended::Failed(_)), Some(error)) => Ok(Err(error)),
        (Err(why), _) => Err(why),
    }
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
    let mut tried = vec![(first, first_copy(ops, at, set, label, backup, first).await?)];
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
