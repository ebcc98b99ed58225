use types::{
    charts::{Chart, Columns, Limit, Line, Mark},
    health::Status,
};

use super::{
    LOOKS, Picture, Plot, backend, decimate, draw, headline,
    lines::{self, value_at},
    look,
    stack::stacked,
    text, times, units,
};

const START: i64 = 1_764_000_000_000;

fn columns(step: i64, values: &[(i64, f64)]) -> Columns {
    let mut last = 0;
    let mut times = Vec::new();
    for (at, _) in values {
        times.push(START + at - last);
        last = START + at;
    }
    Columns {
        step,
        times,
        mean: values.iter().map(|value| value.1).collect(),
        least: Vec::new(),
        greatest: Vec::new(),
    }
}

fn line(id: i32, label: &str, values: &[(i64, f64)]) -> Line {
    Line {
        id,
        label: label.to_owned(),
        points: columns(1_000, values),
        before: None,
    }
}

fn chart(unit: &str, lines: Vec<Line>) -> Chart {
    Chart {
        id: "cpu".to_owned(),
        title: "CPU".to_owned(),
        unit: unit.to_owned(),
        is_stacked: false,
        most: None,
        limits: Vec::new(),
        lines,
        left_out: 0,
    }
}

fn plain(chart: &Chart) -> Picture<'_> {
    Picture {
        chart,
        from: START,
        to: START + 10_000,
        marks: &[],
        muted: &|_| false,
        width: 400,
        height: 150,
        text: 11,
        zone: times::UTC,
        reach: None,
    }
}

fn drawn(chart: &Chart, marks: &[Mark]) -> String {
    draw(&Picture {
        marks,
        ..plain(chart)
    })
}

fn count(svg: &str, what: &str) -> usize {
    svg.matches(what).count()
}

fn mark(at: i64, status: Status) -> Mark {
    Mark {
        at: START + at,
        text: "backend restarted".to_owned(),
        href: "/deployment".to_owned(),
        status,
    }
}

#[test]
fn a_chart_is_the_same_to_the_byte() {
    let mut stack = chart(
        "1",
        vec![
            line(
                1,
                "user",
                &[
                    (0, 0.1),
                    (1_000, 0.3),
                    (2_000, 0.25),
                    (6_000, 0.4),
                    (7_000, 0.5),
                ],
            ),
            line(
                2,
                "system",
                &[
                    (0, 0.1),
                    (1_000, 0.1),
                    (2_000, 0.15),
                    (6_000, 0.2),
                    (7_000, 0.1),
                ],
            ),
        ],
    );
    stack.is_stacked = true;
    stack.most = Some(1.0);
    stack.limits = vec![Limit {
        value: 0.8,
        label: "threshold 80 %".to_owned(),
        status: Status::Warning,
    }];
    stack.lines[0].before = Some(columns(1_000, &[(0, 0.2), (1_000, 0.2)]));
    let svg = drawn(&stack, &[mark(3_000, Status::Ok)]);
    assert_eq!(svg.trim(), include_str!("golden.svg").trim());
}

#[test]
fn hostile_labels_stay_text() {
    let mut hostile = chart(
        "1",
        vec![line(1, "\"><script>alert(1)</script>\u{1}", &[(0, 0.5)])],
    );
    hostile.title = "</title><script>".to_owned();
    hostile.limits = vec![Limit {
        value: 0.5,
        label: "<img src=x onerror=alert(1)>&".to_owned(),
        status: Status::Critical,
    }];
    let svg = drawn(&hostile, &[]);
    assert!(
        !svg.contains("<script") && !svg.contains("<img") && !svg.contains('\u{1}'),
        "{svg}"
    );
    assert!(
        svg.contains("&lt;img src=x onerror=alert(1)&gt;&amp;"),
        "{svg}"
    );
}

#[test]
fn a_gap_stays_a_gap() {
    let whole = chart(
        "1",
        vec![line(1, "a", &[(0, 0.5), (1_000, 0.5), (2_000, 0.5)])],
    );
    assert_eq!(count(&drawn(&whole, &[]), "class=\"line"), 1);
    let gap = chart(
        "1",
        vec![line(1, "a", &[(0, 0.5), (1_000, 0.5), (3_000, 0.5)])],
    );
    assert_eq!(count(&drawn(&gap, &[]), "class=\"line"), 2);
    // What is late by less than half a step is no gap.
    let late = chart("1", vec![line(1, "a", &[(0, 0.5), (1_490, 0.5)])]);
    assert_eq!(count(&drawn(&late, &[]), "class=\"line"), 1);
}

