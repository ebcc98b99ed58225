//! Where a restore in place keeps things, and the renames that it consists of.

use std::{
    fs,
    os::unix::fs::DirBuilderExt,
    path::{Component, Path, PathBuf},
};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use serde::{Deserialize, Serialize};

use super::Pick;
use crate::{Error, Kind, Result};

/// What a restore in place did, or would undo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) entries: Vec<Entry>,
}

/// One entry, by its path relative to the folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) path: PathBuf,
    /// Whether something stood there before.
    pub(super) was_there: bool,
    /// Whether the snapshot has it.
    pub(super) is_restored: bool,
}

/// A restore of a folder in place; its names on disk.
pub(super) struct Place {
    pub(super) folder: PathBuf,
    pub(super) root: PathBuf,
}

impl Place {
    pub(super) fn new(folder: &Path, operation: &str) -> Result<Self> {
        crate::postgres::check_id(operation)?;
        if !folder.is_absolute() || folder.components().any(|part| part == Component::ParentDir) {
            return Err(Error::new(
                Kind::Invalid,
                "A folder is named by its absolute path.",
            ));
        }
        Ok(Self {
            folder: folder.to_owned(),
            root: folder.join(format!("{}{operation}", crate::restic::ASIDE)),
        })
    }

    /// restic writes the whole path below the folder it is given.
    pub(super) fn incoming(&self) -> PathBuf {
        let inner = self.folder.strip_prefix("/").unwrap_or(&self.folder);
        self.root.join("incoming").join(inner)
    }

    pub(super) fn aside(&self) -> PathBuf {
        self.root.join("aside")
    }

    pub(super) fn plan_file(&self) -> PathBuf {
        self.root.join("plan.json")
    }

    pub(super) fn plan(&self) -> Result<Option<Plan>> {
        let path = self.plan_file();
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::file("read", &path, &error)),
        };
        serde_json::from_slice(&text).map(Some).map_err(|error| {
            Error::new(Kind::Invalid, format!("{} can't be read.", path.display()))
                .detail(error.to_string())
        })
    }
}

pub(super) fn places(place: &Place, entry: &Entry) -> (PathBuf, PathBuf, PathBuf) {
    (
        place.folder.join(&entry.path),
        place.incoming().join(&entry.path),
        place.aside().join(&entry.path),
    )
}

/// Makes the renames that are not made yet.
pub(super) fn make_renames(place: &Place, plan: &Plan) -> Result<()> {
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
pub(super) fn plan(place: &Place, pick: &Pick) -> Result<Plan> {
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
        Pick::Paths(paths) => paths
            .iter()
            .map(|path| entry(PathBuf::from(path)))
            .collect(),
    };
    if let (Pick::Paths(_), Some(missing)) = (pick, entries.iter().find(|one| !one.is_restored)) {
        return Err(Error::new(
            Kind::NotFound,
            format!("The snapshot does not have {}.", missing.path.display()),
        ));
    }
    if entries.iter().all(|one| !one.is_restored) {
        return Err(Error::new(
            Kind::NotFound,
            format!("The snapshot has nothing of {}.", place.folder.display()),
        ));
    }
    Ok(Plan { entries })
}

pub(super) fn names(folder: &Path) -> Result<Vec<PathBuf>> {
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
pub(super) fn names_of_live(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all = names(folder)?;
    all.retain(|name| !name.to_string_lossy().starts_with(crate::restic::ASIDE));
    Ok(all)
}

pub(super) fn write_plan(place: &Place, plan: &Plan) -> Result<()> {
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

pub(super) fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Never over what is there: something may have appeared meanwhile.
pub(super) fn rename(from: &Path, to: &Path) -> Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        // Some network filesystems can't.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) if !is_there(to) => {
            fs::rename(from, to)
        }
        Err(error) => Err(error.into()),
    }
    .map_err(|error| Error::file("rename to", to, &error))
}

pub(super) fn make_folder(path: &Path) -> Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(path)
        .map_err(|error| Error::file("make the folder", path, &error))
}

pub(super) fn remove(path: &Path) -> Result<()> {
    fs::remove_dir_all(path).map_err(|error| Error::file("remove", path, &error))
}
