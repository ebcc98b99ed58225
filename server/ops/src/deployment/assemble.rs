//! From rows to the stack that pages show.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use store::ends::End;
use time::OffsetDateTime;
use types::{
    access::DEFAULT_TEAM,
    deployment::{Drift, Engine, HealthState, Project, Service, Stack, State, Usage},
};

use super::{drift, ends::last_end, reconcile::Compared, text};
use crate::outside::Container;

/// A container with what is known beside its facts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// Its facts.
    pub container: Container,
    /// Since when state and health are what they are.
    pub since: Option<OffsetDateTime>,
    /// They were so already then: when that began is not known.
    pub began_before: bool,
    /// Differences from the compose file.
    pub drift: Vec<Drift>,
    /// Since when there are any, or were when that was last known.
    pub drift_since: Option<OffsetDateTime>,
    /// There were some already then: when they began is not known. Without any, whether there are some is not known.
    pub drift_began_before: bool,
    /// Which write of its row this is.
    pub version: i64,
}

impl Known {
    /// How it compares with its compose file.
    pub(super) fn compared(&self) -> Compared {
        Compared {
            is_unknown: self.drift.is_empty()
                && (self.drift_since.is_some() || self.drift_began_before),
            drift: self.drift.clone(),
        }
    }
}

/// A service of a compose file, as the database keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InFile {
    /// Its name.
    pub name: String,
    /// Its image; empty when the file names none.
    pub image: String,
    /// The label `ytops.team`.
    pub team: String,
    /// It need not run.
    pub optional: bool,
}

/// What is known of a project's files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnDisk {
    /// The project's name.
    pub name: String,
    /// Its files.
    pub files: Vec<String>,
    /// Why drift could not be told.
    pub drift_unknown: Option<String>,
    /// The services of its files in their order.
    pub services: Vec<InFile>,
}

/// Everything that the stack is made of, beside the containers.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// The engine.
    pub engine: Engine,
    /// Every project that was ever seen and not forgotten.
    pub projects: Vec<OnDisk>,
    /// What containers use, by id.
    pub usage: HashMap<String, Usage>,
    /// Teams set in the console, by project and service.
    pub teams: HashMap<(String, String), String>,
    /// How services last ended, by project and service.
    pub ends: HashMap<(String, String), End>,
    /// Now.
    pub now: Option<OffsetDateTime>,
}

/// The stack as `containers` and `parts` tell it. An engine that does not answer leaves every state unknown.
pub fn assemble(parts: &Parts, containers: &[Arc<Known>]) -> Stack {
    let mut projects: BTreeMap<&str, Vec<&Known>> = BTreeMap::new();
    for known in containers.iter().filter(|known| !known.container.oneoff) {
        projects
            .entry(&known.container.project)
            .or_default()
            .push(known);
    }
    for project in &parts.projects {
        projects.entry(&project.name).or_default();
    }
    let projects: Vec<Project> = projects
        .into_iter()
        .map(|(name, containers)| {
            let on_disk = parts.projects.iter().find(|project| project.name == name);
            project(parts, name, &containers, on_disk)
        })
        .filter(|project| !project.services.is_empty())
        .collect();
    let stack = Stack {
        engine: parts.engine.clone(),
        projects,
    };
    if parts.engine.reachable {
        stack
    } else {
        unknown(stack)
    }
}

/// The stack while nothing is known of its state: facts stay, verdicts go.
pub fn unknown(mut stack: Stack) -> Stack {
    let since = stack.engine.unreachable_since;
    for service in stack
        .projects
        .iter_mut()
        .flat_map(|project| &mut project.services)
    {
        service.state = State::Unknown;
        service.health = HealthState::Unknown;
        service.since = since;
        service.began_before = false;
        service.containers_running = 0;
        service.usage = Usage::default();
    }
    stack
}

fn project(parts: &Parts, name: &str, containers: &[&Known], on_disk: Option<&OnDisk>) -> Project {
    let in_file: &[InFile] = on_disk.map_or(&[], |project| &project.services);
    let mut groups: BTreeMap<&str, Vec<&Known>> = BTreeMap::new();
    for known in containers {
        groups
            .entry(&known.container.service)
            .or_default()
            .push(known);
    }
    let mut services: Vec<Service> = groups
        .into_iter()
        .filter_map(|(service, group)| of_containers(parts, name, service, &group))
        .collect();
    for described in in_file.iter().filter(|described| !described.optional) {
        if !services
            .iter()
            .any(|service| service.name == described.name)
        {
            services.push(missing(parts, name, described));
        }
    }
    // The file's order; what is not in it comes after, by name.
    services.sort_by_cached_key(|service| {
        let place = in_file
            .iter()
            .position(|described| described.name == service.name);
        (place.unwrap_or(usize::MAX), service.name.clone())
    });
    Project {
        name: name.to_owned(),
        files: on_disk
            .map(|project| project.files.clone())
            .unwrap_or_default(),
        drift_unknown: on_disk.and_then(|project| project.drift_unknown.clone()),
        services,
    }
}

