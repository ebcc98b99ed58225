//! Backups as their repositories have them: the first target that has one is asked.

use backup::{
    Error, Kind,
    postgres::{self, Stored},
    restic::{Filter, Restic, Snapshot},
};
use store::backups::{sets::Set, taken, targets};
use types::Error as Told;

use crate::{Fault, Ops, Outcome};

/// Does `work` with the repository of the first target of a set that it succeeds with.
///
/// # Errors
/// The console's database failed; within, why it succeeded with none.
pub async fn first_of<T, F>(
    ops: &Ops,
    set: &Set,
    mut work: impl FnMut(Restic) -> F,
) -> Outcome<Result<T, Error>>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut last = Error {
        kind: Kind::NotFound,
        message: "It goes to no target.".to_owned(),
        detail: String::new(),
    };
    for target in targets::of_set(&ops.db, set.id).await? {
        let restic = match ops.backups.restic(&target.location).await {
            Ok(restic) => restic,
            Err(error) => {
                last = error;
                continue;
            }
        };
        match work(restic).await {
            Ok(done) => return Ok(Ok(done)),
            Err(error) => last = error,
        }
    }
    Ok(Err(last))
}

/// The snapshot of a backup of files, and its repository.
///
/// # Errors
/// As [`first_of`].
pub async fn files(
    ops: &Ops,
    set: &Set,
    backup: i64,
) -> Outcome<Result<(Restic, Snapshot), Error>> {
    let label = label(ops, backup).await?;
    first_of(ops, set, |restic| {
        let filter = Filter {
            tags: vec![format!("backup={label}")],
            ..Filter::default()
        };
        async move {
            let found = restic.newest(&filter).await?;
            let snapshot = found.ok_or_else(|| Error {
                kind: Kind::NotFound,
                message: "The repository does not have it any more.".to_owned(),
                detail: String::new(),
            })?;
            Ok((restic, snapshot))
        }
    })
    .await
}

/// The snapshots of a backup of a database, and their repository.
///
/// # Errors
/// As [`first_of`].
pub async fn database(
    ops: &Ops,
    set: &Set,
    backup: i64,
) -> Outcome<Result<(Restic, Stored), Error>> {
    let label = label(ops, backup).await?;
    first_of(ops, set, |restic| {
        let label = label.clone();
        async move {
            let stored = postgres::load(&restic, &label).await?;
            Ok((restic, stored))
        }
    })
    .await
}

async fn label(ops: &Ops, backup: i64) -> Outcome<String> {
    Ok(taken::label(&ops.db, backup).await?.unwrap_or_default())
}

/// What a person is told of a repository that does not give what they asked for.
pub fn refusal(error: Error) -> Fault {
    tracing::warn!(kind = ?error.kind, detail = error.detail, "{}", error.message);
    match error.kind {
        Kind::NotFound => Told::not_found("file in this backup").into(),
        _ => Told::conflict(error.message).into(),
    }
}
