//! From series and their points to the lines of a chart.

use series::Thinned;
use store::samples::series::Stored;
use types::charts::{Columns, Line};

use super::define::{Definition, Label, Select};

/// The most lines of a chart: more can't be told apart.
pub const MOST_LINES: usize = 12;

/// A series of a chart: its place among those that were read, and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Its place.
    pub place: usize,
    /// What tells it from the others.
    pub label: String,
}

/// The series that a chart shows, in the order of its legend. Without `names_containers` a container's name is left out
/// of labels: there is but one.
pub fn choose(chart: &Definition, series: &[Stored], names_containers: bool) -> Vec<Chosen> {
    let mut chosen = Vec::new();
    for select in chart.select {
        let from = chosen.len();
        for (place, stored) in series.iter().enumerate() {
            if let Some(label) = label(select, stored, names_containers) {
                chosen.push((rank(&label), Chosen { place, label }));
            }
        }
        chosen[from..].sort_by(|a, b| a.0.cmp(&b.0));
    }
    chosen.into_iter().map(|(_, chosen)| chosen).collect()
}

/// The series is a line of the chart.
pub fn shows(chart: &Definition, stored: &Stored) -> bool {
    let mut selects = chart.select.iter();
    selects.any(|select| label(select, stored, true).is_some())
}

/// What a series is called; `None` where it is not meant.
fn label(select: &Select, stored: &Stored, names_containers: bool) -> Option<String> {
    let key = &stored.series.key;
    let attribute = |name: &str| key.attributes.get(name).map(String::as_str);
    let is_meant = key.name == select.name
        && select
            .only
            .is_none_or(|(name, value)| attribute(name).unwrap_or_default() == value)
        && select
            .not
            .is_none_or(|(name, value)| attribute(name) != Some(value));
    if !is_meant {
        return None;
    }
    let is_named = |name: &str| names_containers || name != CONTAINER;
    let parts: Vec<String> = match select.label {
        Label::Is(label) => vec![label.to_owned()],
        Label::And(name, label) => {
            let own = attribute(name).filter(|_| is_named(name));
            own.into_iter().chain([label]).map(str::to_owned).collect()
        }
        Label::By(names) => {
            // The first one tells them from series that are of something else.
            attribute(names.first()?)?;
            let told = names.iter().filter(|name| is_named(name));
            told.map(|name| word(name, attribute(name))).collect()
        }
    };
    Some(parts.join(" "))
        .filter(|label| !label.is_empty())
        .or_else(|| attribute(CONTAINER).map(str::to_owned))
}

const CONTAINER: &str = "container.name";

/// An attribute as people read it.
fn word(name: &str, value: Option<&str>) -> String {
    match (name, value) {
        (CONTAINER, None) => "others".to_owned(),
        (_, None) => "any".to_owned(),
        ("cpu.logical_number", Some(number)) => format!("core {number}"),
        ("network.io.direction", Some("receive")) => "received".to_owned(),
        ("network.io.direction", Some("transmit")) => "sent".to_owned(),
        ("disk.io.direction", Some("write")) => "written".to_owned(),
        ("hw.gpu.throttle.reason" | "error.type", Some(value)) => value.replace('_', " "),
        (_, Some(value)) => value.to_owned(),
    }
}

/// Text with its numbers as numbers: core 10 comes after core 9.
fn rank(label: &str) -> Vec<(String, u64)> {
    label
        .split_inclusive(|one: char| !one.is_ascii_digit())
        .map(|part| {
            let digits = part.trim_end_matches(|one: char| !one.is_ascii_digit());
            (part[digits.len()..].to_owned(), digits.parse().unwrap_or(0))
        })
        .map(|(text, number)| (if number > 0 { String::new() } else { text }, number))
        .collect()
}

/// The lines of a chart: of more than can be told apart, those with the greatest means; and how many others there are.
/// Series without a point in either range have none.
pub fn lines(
    chosen: Vec<Chosen>,
    series: &[Stored],
    now: &[Thinned],
    before: Option<(&[Thinned], i64)>,
) -> (Vec<Line>, u32) {
    let is_there = |points: &[Thinned], place: usize| {
        points.get(place).is_some_and(|one| !one.points.is_empty())
    };
    let mut shown: Vec<Chosen> = chosen
        .into_iter()
        .filter(|one| {
            is_there(now, one.place)
                || before.is_some_and(|(before, _)| is_there(before, one.place))
        })
        .collect();
    let left_out = shown.len().saturating_sub(MOST_LINES);
    if left_out > 0 {
        let mut means: Vec<(f64, usize)> = (shown.iter())
            .map(|one| (now.get(one.place).map_or(0.0, mean), one.place))
            .collect();
        means.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        means.truncate(MOST_LINES);
        shown.retain(|one| means.iter().any(|(_, place)| *place == one.place));
    }
    let lines = shown.into_iter().filter_map(|one| {
        Some(Line {
            id: series.get(one.place)?.id,
            label: one.label,
            points: columns(now.get(one.place)?, 0),
            before: before.and_then(|(before, ago)| Some(columns(before.get(one.place)?, ago))),
        })
    });
    (lines.collect(), u32::try_from(left_out).unwrap_or(u32::MAX))
}

#[expect(clippy::cast_precision_loss, reason = "there are some thousand points")]
fn mean(points: &Thinned) -> f64 {
    let count = points.points.len().max(1) as f64;
    points.points.iter().map(|point| point.avg).sum::<f64>() / count
}

/// Points as columns, `ago` milliseconds later than they were.
fn columns(thinned: &Thinned, ago: i64) -> Columns {
    let points = &thinned.points;
    let mut last = 0;
    let times = points.iter().map(|point| {
        let at = point.at + ago;
        at - std::mem::replace(&mut last, at)
    });
    let times = times.collect();
    let spread = points.iter().any(|point| point.min < point.max);
    let only = |value: fn(&series::Point) -> f64| {
        let of_spread = points.iter().filter(|_| spread);
        of_spread.map(value).collect::<Vec<f64>>()
    };
    Columns {
        step: thinned.step,
        times,
        mean: points.iter().map(|point| point.avg).collect(),
        least: only(|point| point.min),
        greatest: only(|point| point.max),
    }
}

#[cfg(test)]
mod tests;
