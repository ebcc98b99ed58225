//! What this console hears of hosts: kept in memory for a minute, handed to open pages and to what writes it down.

mod beat;
mod desk;
mod errors;
mod exposition;
mod host;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use tokio::sync::{broadcast, mpsc};
use types::{
    charts::Pulse,
    resources::{Frame, Series, SeriesKey, SourceState},
};

pub use self::{
    beat::Beat,
    desk::{finish, write_loop},
    exposition::Expose,
};
use self::{
    desk::{Desk, Message},
    host::Heard,
};
use super::{Counts, floor, intake::TIMES_MS, millis, writer::MOST_AHEAD_MS};
use crate::outside::{Clock, UsageSample};

/// The most hosts.
const MOST_HOSTS: usize = 1_000;

/// How many messages may wait for the writer: a flush takes seconds at the most, even one that fails.
const MOST_WAITING: usize = 2_048;

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was taken.
    Taken,
    /// It is not newer than the newest of its host, or more than five minutes ahead of the time.
    Refused,
    /// The writer has too much to do, or there are too many hosts; to be sent again later.
    Busy,
}

/// What was heard since the process began, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// What became of the samples that the writer had.
    pub counts: Counts,
    /// Samples that were refused before: not newer than the newest of their host, or ahead of the time.
    pub refused: u64,
    /// Frames that were dropped because too many waited for the writer.
    pub dropped_frames: u64,
    /// Flushes that were done or tried.
    pub flushes: u64,
    /// What they took in all, in seconds.
    pub flush_seconds: f64,
}

/// What this console hears of hosts; cheap to clone.
#[derive(Clone)]
pub struct Meters(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
    own_host: RwLock<Arc<str>>,
    hosts: Mutex<BTreeMap<String, Heard>>,
    to_writer: mpsc::Sender<Message>,
    /// Held by the loop that writes for as long as it runs.
    desk: tokio::sync::Mutex<Desk>,
    tally: Mutex<Tally>,
    expose: Mutex<Option<Expose>>,
    engine: Mutex<Vec<(String, UsageSample)>>,
    answers: Mutex<Option<Vec<(Series, f64)>>>,
    errors: Mutex<errors::Waiting>,
}

