//! What was read and is not stored yet.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use collect::Tick;
use types::{
    agent::{
        Batch, MOST_ERRORS, MOST_NAMED, MOST_SAMPLES, MOST_SERIES, MOST_STATES, MOST_TICKS, Named,
        Receipt, SentTick, TIMES_MS,
    },
    resources::{GpuError, SourceState},
};

/// The most ticks that are held: a quarter of an hour.
const MOST_HELD: usize = 900;

/// The most samples that are held, 4 bytes each: more than a quarter of an hour of 4,000 series.
const MOST_HELD_SAMPLES: usize = 4_000_000;

/// A clock that is so many seconds behind was set back.
const BEHIND_S: i64 = 5;

/// Beside so many names the most samples of a batch have room in a body.
const FEW_NAMED: usize = 50;

/// What was read and is not stored yet.
pub struct Buffer {
    host: String,
    session: u32,
    /// The oldest first.
    ticks: VecDeque<Kept>,
    samples: usize,
    /// Series that a tick may hold.
    names: BTreeMap<u32, Name>,
    states: Arc<Vec<SourceState>>,
    are_states_told: bool,
    /// The console knows the session.
    has_begun: bool,
    /// The newest tick that the console holds or has stored.
    taken_until: i64,
    /// Series that ended in a tick that was dropped.
    ended: Vec<u32>,
    /// Errors that were found in a tick that was dropped.
    errors: Vec<GpuError>,
    dropped: usize,
}

/// A tick as it is held.
struct Kept {
    at: i64,
    ended: Vec<u32>,
    /// The same list as the tick's before, where it was the same.
    numbers: Arc<[u32]>,
    values: Box<[f32]>,
    errors: Box<[GpuError]>,
}

struct Name {
    series: Named,
    is_told: bool,
}

/// What a batch held.
pub struct Sent {
    named: Vec<u32>,
    /// The console shall begin anew.
    pub begins: bool,
    /// It told the states.
    states: Option<Arc<Vec<SourceState>>>,
    /// The time of its newest tick; the smallest number where it has none.
    pub until: i64,
}

impl Buffer {
    /// Nothing was read yet.
    pub fn new(host: String, session: u32) -> Self {
        Self {
            host,
            session,
            ticks: VecDeque::new(),
            samples: 0,
            names: BTreeMap::new(),
            states: Arc::default(),
            are_states_told: false,
            has_begun: false,
            taken_until: i64::MIN,
            ended: Vec::new(),
            errors: Vec::new(),
            dropped: 0,
        }
    }

    /// How many ticks are held.
    pub fn held(&self) -> usize {
        self.ticks.len()
    }

    /// How many ticks were dropped because the console was away for too long.
    pub const fn dropped(&self) -> usize {
        self.dropped
    }

    /// How far this host's clock is behind what the console has of it, in seconds, where that is more than a batch on its
    /// way: nothing is taken until it is past that.
    pub fn behind_s(&self) -> Option<i64> {
        let behind = self.taken_until.saturating_sub(self.ticks.back()?.at) / 1_000;
        (behind >= BEHIND_S).then_some(behind)
    }

