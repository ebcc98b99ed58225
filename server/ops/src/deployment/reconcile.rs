//! Makes the stored stack match the engine. Idempotent: what is the same is neither written nor told.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, stream};
use store::{
    PgConnection, changes,
    containers::{Key, Reading},
};
use time::{Duration, OffsetDateTime};
use types::{
    deployment::{Drift, HealthState, State},
    live::Topic,
};

use super::{
    assemble::InFile,
    bounds::{bounded, bounded_drift, named},
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

/// Projects whose files are read at a time: a disk that hangs under one does not hold up the others.
const PROJECTS_AT_ONCE: usize = 32;

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

/// Takes a number for a reading; before the engine is asked.
pub(super) async fn begin_reading(ops: &Ops) -> Outcome<Reading> {
    Ok(Reading {
        number: store::reading::begin(&ops.db).await?,
        at: ops.clock.now(),
    })
}

/// Reads every container and every compose file, and stores what has changed.
///
/// # Errors
/// The engine does not answer; the database failed.
pub async fn reconcile(ops: &Ops) -> Result<(), Broken> {
    let reading = begin_reading(ops).await?;
    let listed = ops.outside.containers.list().await?;
    let containers: Vec<Container> = listed.containers.into_iter().filter_map(named).collect();
    let unreadable: Vec<Container> = listed.unreadable.into_iter().filter_map(named).collect();
    let files = ops.stack.files();
    let names: BTreeSet<String> = containers
        .iter()
        .chain(&unreadable)
        .map(|container| container.project.clone())
        .collect();
    files.keep_only(&names);
    let projects = read_projects(files, &containers).await;
    let gone = gone_projects(ops, &names).await?;
    let ids: Vec<String> = containers
        .iter()
        .chain(&unreadable)
        .map(|container| container.id.clone())
        .collect();
    let rows = containers
        .into_iter()
        .map(|container| row(files, container, reading.at))
        .collect::<Result<Vec<_>, Fault>>()?;
    let unknown = unreadable
        .into_iter()
        .map(|container| row_with(container, &Compared::default(), reading.at))
        .collect::<Result<Vec<_>, Fault>>()?;
    let mut tx = ops.begin().await?;
    let mut changed = store::containers::save(&mut tx, &rows, reading)
        .await
        .map_err(Fault::from)?;
    changed.extend(
        store::containers::save_unreadable(&mut tx, &unknown, reading)
            .await
            .map_err(Fault::from)?,
    );
    changed.extend(
        store::containers::keep_only(&mut tx, &ids, reading.number)
            .await
            .map_err(Fault::from)?,
    );
    changed.extend(
        store::containers::date_by_events(&mut tx)
            .await
            .map_err(Fault::from)?,
    );
    save_projects(&mut tx, &projects, &gone, reading.at, &mut changed).await?;
    store::engine::still_true(&mut tx, reading)
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
pub async fn refresh(ops: &Ops, id: &str, last: &Compared) -> Outcome<()> {
    let reading = begin_reading(ops).await?;
    let read = ops.outside.containers.inspect(id).await;
    let mut tx = ops.begin().await?;
    let changed = match read {
        Ok(container) => {
            let Some(container) = named(container) else {
                return Ok(());
            };
            let row = row_with(container, last, reading.at)?;
            store::containers::save(&mut tx, &[row], reading).await?
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

/// The row of a named container that was read at `read_at`, with its differences from the compose file as that was
/// last read. They are told of the whole container; what is kept of it is cut to size afterwards.
pub(super) fn row(
    files: &Files,
    container: Container,
    read_at: OffsetDateTime,
) -> Outcome<store::containers::Row> {
    let compared = match files.last(&container.project).as_deref() {
        Some(Ok(file)) => Compared {
            drift: drift::of_container(file, &container)
                .into_iter()
                .map(bounded_drift)
                .collect(),
            is_unknown: false,
        },
        file => Compared {
            drift: Vec::new(),
            is_unknown: file.is_some(),
        },
    };
    row_with(container, &compared, read_at)
}

/// How a container compares with its compose file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Compared {
    /// Its differences.
    pub drift: Vec<Drift>,
    /// There is a file that can't be read: whether there are differences is not known.
    pub is_unknown: bool,
}

/// The same with differences that are known.
pub(super) fn row_with(
    container: Container,
    compared: &Compared,
    read_at: OffsetDateTime,
) -> Outcome<store::containers::Row> {
    let container = bounded(container);
    let (since, began_before) = since(&container, read_at);
    Ok(store::containers::Row {
        id: container.id.clone(),
        project: container.project.clone(),
        service: container.service.clone(),
        state: container.state.as_str().to_owned(),
        health: container.health.as_str().to_owned(),
        since,
        began_before,
        facts: json(&container)?,
        drift: json(&compared.drift)?,
        drift_unknown: compared.is_unknown,
        drift_since: None,
        drift_began_before: false,
        version: 0,
    })
}

fn json<T: serde::Serialize>(value: &T) -> Outcome<serde_json::Value> {
    serde_json::to_value(value).map_err(|error| Fault::Inside(error.to_string()))
}

/// Since when a container is in its state and health, as the engine tells it; never later than it was read. True where
/// it was so already then, and the engine does not tell when that began.
fn since(container: &Container, read_at: OffsetDateTime) -> (OffsetDateTime, bool) {
    let (told, is_exact) = match (container.state, container.health) {
        (State::Running, HealthState::Unhealthy) => (
            container.failing_since.or(container.failing_by),
            container.failing_since.is_some(),
        ),
        (State::Running, _) => (container.started_at, true),
        (State::Exited | State::Dead | State::Restarting, _) => (container.finished_at, true),
        (State::Created, _) => (container.created_at, true),
        // The engine does not tell when one was paused.
        _ => (None, false),
    };
    let began_before = told.is_none() || !is_exact;
    (told.unwrap_or(read_at).min(read_at), began_before)
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

/// Reads the files of every project of `containers`, whose labels say where they are.
async fn read_projects(files: &Files, containers: &[Container]) -> Vec<store::projects::Row> {
    let mut projects: BTreeMap<&str, Vec<&Container>> = BTreeMap::new();
    for container in containers {
        projects
            .entry(&container.project)
            .or_default()
            .push(container);
    }
    let places: Vec<(String, Place)> = projects
        .into_iter()
        .take(MOST_PROJECTS)
        .map(|(name, containers)| (name.to_owned(), Place::of(&containers)))
        .collect();
    stream::iter(places)
        .map(|(name, place)| read_project(files, name, place))
        .buffered(PROJECTS_AT_ONCE)
        .collect()
        .await
}

async fn read_project(files: &Files, name: String, place: Place) -> store::projects::Row {
    let paths: Vec<String> = place
        .paths()
        .iter()
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    let read = files.read(&name, place).await;
    project_row(&name, &paths, read.as_ref().as_ref())
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

/// The projects that are known, are not among `names`, and whose files are not there any more. Asked before anything is
/// locked in the database: a disk may hang.
async fn gone_projects(ops: &Ops, names: &BTreeSet<String>) -> Outcome<Vec<String>> {
    let files = ops.stack.files();
    let known = store::projects::all(&ops.db).await?;
    let without_container: Vec<_> = known
        .into_iter()
        .filter(|known| !names.contains(&known.name))
        .collect();
    let gone = stream::iter(without_container)
        .map(|project| is_gone(files, project))
        .buffered(PROJECTS_AT_ONCE)
        .filter_map(std::future::ready);
    Ok(gone.collect().await)
}

/// The project's name where its files are not there any more.
async fn is_gone(files: &Files, project: store::projects::Row) -> Option<String> {
    let paths = serde_json::from_value(project.files).unwrap_or_default();
    // A disk that says nothing takes nothing away.
    let are_there = files.are_there(paths).await.unwrap_or(true);
    (!are_there).then_some(project.name)
}

async fn save_projects(
    tx: &mut PgConnection,
    projects: &[store::projects::Row],
    gone: &[String],
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
    for name in gone {
        store::projects::forget(tx, name).await?;
        changed.push(of_project(name));
    }
    Ok(())
}
