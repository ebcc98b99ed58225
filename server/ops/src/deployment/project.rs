//! A compose project as its files on disk have it, for those who bring it up.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use super::compose::Place;
use crate::{
    Ops, Outcome, aside,
    outside::{ComposeProject, Container},
};

/// How long the disk may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where a project's files are: as most of its containers say; where none is left, as they last were. None where that is not
/// known, or they are not there.
///
/// # Errors
/// The database failed.
pub(crate) async fn compose_project(ops: &Ops, project: &str) -> Outcome<Option<ComposeProject>> {
    let snapshot = ops.stack.snapshot(ops).await?;
    let containers: Vec<&Container> = (snapshot.containers.iter())
        .map(|known| &known.container)
        .filter(|container| container.project == project && !container.oneoff)
        .collect();
    let place = Place::of(&containers);
    let found = if place.config_files.is_empty() {
        last_known(ops, project).await?
    } else {
        Some(of_labels(project, &place))
    };
    let Some(found) = found.filter(|found| !found.name.starts_with('-')) else {
        return Ok(None);
    };
    let files = found.files.clone();
    let are_there = aside::within(PATIENCE, move || files.iter().all(|file| is_file(file)));
    Ok((are_there.await == Some(true)).then_some(found))
}

fn of_labels(project: &str, place: &Place) -> ComposeProject {
    let folder = PathBuf::from(&place.working_dir);
    let environment =
        (!place.environment_file.is_empty()).then(|| folder.join(&place.environment_file));
    ComposeProject {
        name: project.to_owned(),
        files: place.paths(),
        folder,
        environment,
    }
}

async fn last_known(ops: &Ops, project: &str) -> Outcome<Option<ComposeProject>> {
    let all = store::projects::all(&ops.db).await?;
    let known = all.into_iter().find(|known| known.name == project);
    let files: Vec<PathBuf> = known
        .and_then(|known| serde_json::from_value(known.files).ok())
        .unwrap_or_default();
    let folder = files.first().and_then(|file| file.parent());
    Ok(folder.map(Path::to_owned).map(|folder| ComposeProject {
        name: project.to_owned(),
        files,
        folder,
        environment: None,
    }))
}

fn is_file(path: &Path) -> bool {
    path.is_absolute() && path.is_file()
}