    /// Holds what was read.
    pub fn push(&mut self, tick: Tick) {
        let at = tick.frame.at.div_euclid(TIMES_MS) * TIMES_MS;
        // The clock was set back: what was read ahead of it is at times that never were.
        while self.ticks.back().is_some_and(|last| last.at >= at) {
            if let Some(last) = self.ticks.pop_back() {
                self.samples -= last.values.len();
                self.ended.extend(last.ended);
                if last.at > self.taken_until {
                    self.errors.extend(last.errors);
                }
            }
        }
        for (number, series) in tick.began {
            let series = Named::new(number, series);
            self.names.insert(
                number,
                Name {
                    series,
                    is_told: false,
                },
            );
        }
        if !Arc::ptr_eq(&self.states, &tick.states) {
            self.states = tick.states;
            self.are_states_told = false;
        }
        let mut ended = std::mem::take(&mut self.ended);
        ended.extend(tick.ended);
        let mut errors = std::mem::take(&mut self.errors);
        errors.extend(tick.errors);
        errors.truncate(MOST_ERRORS);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "24 bits are more than is stored"
        )]
        let (numbers, values): (Vec<u32>, Vec<f32>) = (tick.frame.samples.iter())
            .map(|(number, value)| (*number, *value as f32))
            .filter(|(_, value)| value.is_finite())
            .unzip();
        let numbers = match self.ticks.back() {
            Some(last) if *last.numbers == *numbers => Arc::clone(&last.numbers),
            _ => numbers.into(),
        };
        self.samples += values.len();
        self.ticks.push_back(Kept {
            at,
            ended,
            numbers,
            values: values.into(),
            errors: errors.into(),
        });
        while self.ticks.len() > MOST_HELD || self.samples > MOST_HELD_SAMPLES {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        let Some(oldest) = self.ticks.pop_front() else {
            return;
        };
        self.samples -= oldest.values.len();
        // Errors that the console took would be there twice, at two times.
        let is_lost = oldest.at > self.taken_until;
        if is_lost {
            self.dropped += 1;
        }
        if let Some(next) = self.ticks.front_mut() {
            next.ended.splice(..0, oldest.ended).for_each(drop);
            if is_lost && !oldest.errors.is_empty() {
                let errors = oldest.errors.into_iter().chain(next.errors.iter().cloned());
                next.errors = errors.take(MOST_ERRORS).collect();
            }
        } else {
            self.ended.extend(oldest.ended);
            if is_lost {
                self.errors.extend(oldest.errors);
            }
        }
    }

    /// What is to be sent next, and what is to be given back when it was heard; `None` where the console has all.
    pub fn batch(&self) -> Option<(Batch, Sent)> {
        let newest = self.ticks.back()?.at;
        if newest <= self.taken_until {
            return None;
        }
        let mut untold = self.names.values().filter(|name| !name.is_told);
        let named: Vec<Named> = (untold.by_ref().take(MOST_NAMED))
            .map(|name| name.series.clone())
            .collect();
        let is_all_named = untold.next().is_none();
        let room = if named.len() > FEW_NAMED {
            MOST_SERIES
        } else {
            MOST_SAMPLES
        };
        let ticks = if is_all_named {
            self.unsent(room)
        } else {
            Vec::new()
        };
        let states = (!self.are_states_told).then(|| Arc::clone(&self.states));
        let sent = Sent {
            named: named.iter().map(|one| one.number).collect(),
            begins: !self.has_begun,
            states: states.clone(),
            until: ticks.last().map_or(i64::MIN, |tick| tick.at),
        };
        let batch = Batch {
            host: self.host.clone(),
            session: self.session,
            begins: !self.has_begun,
            named,
            ticks,
            states: states.map(|states| states.iter().take(MOST_STATES).cloned().collect()),
        };
        Some((batch, sent))
    }

    /// The oldest ticks that the console does not have, with at most `room` samples.
    fn unsent(&self, mut room: usize) -> Vec<SentTick> {
        let from = self
            .ticks
            .partition_point(|tick| tick.at <= self.taken_until);
        let mut unsent = Vec::new();
        let mut room_of_errors = MOST_ERRORS;
        for tick in self.ticks.range(from..).take(MOST_TICKS) {
            // Of a host with more series than there can be the first ones.
            let count = tick.values.len().min(MOST_SERIES);
            let Some(left) = room.checked_sub(count) else {
                break;
            };
            room = left;
            let errors = &tick.errors[..tick.errors.len().min(room_of_errors)];
            room_of_errors -= errors.len();
            unsent.push(SentTick {
                at: tick.at,
                ended: tick.ended.iter().copied().take(MOST_SERIES).collect(),
                numbers: tick.numbers[..count].to_vec(),
                values: tick.values[..count].to_vec(),
                errors: errors.to_vec(),
            });
        }
        unsent
    }

    /// The console answered a batch.
    pub fn heard(&mut self, sent: &Sent, receipt: Receipt) {
        self.has_begun = receipt.is_known;
        self.taken_until = receipt.taken_until.max(receipt.stored_until);
        if receipt.is_known {
            for number in &sent.named {
                if let Some(name) = self.names.get_mut(number) {
                    name.is_told = true;
                }
            }
            let told = sent.states.as_ref();
            self.are_states_told |= told.is_some_and(|told| Arc::ptr_eq(told, &self.states));
        } else {
            for name in self.names.values_mut() {
                name.is_told = false;
            }
            self.are_states_told = false;
        }
        while self
            .ticks
            .front()
            .is_some_and(|tick| tick.at <= receipt.stored_until)
        {
            let Some(stored) = self.ticks.pop_front() else {
                break;
            };
            self.samples -= stored.values.len();
            for number in stored.ended {
                self.names.remove(&number);
            }
        }
    }
}

#[cfg(test)]
mod tests;
