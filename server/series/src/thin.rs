//! As many points as a chart can show.

use crate::{Summary, merge};

/// A point of a chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// When its span began, in milliseconds since 1970; of a sample by itself, when it was taken.
    pub at: i64,
    /// The least of its samples.
    pub min: f64,
    /// The mean of its samples.
    pub avg: f64,
    /// The greatest of its samples.
    pub max: f64,
}

/// The points of a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thinned {
    /// From one point to the next, in milliseconds, where nothing is missing; 0 when there are less than two points.
    pub step: i64,
    /// The points, in order. What is further apart than a step and a half has a gap between.
    pub points: Vec<Point>,
}

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// Steps that divide an hour or a day as people do.
const STEPS: [i64; 24] = [
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    20 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    3 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    20 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    4 * HOUR,
    6 * HOUR,
    8 * HOUR,
    12 * HOUR,
    18 * HOUR,
    24 * HOUR,
];

/// The shortest step, in milliseconds, with which no more than `points` (at least 2) spans touch a range of `length`
/// milliseconds; of a day and more, whole days.
pub fn step(length: i64, points: usize) -> i64 {
    // A range touches one span more than fit into it.
    let points = i64::try_from(points.max(2)).unwrap_or(i64::MAX) - 1;
    let least = length.max(0) / points + 1;
    let day = 24 * HOUR;
    STEPS
        .into_iter()
        .find(|step| *step >= least)
        .unwrap_or_else(|| (least / day + 1).saturating_mul(day))
}

/// At most `points` points of what `found`, in order, that tell of a range of `length` milliseconds. Where there are
/// no more than that, all of them, as they are.
pub fn thin(found: Vec<Summary>, length: i64, points: usize) -> Thinned {
    let (spans, step) = if found.len() <= points {
        let step = spacing(&found);
        (found, step)
    } else {
        // Samples are not taken at exact seconds: spans of one second would now hold two and now none.
        let step = step(length, points).max(2 * SECOND);
        (merge(found, step), step)
    };
    let points = spans
        .into_iter()
        .map(|span| Point {
            at: span.at,
            min: span.min,
            avg: span.mean,
            max: span.max,
        })
        .collect();
    Thinned { step, points }
}

/// What most are apart.
fn spacing(found: &[Summary]) -> i64 {
    let mut apart: Vec<i64> = found
        .windows(2)
        .map(|pair| pair[1].at - pair[0].at)
        .collect();
    if apart.is_empty() {
        return 0;
    }
    let middle = apart.len() / 2;
    *apart.select_nth_unstable(middle).1
}
