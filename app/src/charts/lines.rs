//! A series' points over a range, in runs without a gap.

use types::charts::Columns;

/// A point: milliseconds since 1970, mean, least, greatest.
pub type Point = (i64, f64, f64, f64);

/// All points, with their times added up; what a column lacks ends it.
pub fn points(columns: &Columns) -> impl Iterator<Item = Point> + '_ {
    let mut at = 0_i64;
    let bounds = |of: &[f64], place: usize, mean: f64| of.get(place).copied().unwrap_or(mean);
    (columns.times.iter().zip(&columns.mean).enumerate()).map(move |(place, (time, mean))| {
        at = at.saturating_add(*time);
        let least = bounds(&columns.least, place, *mean);
        let greatest = bounds(&columns.greatest, place, *mean);
        (at, *mean, least, greatest)
    })
}

/// When the last point is.
pub fn last_time(columns: &Columns) -> Option<i64> {
    let add = |sum: i64, time: &i64| sum.saturating_add(*time);
    (!columns.times.is_empty()).then(|| columns.times.iter().fold(0, add))
}

/// The times of all points of some series, each once, in order. Those of each are in order already.
pub fn times<'a>(series: impl IntoIterator<Item = &'a Columns>) -> Vec<i64> {
    series.into_iter().fold(Vec::new(), |known, columns| {
        let mut all = Vec::with_capacity(known.len().max(columns.times.len()));
        let mut known = known.into_iter().peekable();
        for (at, ..) in points(columns) {
            while let Some(before) = known.next_if(|before| *before < at) {
                all.push(before);
            }
            known.next_if_eq(&at);
            all.push(at);
        }
        all.extend(known);
        all
    })
}

/// Whether something is missing between two points.
pub const fn is_gap(before: i64, after: i64, step: i64) -> bool {
    // A step and a half; with a step of nothing there is nothing to tell by.
    step > 0 && (after - before) * 2 > step * 3
}

/// The points from `from` to `to`, each run of them without a gap apart.
pub fn runs(columns: &Columns, from: i64, to: i64) -> Vec<Vec<Point>> {
    let mut runs: Vec<Vec<Point>> = Vec::new();
    let within =
        points(columns).filter(|point| (from..=to).contains(&point.0) && point.1.is_finite());
    for point in within {
        match runs.last_mut() {
            Some(run)
                if run
                    .last()
                    .is_none_or(|last| !is_gap(last.0, point.0, columns.step)) =>
            {
                run.push(point);
            }
            _ => runs.push(vec![point]),
        }
    }
    runs
}

/// The mean at a time: of the point that is nearest, where that is no further than a step and a half.
pub fn value_at(columns: &Columns, at: i64) -> Option<f64> {
    let mut nearest: Option<(u64, f64)> = None;
    for (time, mean, _, _) in points(columns) {
        let far = time.abs_diff(at);
        if nearest.is_none_or(|(least, _)| far <= least) {
            nearest = Some((far, mean));
        } else {
            break;
        }
    }
    let (far, value) = nearest?;
    let reach = columns.step.max(1_000).unsigned_abs() * 3 / 2;
    (far <= reach).then_some(value)
}