#[test]
fn a_sample_alone_is_seen() {
    let svg = drawn(&chart("1", vec![line(1, "a", &[(5_000, 0.5)])]), &[]);
    assert!(svg.contains("h0\"/>"), "{svg}");
}

#[test]
fn what_is_stacked_stands_on_what_is_before_it() {
    let (low, high) = (
        columns(1_000, &[(0, 1.0), (1_000, 2.0)]),
        columns(1_000, &[(0, 3.0), (1_000, 4.0)]),
    );
    let edges = stacked(&[&low, &high], START, START + 10_000);
    assert_eq!(
        edges[0],
        [[(START, 1.0, 0.0, 1.0), (START + 1_000, 2.0, 0.0, 2.0)]]
    );
    assert_eq!(
        edges[1],
        [[(START, 4.0, 1.0, 4.0), (START + 1_000, 6.0, 2.0, 6.0)]]
    );
}

#[test]
fn a_stack_with_a_hole_in_it_sinks_there() {
    let low = columns(1_000, &[(0, 1.0), (3_000, 1.0)]);
    let high = columns(1_000, &[(0, 3.0), (1_000, 3.0), (2_000, 3.0), (3_000, 3.0)]);
    let edges = stacked(&[&low, &high], START, START + 10_000);
    assert_eq!(edges[0].len(), 2);
    let tops: Vec<f64> = edges[1].concat().iter().map(|point| point.1).collect();
    assert_eq!(tops, [4.0, 3.0, 3.0, 4.0]);
}

#[test]
fn least_and_greatest_are_a_band_behind_the_mean() {
    let mut banded = chart("W", vec![line(1, "a", &[(0, 100.0), (1_000, 120.0)])]);
    assert_eq!(count(&drawn(&banded, &[]), "class=\"band"), 0);
    banded.lines[0].points.least = vec![90.0, 100.0];
    banded.lines[0].points.greatest = vec![110.0, 390.0];
    let svg = drawn(&banded, &[]);
    assert_eq!(count(&svg, "class=\"band"), 1);
    // The axis has room for the greatest, not for the greatest mean alone.
    assert!(svg.contains(">400 W<"), "{svg}");
}

#[test]
fn a_threshold_is_drawn_where_the_axis_reaches_it_and_told_where_not() {
    let mut limited = chart("Cel", vec![line(1, "a", &[(0, 60.0), (1_000, 70.0)])]);
    let limit = |value, label: &str| Limit {
        value,
        label: label.to_owned(),
        status: Status::Critical,
    };
    limited.limits = vec![
        limit(90.0, "slows down at 90 °C"),
        limit(500.0, "melts at 500 °C"),
    ];
    let svg = drawn(&limited, &[]);
    assert_eq!(count(&svg, "class=\"limit s3\""), 1);
    assert!(svg.contains(">slows down at 90 °C</text>"), "{svg}");
    assert!(svg.contains("Threshold: melts at 500 °C."), "{svg}");
}

#[test]
fn marks_side_by_side_are_one_and_tell_the_worst() {
    let lines = vec![line(1, "a", &[(0, 1.0), (1_000, 1.0)])];
    let marks = [
        mark(2_000, Status::Ok),
        mark(2_010, Status::Critical),
        mark(9_000, Status::Ok),
    ];
    let svg = drawn(&chart("W", lines), &marks);
    assert_eq!(count(&svg, "class=\"mark"), 2);
    assert_eq!(count(&svg, "class=\"flag s3"), 1);
}

#[test]
fn series_differ_by_more_than_their_hue() {
    let values = [(0, 1.0), (1_000, 1.0), (2_000, 1.0)];
    let svg = drawn(
        &chart("W", vec![line(1, "a", &values), line(2, "b", &values)]),
        &[],
    );
    for class in ["marker h0", "marker h1"] {
        assert!(svg.contains(class), "{svg}");
    }
    let one = drawn(&chart("W", vec![line(1, "a", &values)]), &[]);
    assert!(!one.contains("marker"), "one line needs none: {one}");
}