impl Meters {
    /// Nothing was heard yet; this console's own host is `localhost` until it is told.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let (to_writer, waiting) = mpsc::channel(MOST_WAITING);
        Self(Arc::new(Inner {
            clock,
            own_host: RwLock::new(Arc::from("localhost")),
            hosts: Mutex::default(),
            to_writer,
            desk: tokio::sync::Mutex::new(Desk::new(waiting)),
            tally: Mutex::default(),
            expose: Mutex::default(),
            engine: Mutex::default(),
            answers: Mutex::default(),
            errors: Mutex::default(),
        }))
    }

    /// The name of this console's own host.
    pub fn own_host(&self) -> Arc<str> {
        let name = self.0.own_host.read();
        Arc::clone(&name.unwrap_or_else(PoisonError::into_inner))
    }

    /// Names this console's own host.
    pub fn set_own_host(&self, name: &str) {
        let mut own = self
            .0
            .own_host
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *own = Arc::from(name);
    }

    /// Numbers of a collector stand for these series from now on; what a number stood for before has ended.
    pub fn begin(&self, host: &str, began: &[(u32, Series)]) {
        if began.is_empty() {
            return;
        }
        let mut hosts = self.hosts();
        let Some(heard) = room(&mut hosts, host) else {
            return;
        };
        for (number, series) in began {
            heard.begin(*number, series.clone());
        }
        if heard.is_named {
            let message = Message::Begin(host.to_owned(), began.to_vec());
            heard.is_named = self.send(message);
        }
    }

    /// The devices or containers of these series went.
    pub fn end(&self, host: &str, ended: &[u32]) {
        if ended.is_empty() {
            return;
        }
        let mut hosts = self.hosts();
        let Some(heard) = hosts.get_mut(host) else {
            return;
        };
        for number in ended {
            heard.end(*number);
        }
        if heard.is_named {
            heard.is_named = self.send(Message::End(host.to_owned(), ended.to_vec()));
        }
    }

    /// Takes a frame of a host: for open pages and, with `keep`, to be stored. A host whose frames were kept and are not
    /// any more is written by another console from now on.
    pub fn take(&self, host: &str, frame: Frame, keep: bool) -> Taken {
        let samples = frame.samples.len() as u64;
        if frame.at > millis(self.0.clock.now()).saturating_add(MOST_AHEAD_MS) {
            self.tally().refused += samples;
            return Taken::Refused;
        }
        let mut hosts = self.hosts();
        let Some(heard) = room(&mut hosts, host) else {
            return Taken::Busy;
        };
        // Times are kept to hundredths of a second.
        if floor(frame.at, TIMES_MS) <= heard.newest() {
            self.tally().refused += samples;
            return Taken::Refused;
        }
        if keep && !heard.is_named {
            let anew = Message::Anew(host.to_owned(), heard.named(), heard.kept());
            heard.is_named = self.send(anew);
        }
        if !keep && heard.is_named {
            heard.is_named = !self.send(Message::Leave(host.to_owned()));
        }
        let is_lost = keep && !(heard.is_named && self.0.to_writer.capacity() > 0);
        if is_lost {
            self.tally().dropped_frames += 1;
            return Taken::Busy;
        }
        heard.take(&frame);
        // The lock is held by whoever sends, so there is room still.
        if keep && !self.send(Message::Take(host.to_owned(), frame)) {
            heard.is_named = false;
        }
        Taken::Taken
    }

    /// What can be read of a host and what not, as its collector says.
    pub fn set_states(&self, host: &str, states: Arc<Vec<SourceState>>) {
        if let Some(heard) = room(&mut self.hosts(), host) {
            heard.states = states;
        }
    }

    /// What can be read of a host and what not, as its collector said last; empty where it never said.
    pub fn states(&self, host: &str) -> Arc<Vec<SourceState>> {
        let hosts = self.hosts();
        hosts
            .get(host)
            .map(|heard| Arc::clone(&heard.states))
            .unwrap_or_default()
    }

    /// When the newest frame of a host that is in memory was taken, in milliseconds since 1970.
    pub fn newest(&self, host: &str) -> Option<i64> {
        let hosts = self.hosts();
        hosts.get(host).map(Heard::newest).filter(|at| *at > 0)
    }

    /// The newest samples of series of a host, by the database's numbers, taken after `after` (milliseconds since 1970):
    /// those of the last minute. What was not heard here has none.
    pub fn tail(&self, host: &str, ids: &[i32], after: i64) -> BTreeMap<i32, Vec<(i64, f64)>> {
        let hosts = self.hosts();
        hosts
            .get(host)
            .map(|heard| heard.tail(ids, after))
            .unwrap_or_default()
    }

    /// What is heard of a host from now on, and before that what is newer than `since` (milliseconds since 1970; the
    /// newest alone where it is `None`) as far as memory reaches: the first of these holds every series. Without
    /// `sees_containers` containers are left out of them; a [`Beat`] tells both. `None` when there are too many hosts.
    pub fn subscribe(
        &self,
        host: &str,
        since: Option<i64>,
        sees_containers: bool,
    ) -> Option<(Vec<Pulse>, broadcast::Receiver<Arc<Beat>>)> {
        let mut hosts = self.hosts();
        let heard = room(&mut hosts, host)?;
        let beats = heard.beats.subscribe();
        let replay = heard.replay(since, sees_containers);
        drop(hosts);
        Some((replay.pulses(), beats))
    }

    /// What was heard, in numbers.
    pub fn counted(&self) -> Tally {
        *self.tally()
    }

    /// What the engine last told of its containers, by id; for a collector that can't see their cgroups.
    pub fn set_engine(&self, told: Vec<(String, UsageSample)>) {
        *lock(&self.0.engine) = told;
    }

    /// Takes what the engine told since the last time.
    pub fn take_engine(&self) -> Vec<(String, UsageSample)> {
        std::mem::take(&mut *lock(&self.0.engine))
    }

    /// How long the checks of this console took to answer, in seconds, by the check's name; those that failed are left
    /// out. For the collector of this host, as series of the name `ytops.check.duration`.
    pub fn set_answers<'a>(&self, took: impl Iterator<Item = (&'a str, f64)>) {
        let series = |check: &str| Series {
            key: SeriesKey {
                name: "ytops.check.duration".to_owned(),
                attributes: BTreeMap::from([("ytops.check.name".to_owned(), check.to_owned())]),
            },
            unit: "s".to_owned(),
        };
        *lock(&self.0.answers) = Some(took.map(|(check, took)| (series(check), took)).collect());
    }

    /// Takes what the last round of checks told, once.
    pub fn take_answers(&self) -> Option<Vec<(Series, f64)>> {
        lock(&self.0.answers).take()
    }

    fn send(&self, message: Message) -> bool {
        self.0.to_writer.try_send(message).is_ok()
    }

    fn hosts(&self) -> MutexGuard<'_, BTreeMap<String, Heard>> {
        lock(&self.0.hosts)
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        lock(&self.0.tally)
    }
}

/// The host, if there is one of this name or room for it.
fn room<'a>(hosts: &'a mut BTreeMap<String, Heard>, host: &str) -> Option<&'a mut Heard> {
    if !hosts.contains_key(host) {
        let fits = hosts.len() < MOST_HOSTS
            && (1..=253).contains(&host.chars().count())
            && !host.contains('\0');
        if !fits {
            return None;
        }
    }
    Some(
        hosts
            .entry(host.to_owned())
            .or_insert_with(|| Heard::new(host)),
    )
}

/// What a thread that panicked left is whole: nothing is changed in steps.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
