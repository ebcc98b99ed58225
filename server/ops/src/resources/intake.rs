//! The newest samples of one host, in memory until they are in blocks.

use std::collections::BTreeMap;

use series::{ABSENT, Packer, Resolution};
use store::samples::{Block, Tier, bundle};
use types::resources::{Frame, Series};

use super::{PART_MS, floor};

/// The most frames that are held of a host: a quarter of an hour at one a second, which a database that is away for ten
/// minutes does not fill. Four bytes a sample: 5.4 MB of a host with 1,500 series, a fifth of that while all is well.
pub const MOST_FRAMES: usize = 900;

/// When there are so many, as many are dropped at once: one at a time would move all others each second.
const DROPPED_AT_ONCE: usize = 30;

/// Times are kept to so many milliseconds: what a tick is late is noise, and each block would carry it.
pub const TIMES_MS: i64 = 10;

/// The most series of a host.
pub const MOST_SERIES: usize = 20_000;

/// The most bytes of what a series is: an entry of the index `resource_series_identity` has at most 2,704.
const MOST_BYTES: usize = 2_000;

/// The samples of one series.
#[derive(Debug)]
pub struct Column {
    /// What it measures.
    pub series: Series,
    /// Its number in the database, once that is known.
    pub id: Option<i32>,
    resolution: Resolution,
    /// One a time, from the first on; shorter when the last ones are missing.
    steps: Vec<i32>,
}

/// The newest samples of one host.
#[derive(Debug, Default)]
pub struct Intake {
    /// By the collector's number.
    pub columns: BTreeMap<u32, Column>,
    /// Series that went, until their samples are in blocks.
    pub ended: Vec<Column>,
    /// When the frames were taken, rising.
    times: Vec<i64>,
    /// How many of the frames are in the database as what is open.
    written: usize,
    /// The newest time ever taken.
    last: i64,
}

impl Intake {
    /// Takes a new series under the collector's number; false when the database would refuse it or there are too many.
    pub fn name(&mut self, number: u32, series: Series) -> bool {
        self.end(number);
        let fits = is_storable(&series) && self.columns.len() < MOST_SERIES;
        if fits {
            let column = Column {
                resolution: Resolution::of(&series.unit),
                series,
                id: None,
                steps: Vec::new(),
            };
            self.columns.insert(number, column);
        }
        fits
    }

    /// The series under this number went.
    pub fn end(&mut self, number: u32) {
        self.ended.extend(self.columns.remove(&number));
    }

    /// Takes a frame; `None`, and nothing is taken, when it is not newer than the newest. Returns how many frames were
    /// dropped to make room, and how many samples belong to no series.
    pub fn take(&mut self, frame: &Frame) -> Option<(usize, usize)> {
        let at = floor(frame.at, TIMES_MS);
        if at <= self.last {
            return None;
        }
        let dropped = self.make_room();
        self.last = at;
        let before = self.times.len();
        self.times.push(at);
        let mut unnamed = 0;
        for (number, value) in &frame.samples {
            let Some(column) = self.columns.get_mut(number) else {
                unnamed += 1;
                continue;
            };
            let step = column.resolution.code(*value);
            if let Some(step) = step.filter(|_| column.steps.len() <= before) {
                column.steps.resize(before, ABSENT);
                column.steps.push(step);
            }
        }
        Some((dropped, unnamed))
    }

    /// How many frames had to be dropped: the oldest that are nowhere else.
    fn make_room(&mut self) -> usize {
        if self.times.len() < MOST_FRAMES {
            return 0;
        }
        let range = self.written..(self.written + DROPPED_AT_ONCE).min(self.times.len());
        let dropped = range.len();
        self.times.drain(range.clone());
        for column in self.columns.values_mut().chain(&mut self.ended) {
            let length = column.steps.len();
            let range = range.start.min(length)..range.end.min(length);
            column.steps.drain(range);
        }
        dropped
    }

    /// Forgets the first `count` frames.
    fn drain(&mut self, count: usize) {
        self.times.drain(..count);
        for column in self.columns.values_mut().chain(&mut self.ended) {
            column.steps.drain(..count.min(column.steps.len()));
            // What a long absence of the database needed is given back.
            column.steps.shrink_to(2 * self.times.len().max(128));
        }
        self.ended
            .retain(|column| column.id.is_none() || !column.steps.is_empty());
    }