#[test]
fn what_is_muted_is_neither_drawn_nor_counted() {
    let both = chart(
        "W",
        vec![line(1, "a", &[(0, 1.0)]), line(2, "b", &[(0, 5.0)])],
    );
    let muted = |line: &Line| line.id == 2;
    let svg = draw(&Picture {
        chart: &both,
        from: START,
        to: START + 10_000,
        marks: &[],
        muted: &muted,
        width: 400,
        height: 150,
        text: 11,
        zone: times::UTC,
        reach: None,
    });
    assert!(!svg.contains("line h1") && svg.contains("line h0"), "{svg}");
    let told = |muted: &dyn Fn(&Line) -> bool| {
        let told = headline(&both, muted, None)?;
        Some((told.number, told.of, told.shown))
    };
    assert_eq!(
        told(&muted),
        Some(("1.0".to_owned(), "a".to_owned(), Some((1, 2))))
    );
    assert_eq!(
        told(&|_| false),
        Some(("5.0".to_owned(), "highest: b".to_owned(), None))
    );
}

#[test]
fn an_empty_chart_says_so() {
    let svg = drawn(&chart("1", vec![line(1, "a", &[])]), &[]);
    assert!(svg.contains("No samples in this range."), "{svg}");
    assert!(svg.contains("There are no samples."), "{svg}");
    assert_eq!(headline(&chart("1", Vec::new()), &|_| false, None), None);
}

#[test]
fn of_parts_the_used_one_tells_and_others_are_added_up() {
    let mut parts = chart(
        "By",
        vec![line(1, "user", &[(0, 3.0)]), line(2, "system", &[(0, 5.0)])],
    );
    parts.is_stacked = true;
    let told = |chart: &Chart| {
        let told = headline(chart, &|_| false, None)?;
        Some((told.number, told.of))
    };
    assert_eq!(told(&parts), Some(("8".to_owned(), String::new())));
    let mut memory = chart(
        "By",
        vec![line(1, "used", &[(0, 3.0)]), line(2, "free", &[(0, 5.0)])],
    );
    memory.is_stacked = true;
    assert_eq!(told(&memory), Some(("3".to_owned(), "used".to_owned())));
}

#[test]
fn columns_of_other_lengths_do_no_harm() {
    let mut broken = chart(
        "1",
        vec![line(
            1,
            "a",
            &[(0, f64::NAN), (1_000, f64::INFINITY), (2_000, 0.2)],
        )],
    );
    broken.lines[0].points.times.push(i64::MAX);
    broken.lines[0].points.mean.push(1.0);
    broken.lines[0].points.greatest = vec![1.0];
    let svg = drawn(&broken, &[]);
    assert!(
        svg.contains("class=\"line h0\"") && !svg.contains("NaN"),
        "{svg}"
    );
}

#[test]
fn many_points_on_a_pixel_keep_their_extremes() {
    let mut points: Vec<_> = (0..100_000)
        .map(|at| (f64::from(at), f64::from(at % 7)))
        .collect();
    points[54_321].1 = 99.0;
    points[54_322].1 = -99.0;
    #[expect(clippy::cast_possible_truncation, reason = "some hundreds")]
    let pixel = |at: f64| (at / 200.0) as i64;
    decimate::thin(&mut points, pixel);
    assert!(points.len() <= 2_000, "{}", points.len());
    assert!(points.contains(&(54_321.0, 99.0)) && points.contains(&(54_322.0, -99.0)));
    assert!(points.is_sorted_by(|a, b| a.0 < b.0));
}

#[test]
fn a_value_is_that_of_the_nearest_point_or_of_none() {
    let columns = columns(1_000, &[(0, 1.0), (1_000, 2.0), (9_000, 3.0)]);
    assert_eq!(value_at(&columns, START + 400), Some(1.0));
    assert_eq!(value_at(&columns, START + 700), Some(2.0));
    assert_eq!(value_at(&columns, START + 5_000), None);
    assert_eq!(value_at(&columns, START + 10_400), Some(3.0));
    assert_eq!(lines::points(&columns).count(), 3);
}

