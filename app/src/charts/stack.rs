//! Lines that stand on one another.

use types::charts::Columns;

use super::lines::{self, Point};

/// Each of `lines` standing on those before it: for each, the points of its lower and its upper edge, in runs.
/// Where a line has no sample it has no height, and what stands on it stands lower.
pub fn stacked(lines: &[&Columns], from: i64, to: i64) -> Vec<Vec<Vec<Point>>> {
    let mut times = lines::times(lines.iter().copied());
    times.retain(|at| (from..=to).contains(at));
    let mut floor = vec![0.0; times.len()];
    lines
        .iter()
        .map(|line| {
            let mut runs: Vec<Vec<Point>> = Vec::new();
            let mut places = times.iter().zip(&mut floor);
            for (at, value, _, _) in
                lines::points(line).filter(|point| (from..=to).contains(&point.0))
            {
                // Both rise, and each of a line's times is among all times.
                let Some((_, floor)) = places.find(|(time, _)| **time == at) else {
                    break;
                };
                let top = *floor + value;
                let point = (at, top, *floor, top);
                *floor = top;
                match runs.last_mut() {
                    Some(run)
                        if run
                            .last()
                            .is_none_or(|last| !lines::is_gap(last.0, at, line.step)) =>
                    {
                        run.push(point);
                    }
                    _ => runs.push(vec![point]),
                }
            }
            runs
        })
        .collect()
}
