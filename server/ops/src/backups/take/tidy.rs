//! What follows a backup: its data is read back, and what no rule keeps is forgotten.

use backup::{
    Error, Kind,
    restic::{Filter, ReadData, Restic},
};
use store::backups::{
    sets::Set,
    taken::{self, Made},
    targets::{self, Target},
};

use super::{
    super::{
        drive::{driven, ended, once_unlocked},
        keep,
    },
    TIDY,
    copy::Done,
    signed, size,
};
use crate::{
    Fault, Ops, Outcome,
    operations::{At, Ended},
};

/// Up to so many bytes a backup is read back at once; larger ones by the daily check.
const READ_BACK_UP_TO: u64 = 2 << 30;

/// Reads a copy back where that takes seconds; of a larger one the daily check reads its share. Damage is a failure of the
/// whole backup, whatever else went well.
pub(super) async fn read_back(
    ops: &Ops,
    at: &At,
    backup: i64,
    target: &Target,
    done: &Done,
) -> Result<String, Ended> {
    let restic = once_unlocked(at, || ops.backups.restic(&target.location))
        .await
        .map_err(|error| ended(at, error))?;
    let driven = driven(at);
    once_unlocked(at, || restic.check(ReadData::None, &driven.control))
        .await
        .map_err(|error| ended(at, error))?;
    let is_verified = done.bytes <= READ_BACK_UP_TO;
    let told = if is_verified {
        let bytes = once_unlocked(at, || dump_all(&restic, &done.snapshot, at))
            .await
            .map_err(|error| ended(at, error))?;
        format!("{} read back", size(signed(bytes)))
    } else {
        "its index is whole; the daily check reads its data".to_owned()
    };
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
pub(super) async fn tidy(ops: &Ops, at: &At, set: &Set) -> Result<(), Ended> {
    at.stage(TIDY, async {
        let all = taken::kept(&ops.db, set.id).await.map_err(Fault::from)?;
        let gone = keep::to_forget(&all, &set.settings.keep, ops.clock.now());
        let targets = targets::of_set(&ops.db, set.id)
            .await
            .map_err(Fault::from)?;
        let mut forgotten = 0;
        for one in all.iter().filter(|one| gone.contains(&one.id)) {
            at.go_on()?;
            match forget(ops, at, &one.label, &targets).await {
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
                    // It would be waited for again.
                    if error.kind == Kind::Locked {
                        break;
                    }
                }
            }
        }
        Ok(((), format!("{forgotten} of {} forgotten", all.len())))
    })
    .await
}

async fn forget(ops: &Ops, at: &At, label: &str, targets: &[Target]) -> Result<(), Error> {
    for target in targets {
        once_unlocked(at, || forget_at(ops, label, target)).await?;
    }
    Ok(())
}

async fn forget_at(ops: &Ops, label: &str, target: &Target) -> Result<(), Error> {
    let restic = ops.backups.restic(&target.location).await?;
    let filter = Filter {
        tags: vec![format!("backup={label}")],
        ..Filter::default()
    };
    let found = restic.snapshots(&filter).await?;
    let ids: Vec<_> = found.into_iter().map(|one| one.id).collect();
    restic.forget(&ids).await
}
