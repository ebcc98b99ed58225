use types::charts::{Charts, Columns, Range};

use super::*;

const NOW: i64 = 1_764_000_000_000;

fn chart(id: &str) -> Chart {
    Chart {
        id: id.to_owned(),
        title: id.to_uppercase(),
        unit: "1".to_owned(),
        is_stacked: false,
        most: None,
        limits: Vec::new(),
        left_out: 0,
        lines: Vec::new(),
    }
}

fn panel(host: &str, age: i64, ids: &[&str]) -> Panel {
    Panel::new(Charts {
        host: host.to_owned(),
        hosts: Vec::new(),
        own: "a".to_owned(),
        from: NOW - 300_000,
        to: NOW,
        newest: Some(NOW - age),
        charts: ids.iter().map(|id| chart(id)).collect(),
        marks: Vec::new(),
        unreadable: Vec::new(),
    })
}

fn look<T>(panels: &[Panel], range: Range, then: impl FnOnce(&Look<'_>) -> T) -> T {
    let wanted = Wanted::default().over(range);
    then(&Look {
        wanted: &wanted,
        panels,
        error: None,
        muted: &[],
        now: NOW,
        zone: charts::times::UTC,
        text: 11,
        size: (300, 170),
    })
}

/// A line with a sample a second, from the second age on to the first, in seconds.
fn grown(ages: std::ops::RangeInclusive<i64>) -> Line {
    Line {
        id: 1,
        label: "user".to_owned(),
        points: Columns {
            step: 1_000,
            times: (ages.clone().rev())
                .enumerate()
                .map(|(nth, age)| if nth == 0 { NOW - age * 1_000 } else { 1_000 })
                .collect(),
            mean: ages.map(|_| 0.25).collect(),
            ..Columns::default()
        },
        before: None,
    }
}

fn written(panels: &[Panel]) -> String {
    let mut html = Html::default();
    look(panels, Range::Last(300), |look| board(&mut html, look));
    html.into_string()
}

#[test]
fn charts_of_several_hosts_stand_in_rows_of_a_kind() {
    let panels = [
        panel("a", 0, &["cpu", "gpu"]),
        panel("b", 0, &["load", "cpu"]),
    ];
    let html = written(&panels);
    let order: Vec<usize> = [
        "class=\"charts several by-two\"",
        "CPU · a",
        "CPU · b",
        "GPU · a",
        "GPU · b: not in its overview",
        "LOAD · a: not in its overview",
        "LOAD · b",
    ]
    .iter()
    .map(|part| {
        html.find(part)
            .unwrap_or_else(|| unreachable!("{part}: {html}"))
    })
    .collect();
    assert!(order.is_sorted(), "{order:?}");
    assert_eq!(html.matches("class=\"same\"").count(), 3);
    assert_eq!(html.matches("id=\"cpu\"").count(), 1, "each id stands once");
    let alone = written(&panels[..1]);
    assert!(alone.contains("class=\"charts\"") && !alone.contains("same"));
    assert!(!alone.contains("CPU · a"), "one host needs no name");
}

#[test]
fn of_a_host_that_is_silent_it_is_told_since_when_and_no_value_as_of_now() {
    let hosts = [panel("a", 3_000, &["cpu"]), panel("b", 6_000, &["cpu"])];
    let html = written(&hosts);
    assert!(html.contains("b: Last sample at "));
    assert!(!html.contains("a: Last sample at "));
    assert_eq!(html.matches("class=\"card chart old\"").count(), 1);
    let alone = written(&hosts[1..]);
    assert!(alone.contains(">Last sample at "), "one needs no name");
    let still = Range::Between(NOW - 300_000, NOW);
    assert!(!look(&hosts, still, |look| look.is_stale(&hosts[1])));
}

#[test]
fn after_the_clock_was_set_back_it_is_told_from_when_samples_are_stored_again() {
    let hosts = [panel("a", -90_000, &["cpu"]), panel("b", -90_000, &["cpu"])];
    let html = written(&hosts);
    assert!(html.contains("a: The clock was set back: samples are stored again from "));
    assert!(
        !html.contains("b: The clock"),
        "the clock of another host may be ahead"
    );
    assert_eq!(html.matches("class=\"card chart old\"").count(), 1);
    let still = Range::Between(NOW - 300_000, NOW);
    assert!(!look(&hosts, still, |look| look.is_stale(&hosts[0])));
    let far = [panel("b", -400_000, &["cpu"])];
    assert!(written(&far).contains(">The clock was set back"));
    let near = [panel("a", -30_000, &["cpu"])];
    assert!(!written(&near).contains("The clock was set back"));
}

#[test]
fn a_threshold_above_the_scale_is_neither_drawn_nor_in_the_legend_that_is_shown() {
    // The style sheet hides `threshold` where no `limit` is drawn.
    let drawn = |value: f64| {
        let mut one = panel("a", 0, &["cpu"]);
        one.charts.charts[0].limits = vec![types::charts::Limit {
            value,
            label: "threshold".to_owned(),
            status: types::health::Status::Warning,
        }];
        one.charts.charts[0].lines = vec![grown(2..=9)];
        let html = written(&[one]);
        assert!(html.contains("<li class=\"dashed threshold\">"), "{html}");
        html.contains("class=\"limit")
    };
    assert!(drawn(0.3) && !drawn(0.8));
    let style = include_str!("../../../../../style/charts.css");
    assert!(style.contains(".chart:not(:has(.plot .limit)) .threshold { display: none; }"));
}

#[test]
fn a_series_that_ended_has_no_value_of_now_but_the_time_of_its_end() {
    let with = |line: Line| {
        let mut one = panel("a", 0, &["cpu"]);
        one.charts.charts[0].lines = vec![line];
        written(&[one])
    };
    let goes_on = with(grown(2..=9));
    assert!(goes_on.contains("<b class=\"now\">25</b>"), "{goes_on}");
    let ended = with(grown(60..=69));
    assert!(ended.contains("<b class=\"now\">–</b>"), "{ended}");
    assert!(ended.contains("<small class=\"of\">since "), "{ended}");
    let silent = {
        let mut one = panel("a", 60_000, &["cpu"]);
        one.charts.charts[0].lines = vec![grown(60..=69)];
        written(&[one])
    };
    assert!(silent.contains("<b class=\"now\">25</b>") && silent.contains(">at "));
}
