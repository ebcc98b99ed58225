//! A chart in words, for its heading and for those who listen to it.

use std::fmt::Write;

use types::charts::{Chart, Line};

use super::{Picture, lines, times, units};

/// The most lines that are told in words; the table below a chart has all.
const TOLD: usize = 8;

/// What a line is called that stands for the whole chart: how much is used, beside others that tell what could be; of means
/// over several times, that over the shortest.
const TELLING: [&str; 3] = ["used", "in use", "1 min"];

/// The value that stands for a whole chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    /// Its number.
    pub number: String,
    /// Its unit.
    pub unit: String,
    /// What it is of several lines: the label of one, or that it is the greatest, and whose; empty for the only line and
    /// for a sum.
    pub of: String,
    /// How many lines are shown and how many there are, where some are muted.
    pub shown: Option<(usize, usize)>,
}

/// The value that stands for the whole chart: the newest, or at a time. None where there is no value.
///
/// Which one it is stays the same while values change: the line that tells most, the sum of the parts of a whole, or the
/// greatest of lines that are alike.
pub fn headline(chart: &Chart, muted: &dyn Fn(&Line) -> bool, at: Option<i64>) -> Option<Headline> {
    let shown: Vec<&Line> = chart.lines.iter().filter(|line| !muted(line)).collect();
    let values = match at {
        Some(at) => values_at(&shown, at),
        None => newest(&shown),
    };
    let telling = values
        .iter()
        .find(|(line, _)| TELLING.contains(&line.label.as_str()));
    let greatest = values
        .iter()
        .copied()
        .reduce(|a, b| if b.1 > a.1 { b } else { a })?;
    let (value, of) = match telling {
        _ if chart.lines.len() == 1 => (greatest.1, String::new()),
        Some((line, value)) => (*value, line.label.clone()),
        None if shown.len() == 1 => (greatest.1, greatest.0.label.clone()),
        None if chart.is_stacked => (values.iter().map(|one| one.1).sum(), String::new()),
        None => (greatest.1, format!("highest: {}", greatest.0.label)),
    };
    let (number, unit) = units::parts(&chart.unit, value);
    Some(Headline {
        number,
        unit,
        of,
        shown: (shown.len() < chart.lines.len()).then_some((shown.len(), chart.lines.len())),
    })
}

/// The newest value of each line that has one of now.
fn newest<'a>(lines: &[&'a Line]) -> Vec<(&'a Line, f64)> {
    let ends = lines.iter().filter_map(|line| {
        let last = lines::points(&line.points).last()?;
        Some((*line, last.0, last.1))
    });
    let ends: Vec<(&Line, i64, f64)> = ends.collect();
    let newest = ends.iter().map(|end| end.1).max().unwrap_or_default();
    let is_of_now = |line: &Line, at: i64| !lines::is_gap(at, newest, line.points.step.max(1_000));
    ends.into_iter()
        .filter(|(line, at, _)| is_of_now(line, *at))
        .map(|(line, _, value)| (line, value))
        .collect()
}

fn values_at<'a>(lines: &[&'a Line], at: i64) -> Vec<(&'a Line, f64)> {
    let value = |line: &&'a Line| Some((*line, lines::value_at(&line.points, at)?));
    lines.iter().filter_map(value).collect()
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
        let Some(end) = within().last() else {
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
        let _ = write!(
            text,
            " {}: {} at last, {} to {}.",
            line.label,
            value(end.1),
            value(least),
            value(greatest)
        );
    }
    if told == 0 {
        text.push_str(" There are no samples.");
    }
    for limit in &chart.limits {
        let _ = write!(text, " Threshold: {}.", limit.label);
    }
    text
}