    /// Forgets what was written: what the database holds is as it says, not as was meant.
    pub fn forget_written(&mut self) {
        self.drain(self.written);
        self.written = 0;
    }

    /// Forgets what is not newer than `until`, and returns how many frames that were.
    pub fn forget_until(&mut self, until: i64) -> usize {
        let count = self.times.partition_point(|at| *at <= until);
        self.drain(count);
        self.written = self.written.saturating_sub(count);
        self.last = self.last.max(until);
        count
    }

    /// The newest time that is not written yet; `None` when all is.
    pub fn unwritten_until(&self) -> Option<i64> {
        self.times.get(self.written..)?.last().copied()
    }

    /// How many frames, from the oldest on, belong into blocks: those of a part that has ended.
    pub fn closed(&self) -> usize {
        let open_from = self.times.last().map_or(0, |at| floor(*at, PART_MS));
        self.times.partition_point(|at| *at < open_from)
    }

    /// The first `count` frames as blocks by bundle.
    pub fn blocks(&self, count: usize) -> Vec<(i32, Block)> {
        let mut blocks = Vec::new();
        let mut start = 0;
        // Samples of one hour make one block; there is more than one hour when the database was away.
        for hour in self.times[..count].chunk_by(|a, b| floor(*a, SPAN_MS) == floor(*b, SPAN_MS)) {
            let range = start..start + hour.len();
            start = range.end;
            let columns = self.by_id(range.clone());
            let columns: Vec<_> = columns.into_iter().collect();
            for columns in columns.chunk_by(|a, b| bundle(a.0) == bundle(b.0)) {
                let block = pack(&self.times[range.clone()], columns);
                blocks.extend(block.map(|block| (bundle(columns[0].0), block)));
            }
        }
        blocks
    }

    /// The frames from `from` on as one block of all series.
    pub fn open(&self, from: usize) -> Option<Block> {
        let from = from.min(self.times.len());
        let columns: Vec<_> = self.by_id(from..self.times.len()).into_iter().collect();
        pack(&self.times[from..], &columns)
    }

    /// How many frames are written.
    pub const fn written(&self) -> usize {
        self.written
    }

    /// The first `closed` frames are in blocks, all others are open.
    pub fn wrote(&mut self, closed: usize) {
        self.drain(closed);
        self.written = self.times.len();
    }

    /// The samples of a range of frames by the series' number. A container that went and came back has two columns of
    /// one series.
    fn by_id(&self, range: std::ops::Range<usize>) -> BTreeMap<i32, Vec<i32>> {
        let mut columns: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
        for column in self.columns.values().chain(&self.ended) {
            let Some(id) = column.id else { continue };
            let there = column.steps.get(range.start..).unwrap_or_default();
            let there = &there[..there.len().min(range.len())];
            let merged = columns
                .entry(id)
                .or_insert_with(|| vec![ABSENT; range.len()]);
            for (place, step) in merged.iter_mut().zip(there) {
                if *place == ABSENT {
                    *place = *step;
                }
            }
        }
        columns
    }
}

const SPAN_MS: i64 = Tier::Second.span();

fn pack(times: &[i64], columns: &[(i32, Vec<i32>)]) -> Option<Block> {
    let mut packer = Packer::new(times)?;
    for (id, steps) in columns {
        packer.add(id.cast_unsigned(), steps);
    }
    Some(Block {
        from: *times.first()?,
        until: *times.last()?,
        block: packer.finish()?,
    })
}

/// What the schema takes; what it would refuse is kept from a transaction that holds the samples of all others.
pub fn is_storable(series: &Series) -> bool {
    let texts = [&series.key.name, &series.unit].into_iter();
    let parts = series.key.attributes.iter().flat_map(|(k, v)| [k, v]);
    let has_nul = texts.chain(parts).any(|text| text.contains('\0'));
    let attributes = serde_json::to_string(&series.key.attributes);
    // The database writes a blank after each comma and colon.
    let blanks = 2 * series.key.attributes.len();
    let (length, bytes) = attributes.map_or((usize::MAX, usize::MAX), |text| {
        (text.chars().count() + blanks, text.len() + blanks)
    });
    let bytes = bytes.saturating_add(series.key.name.len() + series.unit.len());
    !has_nul
        && bytes <= MOST_BYTES
        && (1..=200).contains(&series.key.name.chars().count())
        && series.unit.chars().count() <= 50
        && length <= 1000
}
