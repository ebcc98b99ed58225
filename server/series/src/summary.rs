//! What a series did over a minute or an hour: least, mean and greatest, and of how many samples.

use std::collections::BTreeMap;

use crate::{ABSENT, Corrupt, Packed, Packer, Resolution};

/// What a series did over a span.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// When the span began, in milliseconds since 1970.
    pub at: i64,
    /// The least sample.
    pub min: f64,
    /// The mean of the samples.
    pub mean: f64,
    /// The greatest sample.
    pub max: f64,
    /// How many samples there were.
    pub count: u32,
}

impl Summary {
    /// A sample by itself.
    pub const fn of(at: i64, value: f64) -> Self {
        Self {
            at,
            min: value,
            mean: value,
            max: value,
            count: 1,
        }
    }

    /// Takes `other` in.
    pub fn join(&mut self, other: &Self) {
        let count = f64::from(self.count) + f64::from(other.count);
        self.mean += (other.mean - self.mean) * f64::from(other.count) / count;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.count = self.count.saturating_add(other.count);
    }
}

/// Summaries over spans of `width` milliseconds, counted from 1970, of samples given by their steps. A span without a
/// sample has none.
pub fn summarise(times: &[i64], steps: &[i32], resolution: Resolution, width: i64) -> Vec<Summary> {
    let samples = times.iter().zip(steps);
    let there = samples.filter(|(_, step)| **step != ABSENT);
    merge(
        there.map(|(at, step)| Summary::of(*at, resolution.value(*step))),
        width,
    )
}

/// Summaries over spans of `width` milliseconds, counted from 1970, of summaries over shorter ones, in order of time.
pub fn merge(finer: impl IntoIterator<Item = Summary>, width: i64) -> Vec<Summary> {
    let mut merged: Vec<Summary> = Vec::new();
    for one in finer {
        let at = one.at.div_euclid(width) * width;
        match merged.last_mut() {
            Some(last) if last.at == at => last.join(&one),
            _ => merged.push(Summary { at, ..one }),
        }
    }
    merged
}

// The columns of a series in a block of summaries are numbered from four times its own number on. The one of the counts
// tells how many are missing of the most that any series has over that span, which is kept once, as nobody's count.
const MEAN: u32 = 0;
const BELOW: u32 = 1;
const ABOVE: u32 = 2;
const MISSING: u32 = 3;
const FULL: u32 = MISSING;

/// Packs the summaries of series, given by their numbers from 1 on in rising order; `None` when there are none or they
/// don't fit a block.
pub fn pack(series: &[(u32, Resolution, Vec<Summary>)]) -> Option<Vec<u8>> {
    let mut full: BTreeMap<i64, u32> = BTreeMap::new();
    for one in series.iter().flat_map(|(_, _, summaries)| summaries) {
        let most = full.entry(one.at).or_default();
        *most = one.count.max(*most);
    }
    let times: Vec<i64> = full.keys().copied().collect();
    let full: Vec<i32> = full.into_values().map(u32::cast_signed).collect();
    let mut packer = Packer::new(&times)?;
    packer.add(FULL, &full);
    for (number, resolution, summaries) in series {
        let mut columns = [(); 4].map(|()| vec![ABSENT; times.len()]);
        for one in summaries {
            let index = times.binary_search(&one.at).ok()?;
            let mean = resolution.code(one.mean)?;
            columns[0][index] = mean;
            columns[1][index] = mean - resolution.code(one.min)?;
            columns[2][index] = resolution.code(one.max)? - mean;
            columns[3][index] = full[index] - one.count.cast_signed();
        }
        for (column, part) in columns.iter().zip([MEAN, BELOW, ABOVE, MISSING]) {
            packer.add(number.checked_mul(4)? + part, column);
        }
    }
    packer.finish()
}

/// The summaries of one series in a block that [`pack`] made; none when it is not in the block.
///
/// # Errors
/// The block can't be read.
pub fn unpack(
    block: &Packed<'_>,
    number: u32,
    resolution: Resolution,
) -> Result<Vec<Summary>, Corrupt> {
    let first = number
        .checked_mul(4)
        .ok_or(Corrupt("a number is too large"))?;
    let Some(mean) = block.column(first + MEAN)? else {
        return Ok(Vec::new());
    };
    let part = |number| {
        block
            .column(number)?
            .ok_or(Corrupt("a part of a summary is missing"))
    };
    let (below, above) = (part(first + BELOW)?, part(first + ABOVE)?);
    let (missing, full) = (part(first + MISSING)?, part(FULL)?);
    let summary = |index: usize, at: i64| {
        let count = full[index].wrapping_sub(missing[index]);
        Summary {
            at,
            min: resolution.value(mean[index].saturating_sub(below[index])),
            mean: resolution.value(mean[index]),
            max: resolution.value(mean[index].saturating_add(above[index])),
            count: count.max(1).cast_unsigned(),
        }
    };
    let times = block.times().iter().enumerate();
    Ok(times
        .filter(|(index, _)| mean[*index] != ABSENT)
        .map(|(index, at)| summary(index, *at))
        .collect())
}
