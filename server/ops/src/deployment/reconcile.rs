//! Makes the stored stack match the engine. Idempotent: what is the same is neither written nor told.

use std::collections::{BTreeMap, BTreeSet};

use store::{PgConnection, changes, containers::Key};
use time::{Duration, OffsetDateTime};
use types::{
    deployment::{Drift, State},
    live::Topic,
};

use super::{
    assemble::InFile,
    bounds::bounded,
    compose::{ComposeFile, Files, Place},
    drift, text,
};
use crate::{
    Fault, Ops, Outcome,
    outside::{Container, EngineError},
};

/// A project without containers is remembered for this long while its file is there: all its services are missing.
const REMEMBERED: Duration = Duration::hours(24);

/// When more services than this change at once, all pages are told once.
const MANY: usize = 20;

/// The most projects whose files are read.
const MOST_PROJECTS: usize = 200;

/// Why reading the engine ended.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The engine.
    #[error("{0}")]
    Engine(#[from] EngineError),
    /// The database.
    #[error("{0}")]
    Fault(#[from] Fault),
}

/// Reads every container and every compose file, and stores what has changed.
///
/// # Errors
/// The engine does not answer; the database failed.
pub async fn reconcile(ops: &Ops) -> Result<(), Broken> {
    let asked_at = ops.clock.now();
    let listed = ops.outside.containers.list().await?;
    let containers: Vec<Container> = listed.into_iter().filter_map(bounded).collect();
    let files = ops.stack.files();
    let projects = read_projects(files, &containers).await;
    let rows = containers
        .iter()
        .map(|container| row(container, &drift_of(files, container), asked_at))
        .collect::<Result<Vec<_>, Fault>>()?;
    let ids: Vec<String> = containers
        .iter()
        .map(|container| container.id.clone())
        .collect();
    let mut tx = ops.begin().await?;
    let mut changed = store::containers::save(&mut tx, &rows, asked_at)
        .await
        .map_err(Fault::from)?;
    let gone = store::containers::keep_only(&mut tx, &ids, asked_at)
        .await
        .map_err(Fault::from)?;
    changed.extend(gone);
    save_projects(&mut tx, &projects, asked_at, &mut changed).await?;
    store::engine::still_true(&mut tx, asked_at)
        .await
        .map_err(Fault::from)?;
    publish(&mut tx, changed).await?;
    Ops::commit(tx).await?;
    Ok(())
}

/// Reads one container anew and stores what has changed; for a container that was just operated. Does nothing while
/// the engine does not answer.
///
/// # Errors
/// The database failed.
pub async fn refresh(ops: &Ops, id: &str, last_drift: &[Drift]) -> Outcome<()> {
    let asked_at = ops.clock.now();
    let read = ops.outside.containers.inspect(id).await;
    let mut tx = ops.begin().await?;
    let changed = match read {
        Ok(container) => {
            let Some(container) = bounded(container) else {
                return Ok(());
            };
            let row = row(&container, last_drift, asked_at)?;
            store::containers::save(&mut tx, &[row], asked_at).await?
        }
        Err(EngineError::NotFound) => store::containers::forget(&mut tx, id)
            .await?
            .into_iter()
            .collect(),
        Err(_) => return Ok(()),
    };
    publish(&mut tx, changed).await?;
    Ops::commit(tx).await?;
    ops.stack.forget();
    Ok(())
}

/// The differences of `container` from its compose file as it was last read.
pub(super) fn drift_of(files: &Files, container: &Container) -> Vec<Drift> {
    match files.last(&container.project).as_deref() {
        Some(Ok(file)) => drift::of_container(file, container),
        _ => Vec::new(),
    }
}

/// The row of a container that was read at `read_at`.
pub(super) fn row(
    container: &Container,
    drift: &[Drift],
    read_at: OffsetDateTime,
) -> Outcome<store::containers::Row> {
    Ok(store::containers::Row {
        id: container.id.clone(),
        project: container.project.clone(),
        service: container.service.clone(),
        state: container.state.as_str().to_owned(),
        health: container.health.as_str().to_owned(),
        since: since(container, read_at),
        facts: json(container)?,
        drift: json(&drift)?,
        version: 0,
    })
}

fn json<T: serde::Serialize>(value: &T) -> Outcome<serde_json::Value> {
    serde_json::to_value(value).map_err(|error| Fault::Inside(error.to_string()))
}

/// Since when a container is in its state, as the engine tells it; never later than it was read.
fn since(container: &Container, read_at: OffsetDateTime) -> OffsetDateTime {
    let told = match container.state {
        State::Running | State::Paused => container.started_at,
        State::Exited | State::Dead | State::Restarting => container.finished_at,
        State::Created => container.created_at,
        _ => None,
    };
    told.unwrap_or(read_at).min(read_at)
}

/// Tells open pages of services, each once; of many at once by one word for all.
pub(super) async fn publish(
    tx: &mut PgConnection,
    changed: impl IntoIterator<Item = Key>,
) -> Outcome<()> {
    let changed: BTreeSet<Key> = changed.into_iter().collect();
    if changed.len() > MANY {
        changes::publish(tx, Topic::Deployment, "").await?;
        return Ok(());
    }
    for (project, service) in changed {
        let key = if service.is_empty() {
            project
        } else {
            format!("{project}/{service}")
        };
        changes::publish(tx, Topic::Deployment, &key).await?;
    }
    Ok(())
}

/// Reads the files of every project that has a container.
async fn read_projects(files: &Files, containers: &[Container]) -> Vec<store::projects::Row> {
    let mut projects: BTreeMap<&str, Vec<&Container>> = BTreeMap::new();
    for container in containers {
        projects
            .entry(&container.project)
            .or_default()
            .push(container);
    }
    files.keep_only(&projects.keys().map(|&name| name.to_owned()).collect());
    let mut rows = Vec::new();
    for (name, containers) in projects.into_iter().take(MOST_PROJECTS) {
        let place = Place::of(&containers);
        let paths: Vec<String> = place
            .paths()
            .iter()
            .map(|path| path.to_string_lossy().into_owned())
            .collect();
        let read = files.read(name, place).await;
        rows.push(project_row(name, &paths, read.as_ref().as_ref()));
    }
    rows
}

fn project_row(
    name: &str,
    paths: &[String],
    read: Result<&ComposeFile, &String>,
) -> store::projects::Row {
    let (services, unknown) = match read {
        Ok(file) => (in_file(file), file.unknown.clone()),
        Err(why) => (Vec::new(), Some(text::clean(why, 500))),
    };
    store::projects::Row {
        name: name.to_owned(),
        files: serde_json::json!(paths),
        drift_unknown: unknown,
        services: serde_json::json!(services),
    }
}

fn in_file(file: &ComposeFile) -> Vec<InFile> {
    let services = file.services.iter().map(|service| InFile {
        name: service.name.clone(),
        image: text::clean(service.image.as_deref().unwrap_or_default(), 300),
        team: text::clean(&service.team, 100),
        optional: service.optional,
    });
    services.collect()
}

async fn save_projects(
    tx: &mut PgConnection,
    projects: &[store::projects::Row],
    now: OffsetDateTime,
    changed: &mut Vec<Key>,
) -> Outcome<()> {
    let of_project = |name: &str| (name.to_owned(), String::new());
    for project in projects {
        if store::projects::save(tx, project, now).await? {
            changed.push(of_project(&project.name));
        }
    }
    let names: Vec<String> = projects
        .iter()
        .map(|project| project.name.clone())
        .collect();
    store::projects::seen(tx, &names, now).await?;
    for name in store::projects::forget_empty(tx, now - REMEMBERED).await? {
        changed.push(of_project(&name));
    }
    for project in store::projects::all(&mut *tx).await? {
        let has_container = names.contains(&project.name);
        if !has_container && !are_there(&project.files).await {
            store::projects::forget(tx, &project.name).await?;
            changed.push(of_project(&project.name));
        }
    }
    Ok(())
}

/// All of a project's files still exist.
async fn are_there(files: &serde_json::Value) -> bool {
    let Some(files) = files.as_array().filter(|files| !files.is_empty()) else {
        return false;
    };
    for file in files {
        let path = file.as_str().unwrap_or_default();
        let is_file = tokio::fs::metadata(path)
            .await
            .is_ok_and(|kind| kind.is_file());
        if !is_file {
            return false;
        }
    }
    true
}
