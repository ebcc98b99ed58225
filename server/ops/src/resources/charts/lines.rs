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
mod tests {
    use std::collections::BTreeMap;

    use series::Point;
    use types::{
        charts::View,
        resources::{Series, SeriesKey},
    };

    use super::{super::define, *};

    fn stored(id: i32, name: &str, attributes: &[(&str, &str)]) -> Stored {
        let attributes = attributes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Stored {
            id,
            host_id: 1,
            ended_at: None,
            series: Series {
                key: SeriesKey {
                    name: name.to_owned(),
                    attributes: attributes.collect::<BTreeMap<_, _>>(),
                },
                unit: "1".to_owned(),
            },
        }
    }

    fn chart(view: View, id: &str) -> &'static Definition {
        let mut all = define::of_host(view).iter();
        all.find(|chart| chart.id == id)
            .unwrap_or_else(|| unreachable!("no chart {id}"))
    }

    fn labels(chart: &Definition, series: &[Stored]) -> Vec<String> {
        let chosen = choose(chart, series, true).into_iter();
        chosen.map(|one| one.label).collect()
    }

    #[test]
    fn the_legend_is_in_the_order_of_modes_and_of_numbers() {
        let used = "system.cpu.utilization";
        let mut series = vec![stored(0, used, &[])];
        for number in ["10", "9", "0"] {
            series.push(stored(1, used, &[("cpu.logical_number", number)]));
        }
        for mode in ["iowait", "idle", "system", "user"] {
            series.push(stored(2, used, &[("cpu.mode", mode)]));
        }
        let modes = ["user", "system", "waiting for I/O"];
        assert_eq!(labels(chart(View::Overview, "cpu"), &series), modes);
        assert_eq!(
            labels(chart(View::Cpu, "cores"), &series),
            ["core 0", "core 9", "core 10"]
        );
    }

    #[test]
    fn a_series_is_called_by_what_tells_it_from_others() {
        let gpu = "hw.gpu.process.memory.usage";
        let series = [
            stored(1, gpu, &[("hw.name", "GPU 0"), ("container.name", "llm")]),
            stored(2, gpu, &[("hw.name", "GPU 0")]),
            stored(3, "hw.gpu.utilization", &[("hw.name", "GPU 0")]),
            stored(
                4,
                "hw.gpu.utilization",
                &[("hw.name", "GPU 0"), ("hw.gpu.task", "encoder")],
            ),
            stored(5, "container.cpu.usage", &[("container.name", "llm")]),
            stored(
                6,
                "container.network.io",
                &[
                    ("container.name", "llm"),
                    ("network.io.direction", "transmit"),
                ],
            ),
        ];
        assert_eq!(
            labels(chart(View::Gpus, "gpu-process-memory"), &series),
            ["GPU 0 llm", "GPU 0 others"]
        );
        assert_eq!(labels(chart(View::Gpus, "gpu"), &series), ["GPU 0"]);
        let of_service = |id: &str| {
            let mut all = define::OF_SERVICE.iter();
            let chart = all.find(|chart| chart.id == id);
            chart.map(|chart| choose(chart, &series, false).remove(0).label)
        };
        assert_eq!(of_service("container-cpu").as_deref(), Some("llm"));
        assert_eq!(of_service("container-network").as_deref(), Some("sent"));
    }

    #[test]
    fn the_overview_leaves_the_loopback_out() {
        let of = |id, interface| {
            let direction = ("network.io.direction", "receive");
            let attributes = [("network.interface.name", interface), direction];
            stored(id, "system.network.io", &attributes)
        };
        let series = [of(1, "lo"), of(2, "eth0")];
        let overview = labels(chart(View::Overview, "network"), &series);
        assert_eq!(overview, ["eth0 received"]);
        let all = labels(chart(View::Network, "network"), &series);
        assert_eq!(all, ["eth0 received", "lo received"]);
    }

    #[test]
    fn of_many_lines_the_greatest_stay_in_the_order_of_the_legend() {
        let name = "system.filesystem.utilization";
        let mounts: Vec<String> = (0..20).map(|number| format!("/{number}")).collect();
        let series: Vec<Stored> = (mounts.iter().enumerate())
            .map(|(at, mount)| {
                stored(
                    i32::try_from(at).unwrap_or(0),
                    name,
                    &[("system.filesystem.mountpoint", mount)],
                )
            })
            .collect();
        let points: Vec<Thinned> = (0..20_i32)
            .map(|number| {
                let avg = f64::from((number * 7) % 20);
                let point = Point {
                    at: 1_000,
                    min: avg,
                    avg,
                    max: avg,
                };
                Thinned {
                    step: 0,
                    points: vec![point; usize::from(number != 19)],
                }
            })
            .collect();
        let chosen = choose(chart(View::Disks, "filesystems"), &series, true);
        assert_eq!(chosen.len(), 20);
        let (lines, left_out) = lines(chosen, &series, &points, None);
        assert_eq!(
            (lines.len(), left_out),
            (MOST_LINES, 7),
            "the one without points counts for nothing"
        );
        let ids: Vec<i32> = lines.iter().map(|line| line.id).collect();
        let mut greatest: Vec<i32> = (0..19).filter(|number| (number * 7) % 20 >= 8).collect();
        greatest.retain(|number| *number != 19);
        assert!(
            ids.is_sorted() && lines.iter().all(|line| line.points.mean[0] >= 7.0),
            "{ids:?}"
        );
    }

    #[test]
    fn samples_have_one_column_and_times_are_differences() {
        let point = |at, min, max| Point {
            at,
            min,
            avg: min,
            max,
        };
        let samples = Thinned {
            step: 1_000,
            points: vec![point(5_000, 1.0, 1.0), point(6_010, 2.0, 2.0)],
        };
        let told = columns(&samples, 100);
        assert_eq!(
            (told.times, told.mean.len(), told.least.len()),
            (vec![5_100, 1_010], 2, 0)
        );
        let summaries = Thinned {
            step: 60_000,
            points: vec![point(0, 1.0, 1.0), point(60_000, 2.0, 3.0)],
        };
        let told = columns(&summaries, 0);
        assert_eq!(
            (told.least, told.greatest),
            (vec![1.0, 2.0], vec![1.0, 3.0])
        );
    }
}