#[test]
fn values_are_told_in_the_unit_that_fits() {
    let cases = [
        ("1", 0.384, "38 %"),
        ("1", 0.0321, "3.2 %"),
        ("1", 1.0, "100 %"),
        ("1", 0.0, "0 %"),
        ("By", 0.0, "0 B"),
        ("By", 1_536.0, "1.5 KiB"),
        ("By", 76_665_638_912.0, "71.4 GiB"),
        ("By/s", 12_340_000.0, "12.3 MB/s"),
        ("Cel", 71.4, "71 °C"),
        ("W", 212.4, "212 W"),
        ("s", 0.0123, "12.3 ms"),
        ("s", 0.000_04, "40.0 µs"),
        ("Hz", 1_980_000_000.0, "2.0 GHz"),
        ("{process}", 412.0, "412 processes"),
        ("{packet}/s", 1_234.0, "1.2 k packets/s"),
        ("{thread}", 1.5, "1.5 threads"),
        ("{cpu}", 0.25, "0.25 cores"),
        ("{cpu}", 0.043, "0.04 cores"),
        ("{cpu}", 0.0031, "0.003 cores"),
        ("{cpu}", 1.52, "1.5 cores"),
        ("{pid}", 3.0, "3 processes"),
        ("Cel", -4.0, "−4.0 °C"),
        ("W", f64::NAN, "– W"),
    ];
    for (unit, value, expected) in cases {
        assert_eq!(units::value(unit, value), expected, "{unit} {value}");
    }
}

#[test]
fn an_axis_has_round_labels() {
    let labels = |unit: &str, greatest: f64, most: Option<f64>| {
        let axis = units::axis(unit, 0.0, greatest, most, 4);
        axis.ticks
            .into_iter()
            .map(|tick| tick.1)
            .collect::<Vec<_>>()
    };
    assert_eq!(labels("1", 0.9, Some(1.0)), ["0 %", "50 %", "100 %"]);
    assert_eq!(
        labels("1", 0.03, Some(1.0)),
        ["0 %", "1 %", "2 %", "3 %", "4 %"]
    );
    let gib = f64::from(1 << 30);
    assert_eq!(
        labels("By", 100.0 * gib, Some(128.0 * gib)),
        ["0 GiB", "32 GiB", "64 GiB", "96 GiB", "128 GiB"]
    );
    assert_eq!(
        labels("By", 100.0 * gib, Some(125.0 * gib)),
        ["0 GiB", "32 GiB", "64 GiB", "96 GiB", "125 GiB"]
    );
    assert_eq!(
        labels("By/s", 2.3e6, None),
        ["0 MB/s", "1 MB/s", "2 MB/s", "3 MB/s"]
    );
    assert_eq!(
        labels("Cel", 71.0, None),
        ["0 °C", "20 °C", "40 °C", "60 °C", "80 °C"]
    );
    assert_eq!(labels("{process}", 2.0, None), ["0", "1", "2", "3"]);
    assert_eq!(
        labels("s", 0.0, None),
        ["0 ms", "0.5 ms", "1.0 ms", "1.5 ms"]
    );
    assert!(labels("By", f64::MAX, None).len() <= 32);
}

#[test]
fn an_axis_of_time_has_round_labels_in_the_readers_zone() {
    let labels = |from: i64, to: i64, zone| {
        let ticks = times::ticks(from, to, 5, zone);
        ticks.into_iter().map(|tick| tick.1).collect::<Vec<_>>()
    };
    // 16:00:00 UTC.
    assert_eq!(
        labels(START, START + 1_200_000, times::UTC),
        ["16:00", "16:05", "16:10", "16:15", "16:20"]
    );
    let kolkata = times::Zone(|_| 19_800_000);
    assert_eq!(
        labels(START, START + 1_200_000, kolkata),
        ["21:30", "21:35", "21:40", "21:45", "21:50"]
    );
    assert_eq!(labels(START, START + 30_000, times::UTC)[0], "16:00:00");
    let day = 86_400_000;
    assert_eq!(
        labels(START, START + day, times::UTC),
        ["18:00", "25 Nov", "06:00", "12:00"]
    );
    assert_eq!(
        labels(START, START + 7 * day, times::UTC),
        ["25 Nov", "27 Nov", "29 Nov", "1 Dec"]
    );
    assert_eq!(
        labels(START, START + 365 * day, times::UTC),
        ["Jan 2026", "Apr 2026", "Jul 2026", "Oct 2026"]
    );
}

