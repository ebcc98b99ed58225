//! Folders restored in place, with what they replace kept for an undo.
//!
//! All of it happens below the folder itself, in `.ytops-restore-<operation>`: `incoming` is what restic wrote, `aside`
//! is what was replaced, `plan.json` says which entries are meant. So every change is a rename within one filesystem, and
//! which renames were made can be seen from what is where. The folder itself stays: containers that have it mounted, and
//! mount points, go on seeing it.

use std::{
    fs,
    os::unix::fs::DirBuilderExt,
    path::{Component, Path, PathBuf},
};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use serde::{Deserialize, Serialize};

use crate::{
    Control, Error, Kind, Result,
    restic::{Filter, Restic, SnapshotId},
    space::{self, Need},
};

/// What is restored of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// All of it: afterwards it holds what the snapshot has and nothing else.
    All,
    /// These of its entries, each a path relative to it. What the snapshot does not have is an error.
    Paths(Vec<String>),
}

/// What a restore in place did, or would undo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Plan {
    entries: Vec<Entry>,
}

/// One entry, by its path relative to the folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    path: PathBuf,
    /// Whether something stood there before.
    was_there: bool,
    /// Whether the snapshot has it.
    is_restored: bool,
}

/// What became of a restore in place that was interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resumed {
    /// There is none of that name.
    Nothing,
    /// It had not come to replace anything; what it had fetched was removed.
    RolledBack,
    /// It is done, now or since long; [`undo`] is possible.
    Done,
}

/// A restore of a folder in place; its names on disk.
struct Place {
    folder: PathBuf,
    root: PathBuf,
}

impl Place {
    fn new(folder: &Path, operation: &str) -> Result<Self> {
        crate::postgres::check_id(operation)?;
        if !folder.is_absolute() || folder.components().any(|part| part == Component::ParentDir) {
            return Err(Error::new(Kind::Invalid, "A folder is named by its absolute path."));
        }
        Ok(Self {
            folder: folder.to_owned(),
            root: folder.join(format!("{}{operation}", crate::restic::ASIDE)),
        })
    }

    /// restic writes the whole path below the folder it is given.
    fn incoming(&self) -> PathBuf {
        let inner = self.folder.strip_prefix("/").unwrap_or(&self.folder);
        self.root.join("incoming").join(inner)
    }

    fn aside(&self) -> PathBuf {
        self.root.join("aside")
    }

    fn plan_file(&self) -> PathBuf {
        self.root.join("plan.json")
    }

    fn plan(&self) -> Result<Option<Plan>> {
        let path = self.plan_file();
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::file("read", &path, &error)),
        };
        serde_json::from_slice(&text)
            .map(Some)
            .map_err(|error| Error::new(Kind::Invalid, format!("{} can't be read.", path.display())).detail(error.to_string()))
    }
}

/// Restores paths of a snapshot, all where there are none, to a folder of their own: `/a/b` becomes `target/a/b`. The
/// folder must be missing or empty, and is emptied again where it fails.
///
/// # Errors
/// [`Kind::Exists`] where it holds something; [`Kind::NoSpace`] before anything is written; those of the repository.
pub async fn restore_aside(
    restic: &Restic,
    snapshot: &SnapshotId,
    paths: &[String],
    target: &Path,
    control: &Control,
) -> Result<()> {
    if fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Error::new(Kind::Exists, format!("{} holds something already. Name a new folder.", target.display())));
    }
    if paths.is_empty() {
        check_space(restic, snapshot, target).await?;
    }
    let guard = Remove(Some(target.to_owned()));
    restic.restore(snapshot, paths, target, control).await?;
    guard.keep();
    Ok(())
}

/// Restores a folder, or some of what it holds, in place. What it replaces is kept until [`discard`].
///
/// # Errors
/// [`Kind::Exists`] where the operation did so before; [`Kind::NotFound`] where the snapshot does not have what was
/// picked; [`Kind::NoSpace`] before anything is written; those of the repository. Nothing was replaced then.
pub async fn restore(
    restic: &Restic,
    snapshot: &SnapshotId,
    folder: &Path,
    pick: &Pick,
    operation: &str,
    control: &Control,
) -> Result<()> {
    let place = Place::new(folder, operation)?;
    if place.plan()?.is_some() {
        return Err(Error::new(Kind::Exists, "This restore was made already."));
    }
    let paths = match pick {
        Pick::All => vec![folder.display().to_string()],
        Pick::Paths(paths) => paths.iter().map(|path| picked(folder, path)).collect::<Result<_>>()?,
    };
    check_space(restic, snapshot, folder).await?;
    make_folder(&place.root)?;
    let guard = Remove(Some(place.root.clone()));
    restic.restore(snapshot, &paths, &place.root.join("incoming"), control).await?;
    let plan = plan(&place, pick)?;
    make_folder(&place.aside())?;
    write_plan(&place, &plan)?;
    // From here on it is finished whatever happens.
    guard.keep();
    replace(&place, &plan)
}

/// Brings an interrupted restore in place to its end, or removes what it had fetched where it replaced nothing yet.
///
/// # Errors
/// Files can't be renamed or removed.
pub fn resume(folder: &Path, operation: &str) -> Result<Resumed> {
    let place = Place::new(folder, operation)?;
    if let Some(plan) = place.plan()? {
        replace(&place, &plan)?;
        return Ok(Resumed::Done);
    }
    if !place.root.exists() {
        return Ok(Resumed::Nothing);
    }
    remove(&place.root)?;
    Ok(Resumed::RolledBack)
}

