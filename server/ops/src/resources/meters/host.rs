//! What is heard of one host.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use series::Resolution;
use tokio::sync::broadcast;
use types::{
    charts::Pulse,
    resources::{Frame, Series, SourceState},
};

use super::{
    beat::{Beat, Change, pulse, settle},
    desk::Ids,
};
use crate::resources::{
    floor,
    intake::{MOST_SERIES, TIMES_MS, is_storable},
    is_container,
};

/// How many frames are in memory: a minute at one a second, which is longer than it takes to store them.
const MOST_FRAMES: usize = 60;

/// Beats that a slow page may lag behind before it has to read anew.
const MOST_BEATS: usize = 16;

/// One host.
pub struct Heard {
    /// Its name.
    host: Arc<str>,
    /// By the collector's number.
    series: BTreeMap<u32, Known>,
    /// The newest frames, the oldest first.
    frames: VecDeque<Arc<Kept>>,
    /// Numbers of series that ended and that pages have a value of.
    gone: Vec<Change>,
    /// What can be read and what not.
    pub states: Arc<Vec<SourceState>>,
    /// Tells open pages.
    pub beats: broadcast::Sender<Arc<Beat>>,
    /// The writer knows its series.
    pub is_named: bool,
}

/// A series.
struct Known {
    series: Series,
    resolution: Resolution,
    is_container: bool,
    /// The database would refuse it, so it never gets a number.
    is_storable: bool,
    /// Its number in the database, once that is known.
    id: Option<i32>,
    /// What pages have: the step of its value.
    told: Option<i32>,
    /// The frame that it was last in.
    seen_at: i64,
    /// The newest frame before it began.
    since: i64,
}

/// A frame as it is kept: steps by the collector's number.
struct Kept {
    at: i64,
    steps: Box<[(u32, i32)]>,
}

impl Heard {
    /// Nothing was heard of it yet.
    pub fn new(host: &str) -> Self {
        Self {
            host: Arc::from(host),
            series: BTreeMap::new(),
            frames: VecDeque::new(),
            gone: Vec::new(),
            states: Arc::default(),
            beats: broadcast::Sender::new(MOST_BEATS),
            is_named: false,
        }
    }

    /// A number stands for a series from now on. There are no more series than the writer takes.
    pub fn begin(&mut self, number: u32, series: Series) {
        self.end(number);
        if self.series.len() < MOST_SERIES {
            let known = Known {
                resolution: Resolution::of(&series.unit),
                is_container: is_container(&series),
                is_storable: is_storable(&series),
                series,
                id: None,
                told: None,
                seen_at: 0,
                since: self.newest(),
            };
            self.series.insert(number, known);
        }
    }

    /// The series under this number went.
    pub fn end(&mut self, number: u32) {
        let Some(known) = self.series.remove(&number) else {
            return;
        };
        if let (Some(id), Some(_)) = (known.id, known.told) {
            self.gone.push(Change {
                id,
                value: None,
                is_container: known.is_container,
            });
        }
    }

    /// Every series with its number.
    pub fn named(&self) -> Vec<(u32, Series)> {
        let named = self.series.iter();
        named
            .map(|(number, known)| (*number, known.series.clone()))
            .collect()
    }

    /// The frames in memory, of each series what came since it began: another one may have had its number before.
    pub fn kept(&self) -> Vec<Frame> {
        let frames = self.frames.iter().map(|frame| {
            let samples = frame.steps.iter().filter_map(|(number, step)| {
                let known = self.series.get(number)?;
                let value = known.resolution.value(*step);
                (known.since < frame.at).then_some((*number, value))
            });
            Frame {
                at: frame.at,
                samples: samples.collect(),
            }
        });
        frames.collect()
    }

    /// When the newest frame was taken; 0 when there is none.
    pub fn newest(&self) -> i64 {
        self.frames.back().map_or(0, |frame| frame.at)
    }

