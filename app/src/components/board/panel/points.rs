//! The points of a line as it grows.

use types::charts::{Charts, Columns};

use crate::charts::last_time;

/// What a line's last point is made of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tail {
    /// Its time.
    pub at: i64,
    sum: f64,
    count: u32,
}

/// A tick that is late by less than this is no gap, in milliseconds.
pub const LATE: i64 = 2_500;

/// What each line's last point is made of, in order of charts and lines.
pub fn tails(charts: &Charts) -> Vec<Tail> {
    let lines = charts.charts.iter().flat_map(|chart| &chart.lines);
    lines
        .map(|line| {
            let at = last_time(&line.points).unwrap_or_default();
            let mean = line.points.mean.last().copied().unwrap_or_default();
            // One sample a second, up to the newest.
            let seconds = (charts.newest.unwrap_or(at) - at) / 1_000 + 1;
            let count = u32::try_from(seconds).unwrap_or(1).max(1);
            Tail {
                at,
                sum: mean * f64::from(count),
                count,
            }
        })
        .collect()
}

/// Points are the samples themselves.
const fn is_samples(points: &Columns) -> bool {
    points.least.is_empty() && points.step <= LATE
}

/// Adds a sample: as a point of its own where points are samples, otherwise to the span that it falls into.
pub fn push(points: &mut Columns, tail: &mut Tail, at: i64, value: f64) {
    let is_samples = is_samples(points);
    let time = if is_samples {
        at
    } else {
        at.div_euclid(points.step.max(1)) * points.step.max(1)
    };
    if time <= tail.at {
        tail.sum += value;
        tail.count += 1;
        if let Some(last) = points.mean.last_mut() {
            *last = tail.sum / f64::from(tail.count);
        }
        if let Some(last) = points.least.last_mut() {
            *last = last.min(value);
        }
        if let Some(last) = points.greatest.last_mut() {
            *last = last.max(value);
        }
        return;
    }
    points.times.push(if points.times.is_empty() {
        time
    } else {
        time - tail.at
    });
    points.mean.push(value);
    if is_samples {
        points.step = points.step.max(1_000);
    } else {
        points.least.push(value);
        points.greatest.push(value);
    }
    *tail = Tail {
        at: time,
        sum: value,
        count: 1,
    };
}

/// Adds what was heard later than the last point, where it has the same step. Whether no gap is to be seen then.
pub fn follow(points: &mut Columns, tail: &mut Tail, heard: &Columns) -> bool {
    if heard.step != points.step && !(is_samples(heard) && is_samples(points)) {
        return points.step > LATE;
    }
    let mut at = 0;
    for (time, value) in heard.times.iter().zip(&heard.mean) {
        at += time;
        if at > tail.at {
            push(points, tail, at, *value);
        }
    }
    true
}

/// Drops the points before `from`.
pub fn forget(points: &mut Columns, from: i64) {
    let mut at = 0;
    let mut first = 0;
    let is_old = |time: &&i64| {
        at += **time;
        let is_old = at < from;
        if !is_old {
            first = at;
        }
        is_old
    };
    let old = points.times.iter().take_while(is_old).count();
    if old == 0 {
        return;
    }
    points.times.drain(..old);
    if let Some(time) = points.times.first_mut() {
        *time = first;
    }
    for values in [&mut points.mean, &mut points.least, &mut points.greatest] {
        values.drain(..old.min(values.len()));
    }
}
