//! Files restored to a folder of their own.
//!
//! They are fetched to below it, in `.ytops-restore-<operation>`, and moved to where they belong when all of them are
//! there: whoever is killed meanwhile leaves a folder that tells what is whole.

use std::path::Path;

use super::{
    Remove, check_space,
    place::{Place, make_folder, names, names_of_live, remove, rename},
};
use crate::{
    Control, Error, Kind, Result,
    restic::{Restic, SnapshotId},
};

/// Fetches paths of a snapshot, all where there are none, to below a folder that is missing or empty. What an earlier attempt
/// had fetched is fetched anew.
///
/// # Errors
/// [`Kind::Exists`] where the folder holds something; [`Kind::NotFound`] where the snapshot has nothing of it;
/// [`Kind::NoSpace`] before anything is written; those of the repository. What it had fetched is removed then.
pub async fn fetch_beside(
    restic: &Restic,
    snapshot: &SnapshotId,
    paths: &[String],
    target: &Path,
    operation: &str,
    control: &Control,
) -> Result<()> {
    let place = Place::new(target, operation)?;
    if !names_of_live(target)?.is_empty() {
        return Err(Error::new(
            Kind::Exists,
            format!(
                "{} holds something already. Name a new folder.",
                target.display()
            ),
        ));
    }
    check_space(restic, snapshot, paths, target).await?;
    clear_beside(target, operation)?;
    make_folder(&place.root)?;
    let guard = Remove(Some(place.root.clone()));
    let incoming = place.root.join("incoming");
    restic.restore(snapshot, paths, &incoming, control).await?;
    if names(&incoming)?.is_empty() {
        return Err(Error::new(
            Kind::NotFound,
            "The snapshot has nothing of what was picked.",
        ));
    }
    guard.keep();
    Ok(())
}

/// Moves what [`fetch_beside`] brought to where it belongs: `/a/b` becomes `target/a/b`. What an earlier attempt had moved
/// stays.
///
/// # Errors
/// Files can't be renamed.
pub fn land_beside(target: &Path, operation: &str) -> Result<()> {
    let incoming = Place::new(target, operation)?.root.join("incoming");
    for name in names(&incoming)? {
        rename(&incoming.join(&name), &target.join(&name))?;
    }
    clear_beside(target, operation)
}

/// Removes what [`fetch_beside`] brought and is not moved yet.
///
/// # Errors
/// Files can't be removed.
pub fn clear_beside(target: &Path, operation: &str) -> Result<()> {
    let place = Place::new(target, operation)?;
    if place.root.exists() {
        return remove(&place.root);
    }
    Ok(())
}
