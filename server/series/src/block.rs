//! A block: the samples of several series over a span, each series readable alone.
//!
//! ```text
//! checksum  4 bytes, CRC-32 of all that follows
//! version   1 byte
//! times     how many, the first (milliseconds since 1970), what the others are counted in, a column
//! directory how many series; of each the number after the one before, and the length of its column
//! columns
//! ```
//! Numbers are of varying length.

use crate::{
    Corrupt,
    bytes::{put, put_signed, take, take_bytes, take_signed, take_up_to},
    column,
};

/// No sample: what a column holds where a series has a gap.
pub const ABSENT: i32 = i32::MIN;

/// The most times in one block.
pub const MOST_FRAMES: usize = 1 << 16;

/// The most series in one block.
const MOST_SERIES: usize = 1 << 16;

const VERSION: u8 = 1;

/// Milliseconds that times may be counted in, the longest first.
const UNITS: [i64; 4] = [3_600_000, 60_000, 1_000, 1];

/// Makes a block.
#[derive(Debug)]
pub struct Packer {
    head: Vec<u8>,
    frames: usize,
    directory: Vec<u8>,
    columns: Vec<u8>,
    series: u64,
    last: u32,
}

impl Packer {
    /// A block of samples at `times`, in milliseconds since 1970, which rise; `None` when there are none, more than
    /// [`MOST_FRAMES`], or when they are too far apart for one block (24 days, where they are no whole seconds).
    pub fn new(times: &[i64]) -> Option<Self> {
        let first = *times.first().filter(|_| times.len() <= MOST_FRAMES)?;
        let unit = *UNITS
            .iter()
            .find(|unit| times.iter().all(|at| (at - first) % **unit == 0))?;
        let offsets = times
            .iter()
            .map(|at| i32::try_from((at - first) / unit).ok())
            .collect::<Option<Vec<i32>>>()?;
        let column = column::pack(&offsets);
        let mut head = vec![VERSION];
        put(&mut head, times.len() as u64);
        put_signed(&mut head, first);
        put(&mut head, unit.cast_unsigned());
        put(&mut head, column.len() as u64);
        head.extend_from_slice(&column);
        Some(Self {
            head,
            frames: times.len(),
            directory: Vec::new(),
            columns: Vec::new(),
            series: 0,
            last: 0,
        })
    }

    /// Adds the series `number`, which is above all before it, with its samples' steps at the block's times,
    /// [`ABSENT`] in gaps. A series without any sample is left out.
    pub fn add(&mut self, number: u32, steps: &[i32]) {
        debug_assert_eq!(steps.len(), self.frames);
        debug_assert!(self.series == 0 || number > self.last);
        if steps.iter().all(|step| *step == ABSENT) {
            return;
        }
        let column = column::pack(steps);
        put(&mut self.directory, u64::from(number - self.last));
        put(&mut self.directory, column.len() as u64);
        self.columns.extend_from_slice(&column);
        self.series += 1;
        self.last = number;
    }

    /// The block; `None` when no series has a sample.
    pub fn finish(self) -> Option<Vec<u8>> {
        (self.series > 0).then_some(())?;
        let mut block = vec![0; 4];
        block.extend_from_slice(&self.head);
        put(&mut block, self.series);
        block.extend_from_slice(&self.directory);
        block.extend_from_slice(&self.columns);
        let checksum = crc32fast::hash(&block[4..]);
        block[..4].copy_from_slice(&checksum.to_le_bytes());
        Some(block)
    }
}

/// A block as it is stored; columns are unpacked when asked for.
#[derive(Debug)]
pub struct Packed<'a> {
    times: Vec<i64>,
    directory: Vec<(u32, &'a [u8])>,
}

impl<'a> Packed<'a> {
    /// Opens a block.
    ///
    /// # Errors
    /// It is not a block, or not as it was written.
    pub fn open(block: &'a [u8]) -> Result<Self, Corrupt> {
        let (checksum, content) = block
            .split_first_chunk::<4>()
            .ok_or(Corrupt("it ends early"))?;
        if crc32fast::hash(content) != u32::from_le_bytes(*checksum) {
            return Err(Corrupt("its checksum does not match"));
        }
        Self::read(content)
    }

    /// Opens what follows the checksum.
    pub(crate) fn read(mut bytes: &'a [u8]) -> Result<Self, Corrupt> {
        let bytes = &mut bytes;
        if take_bytes(bytes, 1)? != [VERSION] {
            return Err(Corrupt("its version is unknown"));
        }
        let times = read_times(bytes)?;
        let series = take_up_to(bytes, MOST_SERIES)?;
        // Each takes two bytes at least: what is allocated is in proportion to what is there.
        let mut lengths = Vec::with_capacity(series.min(bytes.len() / 2));
        let mut number = 0_u32;
        for _ in 0..series {
            number = u32::try_from(take(bytes)?)
                .ok()
                .and_then(|more| number.checked_add(more))
                .ok_or(Corrupt("a number is too large"))?;
            lengths.push((number, take_up_to(bytes, usize::MAX)?));
        }
        let directory = lengths
            .into_iter()
            .map(|(number, length)| Ok((number, take_bytes(bytes, length)?)))
            .collect::<Result<_, _>>()?;
        Ok(Self { times, directory })
    }

    /// When its samples were taken, in milliseconds since 1970.
    pub fn times(&self) -> &[i64] {
        &self.times
    }

    /// The numbers of its series, rising.
    pub fn series(&self) -> impl Iterator<Item = u32> {
        self.directory.iter().map(|(number, _)| *number)
    }

    /// The steps of one series at each of [`Packed::times`], [`ABSENT`] in gaps; `None` when it is not in the block.
    ///
    /// # Errors
    /// The column can't be read.
    pub fn column(&self, number: u32) -> Result<Option<Vec<i32>>, Corrupt> {
        let found = self.directory.binary_search_by_key(&number, |(at, _)| *at);
        found
            .ok()
            .map(|index| column::unpack(self.directory[index].1, self.times.len()))
            .transpose()
    }
}

fn read_times(bytes: &mut &[u8]) -> Result<Vec<i64>, Corrupt> {
    let count = take_up_to(bytes, MOST_FRAMES)?;
    let first = take_signed(bytes)?;
    let unit = take_up_to(bytes, 3_600_000)?;
    let length = take_up_to(bytes, usize::MAX)?;
    let offsets = column::unpack(take_bytes(bytes, length)?, count)?;
    let unit = i64::try_from(unit).map_err(|_error| Corrupt("a number is too large"))?;
    offsets
        .into_iter()
        .map(|offset| {
            first
                .checked_add(i64::from(offset) * unit)
                .ok_or(Corrupt("a time is too large"))
        })
        .collect()
}