#[test]
fn an_hour_that_comes_twice_has_its_labels_where_clocks_show_them() {
    // Clocks go back an hour at START.
    let zone = times::Zone(|at| if at < START { 7_200_000 } else { 3_600_000 });
    let ticks = times::ticks(START - 7_200_000, START + 7_200_000, 5, zone);
    for (at, label) in &ticks {
        assert_eq!(
            times::instant(*at, 0, zone).get(..5),
            Some(label.as_str()),
            "{ticks:?}"
        );
    }
    assert!(ticks.len() >= 4, "{ticks:?}");
}

#[test]
fn instants_tell_their_day_where_the_range_is_longer_than_one() {
    assert_eq!(times::instant(START, 1_200_000, times::UTC), "16:00:00");
    assert_eq!(
        times::instant(START, 604_800_000, times::UTC),
        "24 Nov 16:00"
    );
    assert_eq!(times::machine(START + 5), "2025-11-24T16:00:00.005Z");
    assert_eq!(
        times::field(START + 7_000, times::UTC),
        "2025-11-24T16:00:07"
    );
    assert_eq!(
        times::read_field("2025-11-24T16:00:07"),
        Some(START + 7_000)
    );
    assert_eq!(times::read_field("2025-11-24T16:00"), Some(START));
    for text in [
        "",
        "soon",
        "2025-13-24T16:00",
        "2025-11-24T25:00",
        "2025/11/24T16:00",
        "2025-11-24Tüü:00",
    ] {
        assert_eq!(times::read_field(text), None, "{text}");
    }
}

#[test]
fn text_is_measured_and_cut() {
    assert!(text::width("iii", 110) < text::width("WWW", 110));
    assert_eq!(text::fit("short", 110, 1_000), "short");
    let cut = text::fit("a very long label of a container", 110, 600);
    assert!(cut.ends_with('…') && text::width(&cut, 110) <= 600, "{cut}");
}

#[test]
fn tenths_have_no_needless_digits() {
    let written = |value| {
        let mut out = String::new();
        backend::tenths(&mut out, value);
        out
    };
    for (value, expected) in [
        (0, "0"),
        (5, ".5"),
        (-4, "-.4"),
        (123, "12.3"),
        (-120, "-12"),
    ] {
        assert_eq!(written(value), expected);
    }
}

#[test]
fn a_picture_too_small_for_its_margins_has_a_plot_all_the_same() {
    let plot = Plot::of(10, 10, 11);
    assert!(plot.right > plot.left && plot.bottom > plot.top);
    assert!(
        draw(&Picture {
            chart: &chart("1", vec![line(1, "a", &[(0, 1.0), (1_000, 2.0)])]),
            from: START,
            to: START,
            marks: &[],
            muted: &|_| false,
            width: 10,
            height: 10,
            text: 11,
            zone: times::UTC,
            reach: None,
        })
        .ends_with("</svg>")
    );
}

#[test]
fn a_range_is_told_to_the_second_where_it_has_some() {
    let told = |from: i64, to: i64| times::range(START + from, START + to, times::UTC);
    assert_eq!(told(0, 3_600_000), "24 Nov 16:00 to 24 Nov 17:00");
    assert_eq!(told(0, 95_000), "24 Nov 16:00:00 to 24 Nov 16:01:35");
    assert_eq!(told(7_500, 60_000), "24 Nov 16:00:07 to 24 Nov 16:01:00");
}

#[test]
fn numbers_for_machines_have_no_needless_digits() {
    for (value, expected) in [
        (0.0, "0"),
        (0.25, "0.25"),
        (-1.5, "-1.5"),
        (12_345_678_901.0, "12345678901"),
        (0.1 + 0.2, "0.3"),
        (0.999_999_999_9, "1"),
        (f64::NAN, ""),
    ] {
        assert_eq!(units::exact(value), expected);
    }
}

