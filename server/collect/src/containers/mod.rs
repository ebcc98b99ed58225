//! Containers by their cgroups, or by the engine's figures where those can't be seen.

mod files;
mod find;
mod group;
mod reading;

use std::{collections::HashSet, path::PathBuf, time::Duration};

pub(crate) use self::find::id_in;
pub use self::reading::ContainerReading;
use self::{find::Finder, group::Group};
use crate::{
    Options,
    meter::{Meters, Metric, Value},
    read::Budget,
    recorder::Recorder,
};

const SOURCE: &str = "container";

/// Up to this age the engine's last figures stand for a container; it tells them less often than there are ticks.
const ENGINE_AGE: Duration = Duration::from_secs(10);

const METRICS: [Metric; 11] = [
    Metric::new("container.cpu.usage", "{cpu}").scaled(1e-9),
    Metric::new("container.cpu.throttled_time", "1").scaled(1e-9),
    Metric::new("container.memory.usage", "By"),
    Metric::new("container.memory.working_set", "By"),
    Metric::new("container.memory.limit", "By"),
    Metric::new("container.memory.oom_kills", "{process}/s"),
    Metric::new("container.network.io", "By/s").with(&[("network.io.direction", "receive")]),
    Metric::new("container.network.io", "By/s").with(&[("network.io.direction", "transmit")]),
    Metric::new("container.disk.io", "By/s").with(&[("disk.io.direction", "read")]),
    Metric::new("container.disk.io", "By/s").with(&[("disk.io.direction", "write")]),
    Metric::new("container.pids.count", "{pid}"),
];

/// A container that is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// The engine's id, 64 hexadecimal digits.
    pub id: String,
    /// Its compose project; empty where it has none.
    pub project: String,
    /// Its service in the project; empty where it has none.
    pub service: String,
    /// Its name, which stays when it is made anew.
    pub name: String,
}

impl Container {
    /// What tells its series from those of others. Not its id: the series goes on when it is made anew.
    pub(crate) fn attributes(&self) -> Vec<(&'static str, String)> {
        let mut attributes = vec![("container.name", self.name.clone())];
        let optional = [
            ("service.namespace", &self.project),
            ("service.name", &self.service),
        ];
        for (key, value) in optional {
            if !value.is_empty() {
                attributes.push((key, value.clone()));
            }
        }
        attributes
    }

    fn is_same_service(&self, other: &Self) -> bool {
        (&self.project, &self.service, &self.name) == (&other.project, &other.service, &other.name)
    }
}

#[derive(Debug)]
pub(crate) struct Containers {
    proc: PathBuf,
    budget: Budget,
    finder: Finder,
    watched: Vec<Watched>,
    buffer: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) container: Container,
    /// As it was last read; `None` where it can't be.
    pub(crate) reading: Option<ContainerReading>,
    meters: Meters,
    group: Option<Group>,
    /// The engine's figures, until a tick took them.
    engine: Option<ContainerReading>,
    /// When a tick took the last ones.
    engine_at: Option<Duration>,
}

