//! Folders restored in place, with what they replace kept for an undo.
//!
//! All of it happens below the folder itself, in `.ytops-restore-<operation>`: `incoming` is what restic wrote, `aside`
//! is what was replaced, `plan.json` says which entries are meant. So every change is a rename within one filesystem, and
//! which renames were made can be seen from what is where. The folder itself stays: containers that have it mounted, and
//! mount points, go on seeing it.

mod beside;
mod place;

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Component, Path, PathBuf},
};

use serde::{Deserialize, Serialize};

pub use self::beside::{clear_beside, fetch_beside, land_beside};
use self::place::{
    Place, is_there, make_folder, make_renames, places, plan, remove, rename, write_plan,
};
use crate::{
    Control, Error, Kind, Result,
    restic::{Depth, Restic, SnapshotId},
    space::{self, Need},
};

/// How the names of folders begin in which restores keep what they replaced.
pub const KEPT: &str = crate::restic::ASIDE;

/// What is restored of a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pick {
    /// All of it: afterwards it holds what the snapshot has and nothing else.
    All,
    /// These of its entries, each a path relative to it. What the snapshot does not have is an error.
    Paths(Vec<String>),
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
        return Err(Error::new(
            Kind::Exists,
            format!(
                "{} holds something already. Name a new folder.",
                target.display()
            ),
        ));
    }
    check_space(restic, snapshot, paths, target).await?;
    let guard = Remove(Some(target.to_owned()));
    restic.restore(snapshot, paths, target, control).await?;
    guard.keep();
    Ok(())
}

/// Restores a folder, or some of what it holds, in place: [`fetch`], and [`replace`]. What it replaces is kept until
/// [`discard`].
///
/// # Errors
/// Those of both. Nothing was replaced where it could not be fetched.
pub async fn restore(
    restic: &Restic,
    snapshot: &SnapshotId,
    folder: &Path,
    pick: &Pick,
    operation: &str,
    control: &Control,
) -> Result<()> {
    fetch(restic, snapshot, folder, pick, operation, control).await?;
    replace(folder, pick, operation)
}

/// Fetches a folder, or some of what it holds, to below the folder itself; nothing is replaced yet. What an earlier attempt
/// had fetched is fetched anew.
///
/// # Errors
/// [`Kind::Exists`] where the operation replaced something before; [`Kind::NotFound`] where the snapshot does not have what
/// was picked; [`Kind::NoSpace`] before anything is written; those of the repository. Nothing is left of it then.
pub async fn fetch(
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
        Pick::Paths(paths) => paths
            .iter()
            .map(|path| picked(folder, path))
            .collect::<Result<_>>()?,
    };
    check_space(restic, snapshot, &paths, folder).await?;
    if place.root.exists() {
        remove(&place.root)?;
    }
    let is_new = !folder.exists();
    make_folder(&place.root)?;
    let guard = Remove(Some(place.root.clone()));
    let fetched = restic
        .restore(snapshot, &paths, &place.root.join("incoming"), control)
        .await
        .and_then(|()| plan(&place, pick).map(drop));
    if fetched.is_ok() {
        guard.keep();
        if is_new && *pick == Pick::All {
            take_after(folder, &place.incoming());
        }
    } else if is_new {
        drop(guard);
        // It goes where it is empty.
        let _ = fs::remove_dir(folder);
    }
    fetched
}

/// Gives a folder that was missing the owner and the rights that it had. Where that may not be done it is the console's.
fn take_after(folder: &Path, fetched: &Path) {
    let given = fs::metadata(fetched).and_then(|had| {
        let owned = std::os::unix::fs::chown(folder, Some(had.uid()), Some(had.gid()));
        fs::set_permissions(folder, had.permissions())?;
        owned
    });
    if let Err(error) = given {
        tracing::warn!(folder = %folder.display(), %error, "a folder that was made anew is not as it was");
    }
}

/// Puts in place what [`fetch`] brought, and makes the renames that an earlier attempt did not come to.
///
/// # Errors
/// [`Kind::NotFound`] where nothing was fetched; files can't be renamed. [`roll_back`] takes back what was replaced.
pub fn replace(folder: &Path, pick: &Pick, operation: &str) -> Result<()> {
    let place = Place::new(folder, operation)?;
    let plan = if let Some(begun) = place.plan()? {
        begun
    } else {
        let plan = plan(&place, pick)?;
        make_folder(&place.aside())?;
        write_plan(&place, &plan)?;
        plan
    };
    // From here on it is finished whatever happens.
    make_renames(&place, &plan)
}

/// Takes back what a restore in place did, however far it came, and removes what it fetched. No error where it did nothing.
///
/// # Errors
/// Files can't be renamed or removed.
pub fn roll_back(folder: &Path, operation: &str) -> Result<()> {
    if Place::new(folder, operation)?.plan()?.is_some() {
        undo(folder, operation)?;
    }
    discard(folder, operation)
}

/// Brings an interrupted restore in place to its end, or removes what it had fetched where it replaced nothing yet.
///
/// # Errors
/// Files can't be renamed or removed.
pub fn resume(folder: &Path, operation: &str) -> Result<Resumed> {
    let place = Place::new(folder, operation)?;
    if let Some(plan) = place.plan()? {
        make_renames(&place, &plan)?;
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
    let plan = place.plan()?.ok_or_else(|| {
        Error::new(
            Kind::NotFound,
            "What this restore replaced is not kept any more, so it can't be undone.",
        )
    })?;
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
    if place.root.exists() {
        remove(&place.root)
    } else {
        Ok(())
    }
}

/// A picked path as the snapshot has it.
fn picked(folder: &Path, path: &str) -> Result<String> {
    let relative = Path::new(path);
    let is_plain = !path.is_empty()
        && relative
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
        && !path.starts_with(crate::restic::ASIDE);
    if !is_plain {
        return Err(Error::new(
            Kind::Invalid,
            format!("{path:?} is no path within the folder."),
        ));
    }
    Ok(folder.join(relative).display().to_string())
}

/// Whether what is at `paths` of a snapshot, all of it where there are none, fits beside `path`.
async fn check_space(
    restic: &Restic,
    snapshot: &SnapshotId,
    paths: &[String],
    path: &Path,
) -> Result<()> {
    let mut bytes = 0_u64;
    restic
        .walk(snapshot, paths, Depth::All, |entry| {
            bytes = bytes.saturating_add(entry.size);
            true
        })
        .await?;
    space::check(&[Need {
        what: "the restore".to_owned(),
        path: path.to_owned(),
        bytes,
    }])
}

/// Where a restore in place keeps what it fetched and what it replaced.
///
/// # Errors
/// [`Kind::Invalid`] where the folder is not named by its whole path, or the operation by no identity.
pub fn kept_in(folder: &Path, operation: &str) -> Result<PathBuf> {
    Ok(Place::new(folder, operation)?.root)
}

/// Whether the console may change what is in a folder; of one that is missing, what is in the one above it.
///
/// # Errors
/// [`Kind::Denied`], with what to do.
pub fn check_writable(folder: &Path) -> Result<()> {
    let there = folder
        .ancestors()
        .find(|one| one.exists())
        .unwrap_or(Path::new("/"));
    rustix::fs::access(there, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK).map_err(
        |error| {
            Error::new(
                Kind::Denied,
                format!(
                    "The console may not write in {}. Give its user the right to, and under systemd open it for the unit by \
                     ReadWritePaths=; or restore to another folder.",
                    there.display()
                ),
            )
            .detail(error.to_string())
        },
    )
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
