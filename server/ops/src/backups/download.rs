//! What is in a backup, as a stream: a file, or the dump of a database.

use backup::{
    postgres::DUMP_FILE,
    restic::{self, Dumping, Restic, SnapshotId},
};
use futures::stream::{self, BoxStream, StreamExt};
use serde_json::json;
use store::backups::sets::Set;
use types::{Error, backups::Backup, operations::Phase};

use super::{
    browse::{must_have_files, within},
    list, open,
    restore::{self, permit, roots},
};
use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
};

/// A file on its way.
pub struct Download {
    /// What to call it.
    pub name: String,
    /// Its bytes, where that is known.
    pub bytes: Option<u64>,
    /// Its contents, piece by piece. A piece that fails is the end of a file that is not whole.
    pub pieces: BoxStream<'static, Outcome<Vec<u8>>>,
}

/// What is to be read of a repository.
struct Source {
    restic: Restic,
    snapshot: SnapshotId,
    path: String,
    name: String,
    bytes: Option<u64>,
}

/// A file of a backup, or the dump of one of a database, of which no `path` is given. It is recorded.
///
/// # Errors
/// There is no such backup, or no such file in it; the actor may not restore it, or has not proved their password; its
/// repository can't be read; the database failed.
pub async fn download(ops: &Ops, actor: &Actor, id: i64, path: &str) -> Outcome<Download> {
    const ACTION: &str = "backup.download";
    let (taken, set) = list::of_backup(ops, actor, id).await?;
    let target = format!("backup {id} of {}", set.settings.name);
    permit(ops, actor, ACTION, &target, &set).await?;
    let source = if set.kind.is_database() {
        dump(ops, &set, &taken, path).await?
    } else {
        file(ops, &set, &taken, path).await?
    };
    let mut dumping = (source.restic)
        .dump(&source.snapshot, &source.path)
        .map_err(open::refusal)?;
    // What can't be read is told before anything is sent.
    let first = dumping.next().await.map_err(open::refusal)?;
    let entry = Entry::done(ACTION, &target)
        .of_team(&set.settings.team)
        .with(json!({ "path": source.path, "bytes": source.bytes }));
    audit::record_alone(ops, actor, entry).await?;
    Ok(Download {
        name: source.name,
        bytes: source.bytes,
        pieces: pieces(first, dumping),
    })
}

fn pieces(first: Option<Vec<u8>>, dumping: Dumping) -> BoxStream<'static, Outcome<Vec<u8>>> {
    let rest = stream::try_unfold(dumping, |mut dumping| async move {
        let piece = dumping.next().await.map_err(open::refusal)?;
        Ok(piece.map(|piece| (piece, dumping)))
    });
    match first {
        Some(first) => stream::once(async move { Ok(first) }).chain(rest).boxed(),
        None => stream::empty().boxed(),
    }
}

async fn file(ops: &Ops, set: &Set, taken: &Backup, path: &str) -> Outcome<Source> {
    must_have_files(set, taken)?;
    let (restic, snapshot) = open::files(ops, set, taken.id)
        .await?
        .map_err(open::refusal)?;
    let roots = roots(&restic, &snapshot).await.map_err(open::refusal)?;
    let path = within(&roots, path)?;
    let listing = restic.list(&snapshot.id, &path, 0).await;
    let own = listing.map_err(open::refusal)?.own;
    let own = own.filter(restic::Entry::is_file).ok_or_else(|| {
        Error::conflict("Only a file can be downloaded. Restore a folder to another one instead.")
    })?;
    let name = path.rsplit('/').next().unwrap_or_default().to_owned();
    Ok(Source {
        restic,
        snapshot: snapshot.id,
        bytes: Some(own.size),
        path,
        name,
    })
}

async fn dump(ops: &Ops, set: &Set, taken: &Backup, path: &str) -> Outcome<Source> {
    if !path.is_empty() {
        return Err(Error::not_found("file in this backup").into());
    }
    if taken.status != Phase::Succeeded {
        return Err(Error::conflict(restore::NOTHING).into());
    }
    let (restic, stored) = open::database(ops, set, taken.id)
        .await?
        .map_err(open::refusal)?;
    let dump = stored.dump.filter(|_| stored.details.is_some());
    let dump = dump.ok_or_else(|| Error::conflict(restore::NOTHING))?;
    Ok(Source {
        restic,
        snapshot: dump.id,
        path: DUMP_FILE.to_owned(),
        name: format!(
            "{}-{}.dump",
            set.database,
            backup::restore::stamp(taken.started_at)
        ),
        bytes: None,
    })
}