#[test]
fn a_headline_follows_the_time_that_is_pointed_at() {
    let mut parts = chart(
        "By",
        vec![
            line(1, "user", &[(0, 3.0), (1_000, 30.0)]),
            line(2, "system", &[(0, 5.0), (1_000, 50.0)]),
            line(3, "steal", &[(1_000, 100.0)]),
        ],
    );
    parts.is_stacked = true;
    let told = |at: Option<i64>, muted: i32| {
        let told = headline(&parts, &|line| line.id == muted, at.map(|at| START + at))?;
        Some((told.number, told.shown))
    };
    assert_eq!(told(None, 0), Some(("180".to_owned(), None)));
    assert_eq!(told(Some(0), 0), Some(("108".to_owned(), None)));
    assert_eq!(told(None, 3), Some(("80".to_owned(), Some((2, 3)))));
    assert_eq!(told(Some(60_000), 0), None, "nothing is known of then");
}

#[test]
fn a_headline_stays_with_its_line_while_others_overtake_it() {
    let load = |one: f64, five: f64| {
        let lines = vec![
            line(1, "1 min", &[(0, one)]),
            line(2, "5 min", &[(0, five)]),
        ];
        let told = headline(&chart("{thread}", lines), &|_| false, None);
        told.map(|told| told.of)
    };
    assert_eq!(load(3.0, 1.0).as_deref(), Some("1 min"));
    assert_eq!(load(1.0, 3.0).as_deref(), Some("1 min"));
}

#[test]
fn two_dozen_lines_are_told_apart_without_colour() {
    let mut looks = std::collections::BTreeSet::new();
    for place in 0..LOOKS {
        let mut legend = String::new();
        super::write_marker(&mut legend, look(place));
        // Shape of the marker, its filling and the line's dash: all but the hue.
        let colourless: String =
            (0..8).fold(legend, |text, hue| text.replace(&format!(" h{hue}"), ""));
        looks.insert(colourless);
    }
    assert_eq!(looks.len(), 24);
    // As in the chart itself.
    let values = [(0, 1.0), (1_000, 1.0)];
    let twelve = (0..12)
        .map(|id| line(id, &id.to_string(), &values))
        .collect();
    let svg = drawn(&chart("W", twelve), &[]);
    for class in ["line h3\"", "line h3 d1\"", "marker h3\"", "marker h3 d1\""] {
        assert!(svg.contains(class), "{class}");
    }
}

#[test]
fn charts_that_are_compared_have_one_axis() {
    let of = |value: f64| chart("W", vec![line(1, "a", &[(0, value), (1_000, value)])]);
    let picture = |chart: &Chart, reach| {
        draw(&Picture {
            reach,
            ..plain(chart)
        })
    };
    let (low, high) = (of(3.0), of(300.0));
    let both = super::reach(&plain(&low)).and(super::reach(&plain(&high)));
    let labels = |svg: &str| {
        let axis = svg.split("<text class=\"axis\"").skip(1);
        axis.filter_map(|text| {
            text.split_once('>')?
                .1
                .split_once('<')
                .map(|text| text.0.to_owned())
        })
        .filter(|label| label.ends_with('W') || label == "0")
        .collect::<Vec<_>>()
    };
    assert_ne!(labels(&picture(&low, None)), labels(&picture(&high, None)));
    assert_eq!(
        labels(&picture(&low, Some(both))),
        labels(&picture(&high, Some(both)))
    );
    // Who has no samples says nothing of the scale.
    let none = super::reach(&plain(&chart("W", vec![line(1, "a", &[])])));
    assert_eq!(none.and(both), both);
    assert_eq!(both.and(none), both);
}

#[test]
fn times_of_several_series_stand_once_and_in_order() {
    let of = |times: &[i64]| {
        let values: Vec<(i64, f64)> = times.iter().map(|at| (*at, 1.0)).collect();
        columns(1_000, &values)
    };
    let all = [of(&[1, 3, 5]), of(&[]), of(&[0, 3, 4, 9]), of(&[5])];
    let times: Vec<i64> = lines::times(&all).iter().map(|at| at - START).collect();
    assert_eq!(times, [0, 1, 3, 4, 5, 9]);
}
