//! What of the stack wants a set, found without being told: each database of each Postgres service, folders of data and of
//! videos, the files that tell how the stack is run, and the console's own database.

use std::path::{Path, PathBuf};

use store::backups::{sets, targets};
use types::{
    access::DEFAULT_TEAM,
    backups::{SetKind, SetSettings},
    live::Topic,
};

use super::{defaults, schedule::Schedule, source};
use crate::{Ops, Outcome, health};

/// Folders of a project that are looked for, by name.
const FOLDERS: [&str; 2] = ["data", "videos"];

/// What of a project's folder tells how it is run, besides its compose files.
const CONFIG: [&str; 3] = [".env", "nginx", "config"];

/// The most databases of a server.
const MOST_DATABASES: usize = 50;

/// A set that is wanted.
struct Wanted {
    kind: SetKind,
    project: String,
    service: String,
    database: String,
    name: String,
    team: String,
    paths: Vec<String>,
}

/// Adds the sets that are wanted and not there, with the first target; makes that one, on this machine, where there is none.
/// A server that can't be asked now is asked the next time.
///
/// # Errors
/// The database failed.
pub async fn discover(ops: &Ops) -> Outcome<()> {
    let mut wanted = own(ops);
    let stack = ops.stack.snapshot(ops).await?.stack;
    let services = || stack.projects.iter().flat_map(|project| &project.services);
    let team_of = |project: &str, service: &str| {
        let known = services().find(|one| one.project == project && one.name == service);
        known.map_or_else(|| DEFAULT_TEAM.to_owned(), |known| known.team.clone())
    };
    let candidates = health::candidates(ops).await?;
    for server in candidates.iter().filter(|one| health::is_postgres(one)) {
        let (project, service) = (&server.project, &server.service);
        let team = team_of(project, service);
        let Some(there) = databases(ops, project, service, &team).await? else {
            continue;
        };
        note_there(ops, project, service, &there).await?;
        wanted.extend(there);
    }
    for project in store::projects::all(&ops.db).await? {
        wanted.extend(files(&project.name, &project.files));
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let target = first_target(ops).await?;
    for one in wanted {
        add(ops, &one, target).await?;
    }
    Ok(())
}

fn own(ops: &Ops) -> Vec<Wanted> {
    let own = ops.backups.own().map(|own| Wanted {
        kind: SetKind::Console,
        project: String::new(),
        service: String::new(),
        database: own.name.clone(),
        name: "console".to_owned(),
        team: DEFAULT_TEAM.to_owned(),
        paths: Vec::new(),
    });
    own.into_iter().collect()
}

/// Sets of databases of a server that are there no more are told so, and those that are there again are.
async fn note_there(ops: &Ops, project: &str, service: &str, there: &[Wanted]) -> Outcome<()> {
    let is_there = |set: &sets::Set| {
        let of_server = set.project == project && set.service == service;
        of_server && there.iter().any(|one| one.database == set.database)
    };
    let mut ids = Vec::new();
    for set in sets::list(&ops.db, None).await? {
        if set.kind == SetKind::Database && is_there(&set) {
            ids.push(set.id);
        }
    }
    let now = ops.clock.now();
    let mut tx = ops.begin().await?;
    if sets::note_there(&mut tx, SetKind::Database, project, service, &ids, now).await? {
        store::changes::publish(&mut tx, Topic::Backups, "").await?;
        Ops::commit(tx).await?;
    }
    Ok(())
}

/// The databases of a server; none where it can't be asked now.
async fn databases(
    ops: &Ops,
    project: &str,
    service: &str,
    team: &str,
) -> Outcome<Option<Vec<Wanted>>> {
    let server = match source::of_service(ops, project, service).await? {
        Ok(server) => server,
        Err(error) => {
            tracing::debug!(
                project,
                service,
                error = error.message,
                "Its databases are not known yet."
            );
            return Ok(None);
        }
    };
    let names = match backup::postgres::databases(&server).await {
        Ok(names) => names,
        Err(error) => {
            tracing::debug!(
                project,
                service,
                error = error.message,
                "Its databases are not known yet."
            );
            return Ok(None);
        }
    };
    let wanted = names
        .into_iter()
        .take(MOST_DATABASES)
        .map(|database| Wanted {
            kind: SetKind::Database,
            project: project.to_owned(),
            service: service.to_owned(),
            name: format!("{project} {database}"),
            team: team.to_owned(),
            paths: Vec::new(),
            database,
        });
    Ok(Some(wanted.collect()))
}

/// Folders and files of a project, by where its compose files are; what is not there is not wanted.
fn files(project: &str, compose: &serde_json::Value) -> Vec<Wanted> {
    let compose: Vec<PathBuf> = (compose.as_array().into_iter().flatten())
        .filter_map(|path| path.as_str())
        .map(PathBuf::from)
        .filter(|path| path.is_absolute() && path.is_file())
        .collect();
    let Some(folder) = compose.first().and_then(|path| path.parent()) else {
        return Vec::new();
    };
    let wanted = |kind, name: String, paths: Vec<String>| Wanted {
        kind,
        project: project.to_owned(),
        service: String::new(),
        database: String::new(),
        name,
        team: DEFAULT_TEAM.to_owned(),
        paths,
    };
    let text = |path: &Path| path.to_str().map(str::to_owned);
    let mut found: Vec<Wanted> = (FOLDERS.iter())
        .map(|name| (name, folder.join(name)))
        .filter(|(_, path)| path.is_dir())
        .filter_map(|(name, path)| {
            Some(wanted(
                SetKind::Directory,
                format!("{project} {name}"),
                vec![text(&path)?],
            ))
        })
        .collect();
    let around = CONFIG
        .iter()
        .map(|name| folder.join(name))
        .filter(|path| path.exists());
    let paths: Vec<String> = compose
        .iter()
        .cloned()
        .chain(around)
        .filter_map(|path| text(&path))
        .collect();
    found.push(wanted(SetKind::Config, format!("{project} config"), paths));
    found
}

/// The target that found sets go to.
async fn first_target(ops: &Ops) -> Outcome<i64> {
    if let Some(first) = targets::list(&ops.db).await?.first() {
        return Ok(first.id);
    }
    let location = ops.backups.repository().display().to_string();
    let mut tx = ops.begin().await?;
    let id = targets::insert(&mut tx, "this machine", &location).await?;
    Ops::commit(tx).await?;
    Ok(id)
}

async fn add(ops: &Ops, wanted: &Wanted, target: i64) -> Outcome<()> {
    let settings = SetSettings {
        name: wanted.name.chars().take(100).collect(),
        team: wanted.team.clone(),
        paths: wanted.paths.clone(),
        targets: vec![target],
        ..defaults(wanted.kind)
    };
    let schedule = Schedule::parse(&settings.schedule, &settings.time_zone).ok();
    let new = sets::New {
        kind: wanted.kind,
        project: &wanted.project,
        service: &wanted.service,
        database: &wanted.database,
        is_found: true,
        next_run: schedule.and_then(|schedule| schedule.next(ops.clock.now())),
    };
    let mut tx = ops.begin().await?;
    let added = match sets::insert(&mut tx, &new, &settings).await {
        Ok(added) => added,
        // Somebody gave that name to another set.
        Err(error) if error.constraint() == Some(sets::NAME_KEY) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    if let Some(id) = added {
        tracing::info!(set = id, name = settings.name, "A backup set was found.");
        store::changes::publish(&mut tx, Topic::Backups, &id.to_string()).await?;
        Ops::commit(tx).await?;
    }
    Ok(())
}
