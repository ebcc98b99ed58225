//! Folders restored in place, with what they replace kept for an undo.
//!
//! All of it happens below the folder itself, in `.ytops-restore-<operation>`: `incoming` is what restic wrote, `aside`
//! is what was replaced, `plan.json` says which entries are meant. So every change is a rename within one filesystem, and
//! which renames were made can be seen from what is where. The folder itself stays: containers that have it mounted, and
//! mount points, go on seeing it.

mod place;

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

use self::place::{
    Place, is_there, make_folder, places, plan, remove, rename, replace, write_plan,
};
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
        Pick::Paths(paths) => paths
            .iter()
            .map(|path| picked(folder, path))
            .collect::<Result<_>>()?,
    };
    check_space(restic, snapshot, folder).await?;
    make_folder(&place.root)?;
    let guard = Remove(Some(place.root.clone()));
    restic
        .restore(snapshot, &paths, &place.root.join("incoming"), control)
        .await?;
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
