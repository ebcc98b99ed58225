//! NVIDIA GPUs by NVML, which is loaded at run time: no driver is a state, not a fault.

pub(crate) mod card;
pub(crate) mod driver;
mod events;
mod metrics;
mod processes;

use std::{collections::BTreeMap, ffi::OsString, time::Duration};

use self::{
    driver::{Answer, Card, Driver},
    metrics::METRICS,
    processes::Processes,
};
use crate::{
    Options, aside::Aside, containers::Containers, devices::Devices, meter::Meters,
    recorder::Recorder,
};
use types::resources::GpuError;

const SOURCE: &str = "gpu";

/// How long the driver may take before that is a state; a card that falls off the bus can block it for minutes.
const PATIENCE: Duration = Duration::from_secs(5);

/// All cards, read on a thread of their own.
pub(crate) struct Gpus {
    /// GPUs are looked for.
    wanted: bool,
    /// Another library than the system's.
    library: Option<OsString>,
    aside: Option<Aside<Duration, Answer>>,
    /// It is not asked before this.
    again_at: Duration,
    /// An answer that came after the last tick.
    answered: Option<Answer>,
    meters: Devices<(u32, Meters)>,
    pub(crate) processes: Processes,
    /// As they were last read.
    pub(crate) cards: Vec<Card>,
    pub(crate) version: String,
    /// How often each XID was seen since the collector began, by card and number.
    pub(crate) xids: BTreeMap<(String, u64), u64>,
}

impl Gpus {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            wanted: options.gpus,
            library: options.nvml.clone(),
            aside: None,
            again_at: Duration::ZERO,
            answered: None,
            meters: Devices::default(),
            processes: Processes::new(options.proc.clone()),
            cards: Vec::new(),
            version: String::new(),
            xids: BTreeMap::new(),
        }
    }

    /// Asks for a reading; [`Self::record`] takes it at this tick or at the next.
    pub(crate) fn ask(&mut self, now: Duration) {
        if !self.wanted || now < self.again_at {
            return;
        }
        if self.aside.is_none() {
            let mut driver = Driver::new(self.library.clone());
            self.aside = Aside::start("ytops-nvml", move |now| driver.read(now)).ok();
        }
        if let Some(aside) = &mut self.aside {
            self.answered = aside.answer().map(|(_, answer)| answer);
            aside.ask(now, now);
        }
    }

    pub(crate) fn record(
        &mut self,
        containers: &Containers,
        seen: &mut Vec<GpuError>,
        recorder: &mut Recorder,
    ) {
        if !self.wanted {
            return;
        }
        let Some(aside) = &mut self.aside else {
            let reason = "No thread could be started to ask the NVIDIA driver.";
            return recorder.states.bad(SOURCE, "", reason);
        };
        let older = self.answered.take();
        let newer = aside.answer().map(|(_, answer)| answer);
        let waiting = aside.waiting(recorder.now);
        let answers: Vec<Answer> = older.into_iter().chain(newer).collect();
        if answers.is_empty() && waiting >= PATIENCE {
            self.cards.clear();
            let reason = "The NVIDIA driver does not answer.";
            recorder.states.bad(SOURCE, "", reason);
        }
        let mut last = None;
        for answer in answers {
            self.note_xids(answer.xids, seen);
            self.again_at = answer.again_at;
            self.version = answer.version;
            last = Some(answer.cards);
        }
        match last {
            None => {}
            Some(Err(reason)) => {
                self.cards.clear();
                recorder.states.bad(SOURCE, "", &reason);
            }
            Some(Ok(cards)) => {
                if cards.is_empty() {
                    let reason = "The NVIDIA driver works, but lists no GPU.";
                    recorder.states.bad(SOURCE, "", reason);
                } else {
                    recorder.states.good(SOURCE, "");
                }
                self.cards = cards;
                self.record_cards(recorder);
                self.processes.record(&self.cards, containers, recorder);
            }
        }
    }

    fn record_cards(&mut self, recorder: &mut Recorder) {
        self.meters.begin();
        for card in &self.cards {
            let device = card.index.to_string();
            if card.uuid.is_empty() {
                let reason = card
                    .lost
                    .as_deref()
                    .unwrap_or("The card does not tell who it is.");
                recorder.states.bad(SOURCE, &device, reason);
                continue;
            }
            let make = || (card.index, Meters::new(attributes(card)));
            let Some((_, meters)) = self.meters.seen(card.uuid.as_bytes(), make) else {
                continue;
            };
            if let Some(reason) = &card.lost {
                recorder.states.bad(SOURCE, &device, reason);
                continue;
            }
            recorder.states.good(SOURCE, &device);
            let xids = self.xids.iter().filter(|((uuid, _), _)| *uuid == card.uuid);
            let xids = xids.map(|(_, count)| count).sum();
            meters.record(recorder, &METRICS, &metrics::values(&card.figures, xids));
        }
        let listed = self.cards.len();
        self.meters.finish(|(index, mut meters)| {
            meters.end(recorder);
            // One that has another's place now is no longer missed.
            if index as usize >= listed {
                let reason = "The NVIDIA driver no longer lists the card.";
                recorder.states.bad(SOURCE, &index.to_string(), reason);
            }
        });
    }

    fn note_xids(&mut self, xids: Vec<(String, u64)>, seen: &mut Vec<GpuError>) {
        for (uuid, xid) in xids {
            *self.xids.entry((uuid.clone(), xid)).or_default() += 1;
            // As it was last listed: one that is gone tells of itself no more.
            let known = self.cards.iter().find(|card| card.uuid == uuid);
            let card = known.map_or_else(|| "GPU".to_owned(), |card| name(card.index));
            seen.push(GpuError { uuid, card, xid });
        }
    }
}

/// What people and tools call a card by.
fn name(index: u32) -> String {
    format!("GPU {index}")
}

/// `hw.id` stays with the card; its name is the number that people and tools call it by.
fn attributes(card: &Card) -> Vec<(&'static str, String)> {
    vec![
        ("hw.type", "gpu".to_owned()),
        ("hw.id", card.uuid.clone()),
        ("hw.name", name(card.index)),
    ]
}