    /// Takes a frame that is newer than the newest, and tells pages what changed.
    pub fn take(&mut self, frame: &Frame) {
        let (at, before) = (floor(frame.at, TIMES_MS), self.newest());
        let mut steps = Vec::with_capacity(frame.samples.len());
        let mut changes = std::mem::take(&mut self.gone);
        for (number, value) in &frame.samples {
            let Some(known) = self.series.get_mut(number) else {
                continue;
            };
            let Some(step) = known.resolution.code(*value) else {
                continue;
            };
            steps.push((*number, step));
            known.seen_at = at;
            if known.told != Some(step) && known.id.is_some() {
                changes.extend(known.change(Some(step)));
                known.told = Some(step);
            }
        }
        for known in self.series.values_mut() {
            if known.seen_at != at && known.told.take().is_some() {
                changes.extend(known.change(None));
            }
        }
        settle(&mut changes);
        if self.frames.len() == MOST_FRAMES {
            self.frames.pop_front();
        }
        steps.sort_unstable_by_key(|(number, _)| *number);
        let kept = Kept {
            at,
            steps: steps.into_boxed_slice(),
        };
        self.frames.push_back(Arc::new(kept));
        // Nobody listening is no fault.
        let beat = Beat::new(Arc::clone(&self.host), at, before, changes);
        let _ = self.beats.send(Arc::new(beat));
    }

    /// The samples of series that were taken after `after`.
    pub fn tail(&self, ids: &[i32], after: i64) -> BTreeMap<i32, Vec<(i64, f64)>> {
        let mut wanted: Vec<(u32, i32, Resolution)> = Vec::new();
        for (number, known) in &self.series {
            if let Some(id) = known.id.filter(|id| ids.contains(id)) {
                wanted.push((*number, id, known.resolution));
            }
        }
        let mut tails: BTreeMap<i32, Vec<(i64, f64)>> = BTreeMap::new();
        for frame in self.frames.iter().filter(|frame| frame.at > after) {
            for (number, id, resolution) in &wanted {
                if let Some(step) = frame.step(*number) {
                    let tail = tails.entry(*id).or_default();
                    tail.push((frame.at, resolution.value(step)));
                }
            }
        }
        tails
    }

    /// What a page has missed.
    pub fn replay(&self, since: Option<i64>, sees_containers: bool) -> Replay {
        let after = since.unwrap_or_else(|| self.newest() - 1);
        let frames = self.frames.iter().filter(|frame| frame.at > after);
        let seen = self.series.iter().filter_map(|(number, known)| {
            let is_seen = sees_containers || !known.is_container;
            let id = known.id.filter(|_| is_seen)?;
            Some((*number, (id, known.resolution)))
        });
        Replay {
            host: Arc::clone(&self.host),
            frames: frames.cloned().collect(),
            series: seen.collect(),
        }
    }

    /// Whether there are series whose numbers in the database are not known.
    pub fn lacks_ids(&self) -> bool {
        let mut series = self.series.values();
        series.any(|known| known.id.is_none() && known.is_storable)
    }

    /// The database's numbers of series. Who has another one than before is told anew.
    pub fn set_ids(&mut self, ids: &Ids) {
        for known in self.series.values_mut() {
            let of_key = ids.get(&known.series.key).into_iter().flatten();
            let mut of_unit = of_key.filter(|(unit, _)| *unit == known.series.unit);
            let id = of_unit.next().map(|(_, id)| *id);
            if known.id != id {
                known.id = id;
                known.told = None;
            }
        }
    }
}

impl Known {
    fn change(&self, step: Option<i32>) -> Option<Change> {
        Some(Change {
            id: self.id?,
            value: step.map(|step| self.resolution.value(step)),
            is_container: self.is_container,
        })
    }
}

impl Kept {
    fn step(&self, number: u32) -> Option<i32> {
        let at = self
            .steps
            .binary_search_by_key(&number, |(number, _)| *number);
        at.ok()
            .and_then(|at| self.steps.get(at))
            .map(|(_, step)| *step)
    }
}

/// Frames that a page has missed, apart from the host that goes on.
pub struct Replay {
    host: Arc<str>,
    frames: Vec<Arc<Kept>>,
    series: BTreeMap<u32, (i32, Resolution)>,
}

impl Replay {
    /// One pulse a frame: the first with every series, the others with what changed.
    pub fn pulses(self) -> Vec<Pulse> {
        let mut told: BTreeMap<u32, i32> = BTreeMap::new();
        let mut before = 0;
        let mut pulses = Vec::new();
        for frame in &self.frames {
            let mut changes = Vec::new();
            for (number, (id, resolution)) in &self.series {
                let step = frame.step(*number);
                let was = match step {
                    Some(step) => told.insert(*number, step),
                    None => told.remove(number),
                };
                if step != was {
                    changes.push(Change {
                        id: *id,
                        value: step.map(|step| resolution.value(step)),
                        is_container: false,
                    });
                }
            }
            settle(&mut changes);
            pulses.push(pulse(&self.host, frame.at, before, &changes, true));
            before = frame.at;
        }
        pulses
    }
}
