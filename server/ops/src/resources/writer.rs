//! Takes samples and brings them to the database.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use store::samples::{
    blocks,
    hosts::{self, Host},
    open, series,
};
use types::resources::{Frame, Series};

use super::{Counts, intake::Intake, pack, settle};
use crate::{Fault, Ops, Outcome};

/// How far a frame's clock may be ahead of the console's, in milliseconds. One sample from next year would have all of
/// this year's refused.
pub(super) const MOST_AHEAD_MS: i64 = 300_000;

/// The most hosts.
const MOST_HOSTS: usize = 1_000;

/// After this no further host's hour is settled before the next flush.
const SETTLES_FOR: Duration = Duration::from_secs(1);

/// Takes samples and brings them to the database. One of several consoles writes; where two do all the same, the second
/// one finds that the first was there, and goes on after it.
#[derive(Debug, Default)]
pub struct Writer {
    hosts: BTreeMap<String, Feed>,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Feed {
    intake: Intake,
    /// How many of its frames are maybe in the database already.
    replayed: usize,
    /// The host as the database has it; `None` until it was asked, and after anything went wrong.
    host: Option<Host>,
}

impl Writer {
    /// A collector's number stands for a series from now on.
    pub fn name(&mut self, host: &str, number: u32, series: Series) {
        if !self.knows(host) {
            return;
        }
        let feed = self.hosts.entry(host.to_owned()).or_default();
        if !feed.intake.name(number, series) {
            tracing::warn!(
                host,
                number,
                "A series is not stored: there are too many, or its name is too long."
            );
        }
    }

    /// A collector's numbers stand for these series and for no others.
    pub fn name_all(&mut self, host: &str, all: Vec<(u32, Series)>) {
        let feed = self.hosts.get(host);
        let known = feed.map(|feed| &feed.intake.columns).into_iter().flatten();
        let known: BTreeMap<u32, Series> = known
            .map(|(number, column)| (*number, column.series.clone()))
            .collect();
        let stay: BTreeSet<u32> = all.iter().map(|(number, _)| *number).collect();
        for number in known.keys().filter(|number| !stay.contains(number)) {
            self.end(host, *number);
        }
        for (number, series) in all {
            if known.get(&number) != Some(&series) {
                self.name(host, number, series);
            }
        }
    }

    /// Another console writes this host's samples from now on: what is not written yet is dropped.
    pub fn leave(&mut self, host: &str) {
        self.hosts.remove(host);
    }

    /// The device or container of a series went.
    pub fn end(&mut self, host: &str, number: u32) {
        if let Some(feed) = self.hosts.get_mut(host) {
            feed.intake.end(number);
        }
    }

    /// Takes a frame of a host; `now` is in milliseconds since 1970. Nothing is written before [`Writer::flush`].
    pub fn take(&mut self, host: &str, frame: &Frame, now: i64) {
        let samples = frame.samples.len() as u64;
        let Some(feed) = self.hosts.get_mut(host) else {
            self.counts.unnamed += samples;
            return;
        };
        let is_ahead = frame.at > now.saturating_add(MOST_AHEAD_MS);
        match Some(frame)
            .filter(|_| !is_ahead)
            .and_then(|frame| feed.intake.take(frame))
        {
            None => self.counts.refused += samples,
            Some((dropped, unnamed)) => {
                self.counts.taken += samples - unnamed as u64;
                self.counts.unnamed += unnamed as u64;
                self.counts.dropped_frames += dropped as u64;
            }
        }
    }

    /// Takes frames of a host that may be in the database already. Those that are not newer are left out, and counted no
    /// more than others of them.
    pub fn replay(&mut self, host: &str, frames: &[Frame]) {
        if let Some(feed) = self.hosts.get_mut(host) {
            let taken = frames.iter().filter_map(|frame| feed.intake.take(frame));
            let count = taken.count();
            feed.replayed += count;
        }
    }

