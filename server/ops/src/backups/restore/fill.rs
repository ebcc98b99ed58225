//! A backup restored beside the live database.

use backup::{postgres, restore};
use store::backups::{sets::Set, taken, targets};

use super::{
    super::{
        drill::{compared, differs},
        drive::{driven, ended, once_free, once_unlocked},
    },
    FILL,
};
use crate::{
    Fault, Ops,
    operations::{At, Ended},
};

/// Restores from the first target that has it, and compares.
pub(super) async fn fill(
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
    let filling = async {
        let driven = driven(at);
        let mut last = None;
        for target in &targets {
            let find = || async {
                let restic = ops.backups.restic(&target.location).await?;
                let stored = postgres::load(&restic, &label_of).await?;
                Ok::<_, backup::Error>((restic, stored))
            };
            let (restic, stored) = match once_unlocked(at, find).await {
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
            let fill = || {
                Box::pin(restore::fill(
                    server,
                    &restic,
                    &stored,
                    &request,
                    &driven.control,
                ))
            };
            let filled = once_unlocked(at, || once_free(at, fill))
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
    };
    Box::pin(at.stage(FILL, filling)).await
}