/// Puts back what a restore in place replaced. What was restored is kept where the other was; [`resume`] makes the
/// restore again.
///
/// # Errors
/// [`Kind::NotFound`] where nothing is kept any more; files can't be renamed.
pub fn undo(folder: &Path, operation: &str) -> Result<()> {
    let place = Place::new(folder, operation)?;
    let plan = place
        .plan()?
        .ok_or_else(|| Error::new(Kind::NotFound, "What this restore replaced is not kept any more, so it can't be undone."))?;
    for entry in plan.entries.iter().rev() {
        let (live, incoming, aside) = places(&place, entry);
        if entry.is_restored && !is_there(&incoming) && is_there(&live) {
            rename(&live, &incoming)?;
        }
        if entry.was_there && is_there(&aside) {
            rename(&aside, &live)?;
        }
    }
    Ok(())
}

/// Removes what a restore in place kept; it can't be undone afterwards.
///
/// # Errors
/// Files can't be removed.
pub fn discard(folder: &Path, operation: &str) -> Result<()> {
    let place = Place::new(folder, operation)?;
    // Without its plan it is one that is to be removed.
    match fs::remove_file(place.plan_file()) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(Error::file("remove", &place.plan_file(), &error)),
    }
    if place.root.exists() { remove(&place.root) } else { Ok(()) }
}

fn places(place: &Place, entry: &Entry) -> (PathBuf, PathBuf, PathBuf) {
    (
        place.folder.join(&entry.path),
        place.incoming().join(&entry.path),
        place.aside().join(&entry.path),
    )
}

/// Makes the renames that are not made yet.
fn replace(place: &Place, plan: &Plan) -> Result<()> {
    for entry in &plan.entries {
        let (live, incoming, aside) = places(place, entry);
        if entry.was_there && !is_there(&aside) && (!entry.is_restored || is_there(&incoming)) {
            if let Some(parent) = aside.parent() {
                make_folder(parent)?;
            }
            rename(&live, &aside)?;
        }
        if entry.is_restored && is_there(&incoming) {
            if let Some(parent) = live.parent() {
                make_folder(parent)?;
            }
            rename(&incoming, &live)?;
        }
    }
    Ok(())
}

/// Which entries are meant, by what restic wrote and what stands there.
fn plan(place: &Place, pick: &Pick) -> Result<Plan> {
    let incoming = place.incoming();
    let entry = |path: PathBuf| Entry {
        was_there: is_there(&place.folder.join(&path)),
        is_restored: is_there(&incoming.join(&path)),
        path,
    };
    let entries: Vec<Entry> = match pick {
        Pick::All => {
            let mut names = names(&incoming)?;
            names.extend(names_of_live(&place.folder)?);
            names.sort();
            names.dedup();
            names.into_iter().map(entry).collect()
        }
        Pick::Paths(paths) => paths.iter().map(|path| entry(PathBuf::from(path))).collect(),
    };
    if let (Pick::Paths(_), Some(missing)) = (pick, entries.iter().find(|one| !one.is_restored)) {
        return Err(Error::new(Kind::NotFound, format!("The snapshot does not have {}.", missing.path.display())));
    }
    if entries.iter().all(|one| !one.is_restored) {
        return Err(Error::new(Kind::NotFound, format!("The snapshot has nothing of {}.", place.folder.display())));
    }
    Ok(Plan { entries })
}

fn names(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::file("read", folder, &error)),
    };
    entries
        .map(|entry| {
            entry
                .map(|entry| PathBuf::from(entry.file_name()))
                .map_err(|error| Error::file("read", folder, &error))
        })
        .collect()
}

/// All but what restores keep there.
fn names_of_live(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all = names(folder)?;
    all.retain(|name| !name.to_string_lossy().starts_with(crate::restic::ASIDE));
    Ok(all)
}

/// A picked path as the snapshot has it.
fn picked(folder: &Path, path: &str) -> Result<String> {
    let relative = Path::new(path);
    let is_plain = !path.is_empty()
        && relative.components().all(|part| matches!(part, Component::Normal(_)))
        && !path.starts_with(crate::restic::ASIDE);
    if !is_plain {
        return Err(Error::new(Kind::Invalid, format!("{path:?} is no path within the folder.")));
    }
    Ok(folder.join(relative).display().to_string())
}

async fn check_space(restic: &Restic, snapshot: &SnapshotId, path: &Path) -> Result<()> {
    let filter = Filter {
        ids: vec![snapshot.clone()],
        ..Filter::default()
    };
    space::check(&[Need {
        what: "the restore".to_owned(),
        path: path.to_owned(),
        bytes: restic.restore_size(&filter).await?.bytes,
    }])
}

fn write_plan(place: &Place, plan: &Plan) -> Result<()> {
    use std::io::Write;
    let path = place.plan_file();
    let draft = place.root.join("plan.part");
    let write = || {
        let mut file = fs::File::create(&draft)?;
        serde_json::to_writer(&mut file, plan)?;
        file.flush()?;
        file.sync_all()?;
        fs::rename(&draft, &path)
    };
    write().map_err(|error| Error::file("write", &path, &error))
}

fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Never over what is there: something may have appeared meanwhile.
fn rename(from: &Path, to: &Path) -> Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        // Some network filesystems can't.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) if !is_there(to) => fs::rename(from, to),
        Err(error) => Err(error.into()),
    }
    .map_err(|error| Error::file("rename to", to, &error))
}

fn make_folder(path: &Path) -> Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(path)
        .map_err(|error| Error::file("make the folder", path, &error))
}

fn remove(path: &Path) -> Result<()> {
    fs::remove_dir_all(path).map_err(|error| Error::file("remove", path, &error))
}

/// Removes a folder unless told to keep it.
struct Remove(Option<PathBuf>);

impl Remove {
    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Remove {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let _ = fs::remove_dir_all(path);
        }
    }
}
