//! A chart in words, for its heading and for those who listen to it.

use types::charts::{Chart, Line};

use super::{Picture, lines, times, units};

/// The most lines that are told in words; the table below a chart has all.
const TOLD: usize = 8;

/// What a part is called that tells how much of a whole is used.
const USED: &str = "used";

/// The newest value that stands for the whole chart: number, unit, and whose it is where it is one line's of several.
///
/// Parts of a whole are added up, unless one of them is what is used: beside that, others are what could be. Of other lines
/// the greatest tells.
pub fn latest(chart: &Chart, muted: &dyn Fn(&Line) -> bool) -> Option<(String, String, String)> {
    let ends = || {
        let shown = chart.lines.iter().filter(|line| !muted(line));
        shown.filter_map(|line| {
            lines::points(&line.points)
                .last()
                .map(|point| (line, point.0, point.1))
        })
    };
    let newest = ends().map(|end| end.1).max()?;
    let is_current = |line: &Line, at: i64| !lines::is_gap(at, newest, line.points.step.max(1_000));
    let current: Vec<_> = ends()
        .filter(|(line, at, _)| is_current(line, *at))
        .collect();
    let used = current.iter().find(|end| end.0.label == USED);
    let greatest = || {
        current
            .iter()
            .copied()
            .reduce(|a, b| if b.2 > a.2 { b } else { a })
    };
    let (value, of) = match current.as_slice() {
        [only] => (only.2, ""),
        _ if chart.is_stacked => used.map_or_else(
            || (current.iter().map(|end| end.2).sum(), ""),
            |used| (used.2, USED),
        ),
        _ => greatest().map(|end| (end.2, end.0.label.as_str()))?,
    };
    let (number, unit) = units::parts(&chart.unit, value);
    Some((number, unit, of.to_owned()))
}

/// What a picture shows, in sentences.
pub fn summary(picture: &Picture<'_>) -> String {
    let Picture {
        chart,
        from,
        to,
        zone,
        ..
    } = *picture;
    let span = to - from;
    let mut text = format!(
        "From {} to {}.",
        times::instant(from, span, zone),
        times::instant(to, span, zone)
    );
    let mut told = 0;
    for line in chart.lines.iter().filter(|line| !(picture.muted)(line)) {
        let within = || lines::points(&line.points).filter(|point| (from..=to).contains(&point.0));
        let Some(last) = within().last() else {
            continue;
        };
        told += 1;
        if told > TOLD {
            break;
        }
        let least = within().map(|point| point.2).fold(f64::INFINITY, f64::min);
        let greatest = within()
            .map(|point| point.3)
            .fold(f64::NEG_INFINITY, f64::max);
        let value = |value| units::value(&chart.unit, value);
        text.push_str(&format!(
            " {}: {} at last, {} to {}.",
            line.label,
            value(last.1),
            value(least),
            value(greatest)
        ));
    }
    if told == 0 {
        text.push_str(" There are no samples.");
    }
    for limit in &chart.limits {
        text.push_str(&format!(" Threshold: {}.", limit.label));
    }
    text
}
