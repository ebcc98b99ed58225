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
    let count = "hw.gpu.process.count";
    let counts = [
        stored(7, count, &[("hw.name", "GPU 0"), ("container.name", "llm")]),
        stored(8, count, &[("hw.name", "GPU 0")]),
    ];
    assert_eq!(
        labels(chart(View::Gpus, "gpu-processes"), &counts),
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
