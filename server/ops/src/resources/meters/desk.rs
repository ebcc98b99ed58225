//! What writes down what was heard: one task owns the writer, so that a flush of seconds holds up no collector.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use tokio::sync::mpsc;
use types::resources::{Frame, Series, SeriesKey};

use super::{Meters, lock};
use crate::{
    Ops, Outcome,
    resources::{Writer, millis},
};

/// How often what was taken is written, from beginning to beginning: with the second between two frames and what a flush
/// takes, a console that is killed loses ten seconds at the most.
const EVERY: Duration = Duration::from_secs(8);

/// After this a flush is given up: a database that does not answer, over a connection that nobody has closed.
const LONGEST: Duration = Duration::from_secs(30);

/// How soon after series began: charts of a new container need its numbers.
const SOON: Duration = Duration::from_secs(1);

/// How many messages are read at once.
const BATCH: usize = 64;

/// What the writer is told.
#[derive(Debug)]
pub enum Message {
    /// These are all series of the host, and its frames that are in memory.
    Anew(String, Vec<(u32, Series)>, Vec<Frame>),
    /// These began.
    Begin(String, Vec<(u32, Series)>),
    /// These ended.
    End(String, Vec<u32>),
    /// A frame.
    Take(String, Frame),
    /// Another console writes the host's samples.
    Leave(String),
}

/// Ids by what a series measures, and by unit.
pub type Ids = HashMap<SeriesKey, Vec<(String, i32)>>;

/// The writer and what waits for it.
pub struct Desk {
    waiting: mpsc::Receiver<Message>,
    writer: Writer,
    /// The database failed the last time; it may be another one when it is back.
    is_away: bool,
    /// The schema is there: what is heard before is held.
    is_migrated: bool,
    /// How many samples were refused until the last flush, and whether some were before it.
    refused: u64,
    is_refusing: bool,
}

impl Desk {
    pub(super) fn new(waiting: mpsc::Receiver<Message>) -> Self {
        Self {
            waiting,
            writer: Writer::default(),
            is_away: false,
            is_migrated: false,
            refused: 0,
            is_refusing: false,
        }
    }

    /// True when series began.
    fn hear(&mut self, message: Message, now: i64) -> bool {
        match message {
            Message::Anew(host, series, frames) => {
                self.writer.name_all(&host, series);
                // Whoever stored the host until now may have ended without these.
                self.writer.replay(&host, &frames);
                return true;
            }
            Message::Begin(host, series) => {
                for (number, series) in series {
                    self.writer.name(&host, number, series);
                }
                return true;
            }
            Message::End(host, numbers) => {
                for number in numbers {
                    self.writer.end(&host, number);
                }
            }
            Message::Take(host, frame) => self.writer.take(&host, &frame, now),
            Message::Leave(host) => self.writer.leave(&host),
        }
        false
    }

    /// Writes what was taken, and finds out the numbers of new series.
    async fn flush(&mut self, ops: &Ops) {
        let now = millis(ops.clock.now());
        while let Ok(message) = self.waiting.try_recv() {
            self.hear(message, now);
        }
        let began = Instant::now();
        let flushed = tokio::time::timeout(LONGEST, self.store(ops)).await;
        ops.meters.flushed(self.writer.counts(), began.elapsed());
        self.tell_refused();
        let failed = match flushed {
            Ok(Ok(())) => {
                self.is_away = false;
                return;
            }
            Ok(Err(fault)) => fault.to_string(),
            Err(elapsed) => {
                self.writer.forget_places();
                elapsed.to_string()
            }
        };
        // Once an outage: this is tried every eight seconds.
        if !std::mem::replace(&mut self.is_away, true) {
            tracing::warn!(error = %failed, "Samples were not stored; they are held until they can be.");
        }
    }

    /// Tells once that samples are refused.
    fn tell_refused(&mut self) {
        let refused = self.writer.counts().refused;
        let is_refusing = refused > std::mem::replace(&mut self.refused, refused);
        if !std::mem::replace(&mut self.is_refusing, is_refusing) && is_refusing {
            tracing::warn!(
                "Samples are refused that are not newer than what is stored of their host. A clock may have been set back."
            );
        }
    }

    async fn store(&mut self, ops: &Ops) -> Outcome<()> {
        if !self.is_migrated {
            self.is_migrated = store::is_migrated(&ops.db).await?;
            if !self.is_migrated {
                return Ok(());
            }
        }
        // Before the samples: an agent sends again what is newer than those.
        ops.meters.store_errors(ops).await?;
        self.writer.flush(ops).await?;
        ops.meters.find_ids(ops, self.is_away).await
    }
}

/// Writes what is heard of hosts, for ever. May be stopped at any point; [`finish`] writes the rest.
pub async fn write_loop(ops: &Ops) {
    let mut desk = ops.meters.0.desk.lock().await;
    let mut due = tokio::time::Instant::now() + EVERY;
    let mut messages = Vec::with_capacity(BATCH);
    loop {
        let desk = &mut *desk;
        tokio::select! {
            count = desk.waiting.recv_many(&mut messages, BATCH) => {
                if count == 0 {
                    return;
                }
                let now = millis(ops.clock.now());
                let mut began = false;
                for message in messages.drain(..) {
                    began |= desk.hear(message, now);
                }
                if began {
                    due = due.min(tokio::time::Instant::now() + SOON);
                }
            }
            () = tokio::time::sleep_until(due) => {
                due = tokio::time::Instant::now() + EVERY;
                desk.flush(ops).await;
            }
        }
    }
}

/// Writes what is not written yet; to be called when [`write_loop`] was stopped and the console ends.
pub async fn finish(ops: &Ops) {
    ops.meters.0.desk.lock().await.flush(ops).await;
}

impl Meters {
    /// Asks the database for the numbers of series that have none yet, and with `all` of every series.
    async fn find_ids(&self, ops: &Ops, all: bool) -> Outcome<()> {
        let names: Vec<String> = {
            let hosts = self.hosts();
            let lacking = hosts.iter().filter(|(_, heard)| all || heard.lacks_ids());
            lacking.map(|(name, _)| name.clone()).collect()
        };
        for name in names {
            let stored = store::samples::series::live(&ops.db, &name).await?;
            let mut ids = Ids::new();
            for one in stored {
                let of_key = ids.entry(one.series.key).or_default();
                of_key.push((one.series.unit, one.id));
            }
            if let Some(heard) = self.hosts().get_mut(&name) {
                heard.set_ids(&ids);
            }
        }
        Ok(())
    }

    fn flushed(&self, counts: crate::resources::Counts, took: Duration) {
        let mut tally = lock(&self.0.tally);
        tally.counts = counts;
        tally.flushes += 1;
        tally.flush_seconds += took.as_secs_f64();
    }
}
