//! What is in a backup of files.

use backup::restic::{Depth, Entry, Restic, Snapshot};
use store::backups::sets::Set;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use types::{
    Error,
    backups::{Backup, FileEntry, FileKind, FileListing},
    operations::Phase,
};

use super::{
    list, open,
    restore::{self, Root, is_in, roots, whole_path},
};
use crate::{Actor, Ops, Outcome, audit};

/// Entries of a folder that are listed.
const MOST: usize = 2_000;

/// A folder of a backup of files; with an empty `path` the files and folders that its set names.
///
/// # Errors
/// There is no such backup, or no such folder in it; the actor may not restore it; its repository can't be read; the database
/// failed.
pub async fn files(ops: &Ops, actor: &Actor, id: i64, path: &str) -> Outcome<FileListing> {
    let (backup, set) = list::of_backup(ops, actor, id).await?;
    let team = set.settings.team.as_str();
    let allowed = actor.may_for_team(types::Capability::Restore, team, false);
    let target = format!("backup {id} of {}", set.settings.name);
    audit::permit(ops, actor, "backup.browse", &target, Some(team), allowed).await?;
    must_have_files(&set, &backup)?;
    let (restic, snapshot) = open::files(ops, &set, id).await?.map_err(open::refusal)?;
    let roots = roots(&restic, &snapshot).await.map_err(open::refusal)?;
    let (path, found, is_cut) = if path.is_empty() {
        (
            String::new(),
            named(&restic, &snapshot, &roots).await?,
            false,
        )
    } else {
        let path = within(&roots, path)?;
        let listing = restic.list(&snapshot.id, &path, MOST).await;
        let listing = listing.map_err(open::refusal)?;
        (path, listing.entries, listing.is_cut)
    };
    let mut entries: Vec<FileEntry> = found.into_iter().map(told).collect();
    entries.sort_by(|a, b| {
        let is_file = |entry: &FileEntry| entry.kind != FileKind::Folder;
        (is_file(a), &a.path).cmp(&(is_file(b), &b.path))
    });
    let up = (!path.is_empty()).then(|| {
        let above = path.rsplit_once('/').map_or("", |(above, _)| above);
        within(&roots, above).unwrap_or_default()
    });
    Ok(FileListing {
        backup,
        set_name: set.settings.name,
        path,
        up,
        entries,
        is_cut,
    })
}

/// Whether it is a backup of files that succeeded.
pub(super) fn must_have_files(set: &Set, backup: &Backup) -> Result<(), Error> {
    if backup.status != Phase::Succeeded {
        return Err(Error::conflict(restore::NOTHING));
    }
    if set.kind.is_database() {
        return Err(Error::conflict(
            "It is the backup of a database: there are no files in it, but one dump.",
        ));
    }
    Ok(())
}

/// The path of something that the backup may have: what its set names, or lies in it.
///
/// # Errors
/// `Invalid`, `NotFound`.
pub(super) fn within(roots: &[Root], path: &str) -> Result<String, Error> {
    let path = whole_path(path)
        .ok_or_else(|| Error::field("path", "Give a whole path that begins with /."))?;
    if roots.iter().any(|root| is_in(&path, root)) {
        return Ok(path);
    }
    Err(Error::not_found("file in this backup"))
}

/// What the set names, as the snapshot has it.
async fn named(restic: &Restic, snapshot: &Snapshot, roots: &[Root]) -> Outcome<Vec<Entry>> {
    let paths: Vec<String> = roots.iter().map(|root| root.path.clone()).collect();
    let mut found = Vec::new();
    restic
        .walk(&snapshot.id, &paths, Depth::One, |entry| {
            if paths.contains(&entry.path) {
                found.push(entry);
            }
            true
        })
        .await
        .map_err(open::refusal)?;
    Ok(found)
}

fn told(entry: Entry) -> FileEntry {
    FileEntry {
        kind: match entry.kind.as_str() {
            "dir" => FileKind::Folder,
            "file" => FileKind::File,
            "symlink" => FileKind::Link,
            _ => FileKind::Other,
        },
        size: i64::try_from(entry.size).unwrap_or(i64::MAX),
        changed_at: OffsetDateTime::parse(&entry.mtime, &Rfc3339).ok(),
        path: entry.path,
    }
}
