//! Fewer points where several fall onto one pixel: its first, least, greatest and last are all that can be seen.

/// Keeps of `points`, in order of their first coordinate, at most four of each column that `column` tells.
pub fn thin(points: &mut Vec<(f64, f64)>, column: impl Fn(f64) -> i64) {
    let mut kept = Vec::with_capacity(points.len().min(4_096));
    let mut rest = points.as_slice();
    while let Some(((x, _), _)) = rest.split_first() {
        let here = column(*x);
        let length = rest
            .iter()
            .take_while(|point| column(point.0) == here)
            .count()
            .max(1);
        let (of_column, others) = rest.split_at(length);
        keep(of_column, &mut kept);
        rest = others;
    }
    *points = kept;
}

fn keep(column: &[(f64, f64)], kept: &mut Vec<(f64, f64)>) {
    if column.len() <= 4 {
        return kept.extend_from_slice(column);
    }
    let (mut least, mut greatest) = (0, 0);
    for (at, point) in column.iter().enumerate() {
        if point.1 < column[least].1 {
            least = at;
        }
        if point.1 > column[greatest].1 {
            greatest = at;
        }
    }
    let mut places = [0, least, greatest, column.len() - 1];
    places.sort_unstable();
    let mut last = None;
    for place in places {
        if last.replace(place) != Some(place) {
            kept.push(column[place]);
        }
    }
}