fn of_containers(parts: &Parts, project: &str, name: &str, group: &[&Known]) -> Option<Service> {
    let worst = group.iter().min_by_key(|known| rank(known))?;
    let facts = &worst.container;
    let mut drift: Vec<Drift> = Vec::new();
    for difference in group.iter().flat_map(|known| &known.drift) {
        if !drift.contains(difference) {
            drift.push(difference.clone());
        }
    }
    // Of several containers the one that has differed the longest.
    let (drift_since, drift_began_before) = group
        .iter()
        .filter(|known| !known.drift.is_empty())
        .filter_map(|known| Some((known.drift_since?, known.drift_began_before)))
        .min()
        .unzip();
    let running = group
        .iter()
        .filter(|known| known.container.state == State::Running)
        .count();
    // The oldest says whose it is: a container that came later can't take a service over.
    let label = group
        .iter()
        .min_by_key(|known| known.container.created_at)
        .map(|known| known.container.team.as_str())
        .unwrap_or_default();
    Some(Service {
        project: project.to_owned(),
        name: name.to_owned(),
        container: facts.name.clone(),
        container_id: facts.id.clone(),
        state: facts.state,
        health: facts.health,
        image: facts.image.clone(),
        image_digest: facts.image_digest.clone(),
        restarts: group.iter().fold(0, |sum: u64, known| {
            sum.saturating_add(known.container.restarts)
        }),
        started_at: facts.started_at,
        finished_at: facts.finished_at,
        since: worst.since,
        began_before: worst.began_before,
        exit_code: facts.exit_code,
        oom_killed: facts.oom_killed,
        last_end: last_end(parts, project, name, facts),
        ports: group
            .iter()
            .flat_map(|known| known.container.ports.clone())
            .collect(),
        cpu_limit: facts.cpu_limit,
        memory_limit_bytes: facts.memory_limit_bytes,
        containers: count(group.len()),
        containers_running: count(running),
        restart_policy: facts.restart_policy.clone(),
        usage: group
            .iter()
            .filter_map(|known| parts.usage.get(&known.container.id))
            .fold(Usage::default(), |total, usage| add(&total, usage)),
        team: team(parts, project, name, label),
        drift,
        drift_since,
        drift_began_before: drift_began_before.unwrap_or_default(),
    })
}

fn missing(parts: &Parts, project: &str, described: &InFile) -> Service {
    Service {
        project: project.to_owned(),
        name: described.name.clone(),
        state: State::Missing,
        health: HealthState::None,
        image: described.image.clone(),
        team: team(parts, project, &described.name, &described.team),
        drift: vec![drift::missing(&described.image)],
        ..Service::default()
    }
}

fn team(parts: &Parts, project: &str, service: &str, label: &str) -> String {
    let key = (project.to_owned(), service.to_owned());
    let set = parts.teams.get(&key).map(String::as_str);
    set.or_else(|| text::team(label))
        .unwrap_or(DEFAULT_TEAM)
        .to_owned()
}

/// The worst first; of several as bad the one that is so the longest.
fn rank(known: &Known) -> (u8, Option<OffsetDateTime>, Reverse<&str>) {
    let rank = match (known.container.state, known.container.health) {
        (State::Dead, _) => 0,
        (State::Exited, _) => 1,
        (State::Restarting, _) => 2,
        (State::Removing | State::Missing, _) => 3,
        (State::Created, _) => 4,
        (State::Paused, _) => 5,
        (State::Unknown, _) => 6,
        (State::Running, HealthState::Unhealthy) => 7,
        (State::Running, HealthState::Unknown) => 8,
        (State::Running, HealthState::Starting) => 9,
        (State::Running, _) => 10,
    };
    (rank, known.since, Reverse(&known.container.id))
}

fn add(one: &Usage, other: &Usage) -> Usage {
    let rate = |one, other| sum(one, other, |one: f64, other| one + other);
    let count = |one, other| sum(one, other, u64::saturating_add);
    Usage {
        cpu_percent: rate(one.cpu_percent, other.cpu_percent),
        memory_bytes: count(one.memory_bytes, other.memory_bytes),
        network_rx_bytes_s: rate(one.network_rx_bytes_s, other.network_rx_bytes_s),
        network_tx_bytes_s: rate(one.network_tx_bytes_s, other.network_tx_bytes_s),
        block_read_bytes_s: rate(one.block_read_bytes_s, other.block_read_bytes_s),
        block_write_bytes_s: rate(one.block_write_bytes_s, other.block_write_bytes_s),
        pids: count(one.pids, other.pids),
    }
}

fn sum<T>(one: Option<T>, other: Option<T>, add: fn(T, T) -> T) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(add(one, other)),
        (one, other) => one.or(other),
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