    /// What became of samples.
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// Writes what is not written yet. What is lost when the console ends is what was taken since the last call.
    ///
    /// # Errors
    /// The database failed; what could not be written is tried again the next time.
    pub async fn flush(&mut self, ops: &Ops) -> Outcome<()> {
        let mut failed = None;
        for (name, feed) in &mut self.hosts {
            let mut stored = feed.store(ops, name, &mut self.counts).await;
            if matches!(stored, Ok(Stored::Overtaken)) {
                tracing::warn!(
                    host = name,
                    "Another console wrote samples of this host; this one goes on after them."
                );
                stored = feed.store(ops, name, &mut self.counts).await;
            }
            feed.note(stored.map(|_| ()), &mut failed)?;
        }
        // No host's samples wait for the full hour of another one, nor those that come meanwhile for the hour of all.
        let began = Instant::now();
        for feed in self.hosts.values_mut() {
            let settled = feed.settle(ops).await;
            feed.note(settled, &mut failed)?;
            if began.elapsed() > SETTLES_FOR {
                break;
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// A flush was given up midway: nothing is known any more of what the database has; it is asked again.
    pub fn forget_places(&mut self) {
        self.hosts.values_mut().for_each(Feed::forget_place);
    }

    /// True when there is such a host or room for one.
    fn knows(&self, host: &str) -> bool {
        self.hosts.contains_key(host)
            || self.hosts.len() < MOST_HOSTS
                && (1..=253).contains(&host.chars().count())
                && !host.contains('\0')
    }
}

/// How storing a host's samples ended.
enum Stored {
    Done,
    /// The database has samples that this console did not write.
    Overtaken,
}

impl Feed {
    /// Nothing is known any more of what the database has; it is asked again.
    fn forget_place(&mut self) {
        self.intake.forget_written();
        let Intake { columns, ended, .. } = &mut self.intake;
        for column in columns.values_mut().chain(ended) {
            // It may be another database by now, restored from a backup that knows less.
            column.id = None;
        }
        self.host = None;
    }

    /// After a fault the database is asked anew; one that is away ends the flush.
    fn note(&mut self, done: Outcome<()>, failed: &mut Option<Fault>) -> Outcome<()> {
        let Err(fault) = done else { return Ok(()) };
        self.forget_place();
        if matches!(&fault, Fault::Store(error) if error.is_unavailable()) {
            return Err(fault);
        }
        failed.get_or_insert(fault);
        Ok(())
    }

    async fn store(&mut self, ops: &Ops, name: &str, counts: &mut Counts) -> Outcome<Stored> {
        let is_new = self.host.is_none();
        let mut host = match self.host.take() {
            Some(host) => host,
            None => self.attach(ops, name, counts).await?,
        };
        self.register(ops, &host, is_new).await?;
        if let Some(until) = self.intake.unwritten_until() {
            if !self.write(ops, &host, until).await? {
                self.forget_place();
                return Ok(Stored::Overtaken);
            }
            host.stored_until = until;
        }
        self.host = Some(host);
        Ok(Stored::Done)
    }

    /// Joins and sums up the hours that have ended.
    async fn settle(&mut self, ops: &Ops) -> Outcome<()> {
        if let Some(host) = self.host.take_if(|host| settle::is_due(host)) {
            self.host = Some(settle::settle(ops, host.id).await?);
        }
        Ok(())
    }

    /// Finds out how far the database is, and makes blocks of what an earlier writer left open.
    async fn attach(&mut self, ops: &Ops, name: &str, counts: &mut Counts) -> Outcome<Host> {
        let mut tx = ops.begin().await?;
        let id = hosts::ensure(&mut tx, name).await?;
        let host = hosts::lock(&mut tx, id).await?;
        pack::adopt(&mut tx, &host).await?;
        Ops::commit(tx).await?;
        let late = self.intake.forget_until(host.stored_until);
        let late = late.saturating_sub(std::mem::take(&mut self.replayed));
        counts.refused += late as u64 * self.intake.columns.len() as u64;
        Ok(host)
    }

    /// Gives new series their numbers, and tells of those that went.
    async fn register(&mut self, ops: &Ops, host: &Host, is_new: bool) -> Outcome<()> {
        let Intake { columns, ended, .. } = &self.intake;
        let new: Vec<Series> = (columns.values().chain(ended))
            .filter(|column| column.id.is_none())
            .map(|column| column.series.clone())
            .collect();
        if new.is_empty() && ended.is_empty() && !is_new {
            return Ok(());
        }
        let mut tx = ops.begin().await?;
        let ids = series::register(&mut tx, host.id, &new).await?;
        if ids.len() != new.len() {
            return Err(Fault::Inside("a series was not registered".to_owned()));
        }
        let mut given = ids.into_iter();
        let mut number = |known: Option<i32>| known.or_else(|| given.next());
        let live: Vec<Option<i32>> = columns.values().map(|one| number(one.id)).collect();
        let gone: Vec<Option<i32>> = ended.iter().map(|one| number(one.id)).collect();
        let present: Vec<i32> = live.iter().flatten().copied().collect();
        if is_new {
            series::end_others(&mut tx, host.id, &present).await?;
        }
        let went: Vec<i32> = (gone.iter().flatten().copied())
            .filter(|id| !present.contains(id))
            .collect();
        let at = self.intake.unwritten_until().unwrap_or(host.stored_until);
        series::end(&mut tx, &went, at).await?;
        Ops::commit(tx).await?;
        let columns = self.intake.columns.values_mut().zip(live);
        for (column, id) in columns.chain(self.intake.ended.iter_mut().zip(gone)) {
            column.id = id;
        }
        Ok(())
    }

    /// Writes the frames up to `until` in one transaction; false, and nothing is written, when the database is not where
    /// this writer left it.
    async fn write(&mut self, ops: &Ops, host: &Host, until: i64) -> Outcome<bool> {
        let intake = &self.intake;
        let closed = intake.closed();
        let mut tx = ops.begin().await?;
        if !hosts::advance(&mut tx, host.id, host.stored_until, until).await? {
            return Ok(false);
        }
        let mut open_from = intake.written();
        if closed > 0 {
            for (bundle, block) in intake.blocks(closed) {
                let second = store::samples::Tier::Second;
                blocks::insert(&mut tx, second, host.id, bundle, &block).await?;
            }
            open::clear(&mut tx, host.id).await?;
            open_from = closed;
        }
        if let Some(block) = intake.open(open_from) {
            open::insert(&mut tx, host.id, &block).await?;
        }
        Ops::commit(tx).await?;
        self.intake.wrote(closed);
        Ok(true)
    }
}