impl Containers {
    pub(crate) fn new(options: &Options, budget: &Budget) -> Self {
        Self {
            proc: options.proc.clone(),
            budget: budget.clone(),
            finder: Finder::new(options.cgroups.clone()),
            watched: Vec::new(),
            buffer: Vec::new(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Watched> {
        self.watched.iter()
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<&Container> {
        let mut watched = self.watched.iter();
        Some(
            &watched
                .find(|watched| watched.container.id == id)?
                .container,
        )
    }

    /// Watches `list` and nothing else.
    pub(crate) fn set(&mut self, list: Vec<Container>, recorder: &mut Recorder) {
        let mut before = std::mem::take(&mut self.watched);
        let mut take = |is_it: &dyn Fn(&Container) -> bool| {
            let index = before
                .iter()
                .position(|watched| is_it(&watched.container))?;
            Some(before.swap_remove(index))
        };
        let mut names = HashSet::new();
        let known: Vec<_> = list
            .into_iter()
            // The engine knows no two of one name.
            .filter(|container| names.insert(container.name.clone()))
            .map(|container| (take(&|known| *known == container), container))
            .collect();
        for (known, container) in known {
            let watched = known.unwrap_or_else(|| {
                self.finder.hurry();
                let replaced = take(&|known| known.is_same_service(&container));
                let meters = replaced.map(|replaced| replaced.meters);
                Watched::new(container, meters)
            });
            self.watched.push(watched);
        }
        for mut gone in before {
            gone.meters.end(recorder);
            let name = &gone.container.name;
            if !self
                .watched
                .iter()
                .any(|watched| watched.container.name == *name)
            {
                recorder.states.forget(SOURCE, name);
            }
        }
    }

    /// The engine's figures of containers by id, each for one tick.
    pub(crate) fn set_engine(&mut self, stats: Vec<(String, ContainerReading)>) {
        for (id, reading) in stats {
            let mut watched = self.watched.iter_mut();
            if let Some(watched) = watched.find(|watched| watched.container.id == id) {
                watched.engine = Some(reading);
            }
        }
    }

    /// Containers that have no cgroup here.
    pub(crate) fn without_cgroup(&self) -> impl Iterator<Item = &Container> {
        let watched = self
            .watched
            .iter()
            .filter(|watched| watched.group.is_none());
        watched.map(|watched| &watched.container)
    }

    pub(crate) fn record(&mut self, recorder: &mut Recorder) {
        self.find(recorder);
        for watched in &mut self.watched {
            let from_group = watched
                .group
                .as_mut()
                .and_then(|group| group.read(&self.proc, &self.budget, &mut self.buffer));
            if from_group.is_none() && watched.group.take().is_some() {
                // Started again, it begins to count anew, and may do so before the next tick.
                watched.meters.restart();
            }
            watched.record(from_group, recorder);
        }
    }

    fn find(&mut self, recorder: &mut Recorder) {
        let missing: Vec<&str> = self
            .watched
            .iter()
            .filter(|watched| watched.group.is_none())
            .map(|watched| watched.container.id.as_str())
            .collect();
        if missing.is_empty() {
            if !self.watched.is_empty() {
                recorder.states.good(SOURCE, "");
            }
            return;
        }
        let version = match self.finder.version() {
            Ok(version) => version,
            Err(reason) => return recorder.states.bad(SOURCE, "", &reason),
        };
        recorder.states.good(SOURCE, "");
        let Some(tree) = self.finder.tree(version) else {
            return;
        };
        let found = self.finder.find(&tree, &missing, recorder.now);
        let groups: Vec<_> = found
            .into_iter()
            .map(|(id, place)| {
                let group = Group::new(&self.finder, version, &tree, &place, &self.budget);
                (id.to_owned(), group)
            })
            .collect();
        for (id, group) in groups {
            let mut watched = self.watched.iter_mut();
            if let Some(watched) = watched.find(|watched| watched.container.id == id) {
                watched.group = Some(group);
            }
        }
    }
}

impl Watched {
    fn new(container: Container, meters: Option<Meters>) -> Self {
        let mut meters = meters.unwrap_or_else(|| Meters::new(container.attributes()));
        meters.restart();
        Self {
            container,
            reading: None,
            meters,
            group: None,
            engine: None,
            engine_at: None,
        }
    }

    fn record(&mut self, from_group: Option<ContainerReading>, recorder: &mut Recorder) {
        let from_engine = self.engine.take();
        if from_engine.is_some() {
            self.engine_at = Some(recorder.now);
        }
        let fresh = match (from_group, from_engine) {
            (Some(group), engine) => Some(group.or(engine.unwrap_or_default())),
            (None, engine) => engine,
        };
        let is_young = |at| recorder.now.saturating_sub(at) < ENGINE_AGE;
        let by_engine = from_group.is_none() && self.engine_at.is_some_and(is_young);
        if fresh.is_some() || !by_engine {
            self.reading = fresh;
        }
        let name = &self.container.name;
        let Some(read) = fresh else {
            if !by_engine {
                let reason = "It has no cgroup that can be seen here: it does not run, or the host's cgroups are not \
                              mounted.";
                recorder.states.bad(SOURCE, name, reason);
            }
            return;
        };
        recorder.states.good(SOURCE, name);
        let values = [
            Value::count(read.cpu_ns),
            Value::count(read.throttled_ns),
            Value::bytes(read.memory),
            Value::bytes(read.working_set),
            Value::bytes(read.memory_limit),
            Value::count(read.oom_kills),
            Value::count(read.received),
            Value::count(read.transmitted),
            Value::count(read.read),
            Value::count(read.written),
            Value::bytes(read.pids),
        ];
        self.meters.record(recorder, &METRICS, &values);
    }
}
