//! What the console's own database is told of restores.

use store::backups::{
    restores,
    sets::{self, Set},
    taken,
};
use types::live::Topic;

use super::KEPT;
use crate::{
    Fault, Ops, Outcome,
    operations::{At, Ended},
};

/// What was done.
#[derive(Clone, Copy, Debug)]
pub(super) enum Done<'a> {
    /// It took the place of what was live.
    InPlace {
        /// Where what was live is now.
        kept: &'a str,
        /// How long nobody could connect, in milliseconds.
        pause_ms: Option<f64>,
    },
    /// It is beside what is live, and leaves nothing to be undone.
    Beside,
    /// It was taken back.
    Undone,
}

/// The set of a restore.
pub(super) async fn set_of(ops: &Ops, id: i64) -> Result<Set, Ended> {
    let set = sets::get(&ops.db, id).await.map_err(Fault::from)?;
    set.ok_or_else(|| Ended::Failed("Its set is not there any more.".to_owned()))
}

/// A restore begins; gives its number.
pub(super) async fn begin(at: &At, set: &Set, backup: i64, label: &str) -> Outcome<i64> {
    let ops = at.ops();
    let mut tx = ops.begin().await?;
    let id = restores::begin(&mut tx, at.id(), set.id, backup, label).await?;
    Ops::commit(tx).await?;
    Ok(id)
}

/// A restore is done; `proven` is the backup that was found to be whole by it. A database of the console's that is away ends
/// this attempt: the next one finds it done.
pub(super) async fn note(
    ops: &Ops,
    set: &Set,
    restore: i64,
    proven: Option<i64>,
    done: Done<'_>,
) -> Result<(), Ended> {
    let now = ops.clock.now();
    let noted: Outcome<()> = async {
        let mut tx = ops.begin().await?;
        match done {
            Done::InPlace { kept, pause_ms } => {
                restores::done(&mut tx, restore, kept, pause_ms, now + KEPT, now).await?;
            }
            Done::Beside => restores::discarded(&mut tx, restore, now).await?,
            Done::Undone => restores::undone(&mut tx, restore, now).await?,
        }
        if let Some(backup) = proven {
            taken::prove(&mut tx, backup, now).await?;
        }
        store::changes::publish(&mut tx, Topic::Backups, &set.id.to_string()).await?;
        Ops::commit(tx).await
    }
    .await;
    noted.map_err(|fault| match fault {
        Fault::Store(error) if error.is_unavailable() => Ended::Lost,
        other => other.into(),
    })
}
