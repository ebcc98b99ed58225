//! Whose processes compute on a card.

use std::{collections::HashMap, fs, path::PathBuf};

use super::{attributes, driver::Card};
use crate::{
    containers::{Container, Containers, id_in},
    devices::Devices,
    meter::{Meters, Metric, Value},
    recorder::Recorder,
};

const METRICS: [Metric; 2] = [
    Metric::new("hw.gpu.process.count", "{process}"),
    Metric::new("hw.gpu.process.memory.usage", "By"),
];

/// Processes of cards, by container. Those outside of the watched containers are taken together.
pub(crate) struct Processes {
    proc: PathBuf,
    /// The container of each process, as long as it computes; empty where it is in none.
    containers: HashMap<u32, String>,
    meters: Devices<Meters>,
}

impl Processes {
    pub(crate) fn new(proc: PathBuf) -> Self {
        Self {
            proc,
            containers: HashMap::new(),
            meters: Devices::default(),
        }
    }

    pub(crate) fn record(
        &mut self,
        cards: &[Card],
        containers: &Containers,
        recorder: &mut Recorder,
    ) {
        let all = || cards.iter().flat_map(|card| &card.processes);
        self.containers
            .retain(|pid, _| all().any(|process| process.pid == *pid));
        for process in all() {
            let proc = &self.proc;
            self.containers.entry(process.pid).or_insert_with(|| {
                let cgroup = fs::read(proc.join(process.pid.to_string()).join("cgroup"));
                let cgroup = cgroup.unwrap_or_default();
                id_in(&cgroup).unwrap_or_default().to_owned()
            });
        }
        self.meters.begin();
        for card in cards.iter().filter(|card| card.lost.is_none()) {
            self.record_card(card, containers, recorder);
        }
        self.meters.finish(|mut meters| meters.end(recorder));
    }

    /// How many processes compute on a card, and their memory, by container; `None` for those of no watched one.
    pub(crate) fn of_card<'a>(
        &self,
        card: &Card,
        containers: &'a Containers,
    ) -> Vec<(Option<&'a Container>, u64, Option<u64>)> {
        // A handful of processes at most, so that a list is enough.
        let mut sums: Vec<(Option<&Container>, u64, Option<u64>)> = Vec::new();
        for process in &card.processes {
            let id = self.containers.get(&process.pid).map_or("", String::as_str);
            let container = containers.by_id(id);
            let index = sums.iter().position(|(known, ..)| *known == container);
            let index = index.unwrap_or_else(|| {
                sums.push((container, 0, None));
                sums.len() - 1
            });
            let sum = &mut sums[index];
            sum.1 += 1;
            if let Some(memory) = process.memory {
                sum.2 = Some(sum.2.unwrap_or(0).saturating_add(memory));
            }
        }
        sums
    }

    fn record_card(&mut self, card: &Card, containers: &Containers, recorder: &mut Recorder) {
        for (container, count, memory) in self.of_card(card, containers) {
            let name = container.map_or("", |container| &container.name);
            let make = || {
                let own = container.map(Container::attributes);
                let mut attributes = attributes(card);
                attributes.extend(own.unwrap_or_default());
                Meters::new(attributes)
            };
            let key = format!("{} {name}", card.uuid);
            let Some(meters) = self.meters.seen(key.as_bytes(), make) else {
                continue;
            };
            let values = [Value::bytes(Some(count)), Value::bytes(memory)];
            meters.record(recorder, &METRICS, &values);
        }
    }
}
