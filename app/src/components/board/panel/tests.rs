use types::charts::{Chart, Columns, Line};

use super::*;

const START: i64 = 1_764_000_000_000;

fn panel(step: i64, times: &[i64], is_banded: bool) -> Panel {
    let mean = vec![1.0; times.len()];
    let bounds = if is_banded { mean.clone() } else { Vec::new() };
    let line = Line {
        id: 7,
        label: "a".to_owned(),
        points: Columns {
            step,
            times: times.to_vec(),
            mean,
            least: bounds.clone(),
            greatest: bounds,
        },
        before: None,
    };
    Panel::new(Charts {
        host: "box".to_owned(),
        hosts: Vec::new(),
        own: "box".to_owned(),
        from: START,
        to: START + 10_000,
        newest: Some(START + 2_000),
        charts: vec![Chart {
            id: "cpu".to_owned(),
            title: "CPU".to_owned(),
            unit: "1".to_owned(),
            is_stacked: false,
            most: None,
            limits: Vec::new(),
            left_out: 0,
            lines: vec![line],
        }],
        marks: Vec::new(),
        unreadable: Vec::new(),
    })
}

fn pulse(before: i64, at: i64, samples: &[(i32, Option<f64>)]) -> Pulse {
    Pulse {
        host: "box".to_owned(),
        at: START + at,
        before: if before == 0 { 0 } else { START + before },
        samples: samples.to_vec(),
    }
}

fn points(panel: &Panel) -> &Columns {
    &panel.charts.charts[0].lines[0].points
}

const LAST: Range = Range::Last(10);

#[test]
fn a_value_that_stays_is_told_once_and_drawn_each_second() {
    let mut panel = panel(1_000, &[START, 1_000, 1_000], false);
    assert_eq!(
        panel.take(&pulse(0, 3_000, &[(7, Some(5.0)), (9, Some(1.0))]), LAST),
        Taken::Grown
    );
    assert_eq!(
        panel.take(&pulse(3_000, 4_000, &[(9, Some(2.0))]), LAST),
        Taken::Grown
    );
    assert_eq!(points(&panel).mean, [1.0, 1.0, 1.0, 5.0, 5.0]);
    assert_eq!(panel.charts.newest, Some(START + 4_000));
}

#[test]
fn what_can_not_be_read_any_more_begins_a_gap() {
    let mut panel = panel(1_000, &[START, 1_000, 1_000], false);
    panel.take(&pulse(0, 3_000, &[(7, Some(5.0))]), LAST);
    panel.take(&pulse(3_000, 4_000, &[(7, None)]), LAST);
    panel.take(&pulse(4_000, 5_000, &[]), LAST);
    panel.take(&pulse(5_000, 6_000, &[(7, Some(6.0))]), LAST);
    assert_eq!(points(&panel).times, [START, 1_000, 1_000, 1_000, 3_000]);
}

#[test]
fn a_pulse_that_was_missed_is_noticed() {
    let mut panel = panel(1_000, &[START, 1_000, 1_000], false);
    panel.take(&pulse(0, 3_000, &[(7, Some(5.0))]), LAST);
    assert_eq!(panel.take(&pulse(4_000, 5_000, &[]), LAST), Taken::Lost);
    // A stream that began later than the page was made has a hole before it.
    assert_eq!(
        panel.take(&pulse(0, 60_000, &[(7, Some(5.0))]), LAST),
        Taken::Missed
    );
    assert_eq!(panel.take(&pulse(60_000, 61_000, &[]), LAST), Taken::Grown);
}

#[test]
fn memory_is_bounded_by_the_range() {
    let mut panel = panel(1_000, &[START, 1_000, 1_000], false);
    let mut before = 0;
    for second in 3..500 {
        panel.take(&pulse(before, second * 1_000, &[(7, Some(5.0))]), LAST);
        before = second * 1_000;
    }
    let columns = points(&panel);
    assert_eq!(columns.times.len(), 11);
    assert_eq!(columns.times[0], START + 489_000);
    assert_eq!(columns.mean.len(), 11);
    assert_eq!(
        (panel.charts.from, panel.charts.to),
        (START + 489_000, START + 499_000)
    );
}

#[test]
fn samples_are_gathered_into_the_span_that_they_fall_into() {
    let mut panel = panel(5_000, &[START], true);
    for second in 3..8 {
        let before = if second == 3 { 0 } else { (second - 1) * 1_000 };
        panel.take(
            &pulse(before, second * 1_000, &[(7, Some(5.0))]),
            Range::Last(60),
        );
    }
    let columns = points(&panel);
    assert_eq!(columns.times, [START, 5_000]);
    // Three seconds of 1 were there, two of 5 came.
    assert_eq!(columns.mean, [2.6, 5.0]);
    assert_eq!((columns.least[0], columns.greatest[0]), (1.0, 5.0));
}

#[test]
fn a_range_that_stands_still_stands_still() {
    let mut panel = panel(1_000, &[START, 1_000, 1_000], false);
    panel.take(
        &pulse(0, 3_000, &[(7, Some(5.0))]),
        Range::Between(START, START + 10_000),
    );
    assert_eq!(panel.charts.from, START);
    assert_eq!(points(&panel).mean.len(), 3);
    assert_eq!(panel.charts.newest, Some(START + 2_000));
}

#[test]
fn what_was_read_anew_is_not_doubled_by_what_was_told() {
    let mut panel = panel(1_000, &[START, 1_000, 1_000], false);
    panel.take(&pulse(0, 3_000, &[(7, Some(5.0))]), LAST);
    let newer = Panel::new(panel.charts.clone()).charts;
    panel.renew(newer, LAST);
    panel.take(&pulse(3_000, 4_000, &[]), LAST);
    assert_eq!(points(&panel).times, [START, 1_000, 1_000, 1_000, 1_000]);
}

#[test]
fn what_was_told_while_the_charts_were_read_leaves_no_gap() {
    let times = [START, 1_000, 1_000];
    let answer = |step, is_banded| panel(step, &times, is_banded).charts;
    let heard = || {
        let mut panel = panel(1_000, &times, false);
        panel.take(&pulse(0, 3_000, &[(7, Some(5.0))]), LAST);
        panel.take(&pulse(3_000, 4_000, &[(7, Some(6.0))]), LAST);
        panel
    };
    let mut live = heard();
    live.renew(answer(1_000, false), LAST);
    assert_eq!(points(&live).mean, [1.0, 1.0, 1.0, 5.0, 6.0]);
    assert_eq!(points(&live).times, [START, 1_000, 1_000, 1_000, 1_000]);
    assert_eq!(live.charts.newest, Some(START + 4_000));
    assert_eq!(live.charts.to, START + 4_000);
    assert_eq!(
        live.take(&pulse(4_000, 5_000, &[]), LAST),
        Taken::Grown,
        "nothing is missing"
    );
    assert_eq!(points(&live).times.len(), 6);
    let mut still = heard();
    let range = Range::Between(START, START + 10_000);
    still.renew(answer(1_000, false), range);
    assert_eq!(points(&still).mean, [1.0, 1.0, 1.0]);
    // Spans can't be followed by samples: they are read once more where that shows.
    let mut finer = panel(5_000, &[START], true);
    finer.take(&pulse(0, 6_000, &[(7, Some(5.0))]), LAST);
    finer.renew(answer(1_000, false), LAST);
    assert_eq!(finer.take(&pulse(6_000, 7_000, &[]), LAST), Taken::Missed);
    assert_eq!(finer.take(&pulse(7_000, 8_000, &[]), LAST), Taken::Grown);
    let mut coarser = heard();
    coarser.renew(answer(5_000, true), LAST);
    assert_eq!(coarser.take(&pulse(4_000, 5_000, &[]), LAST), Taken::Grown);
}

#[test]
fn of_a_series_that_is_new_the_charts_are_read_soon_and_not_too_often() {
    let mut panel = panel(1_000, &[START, 1_000, 1_000], false);
    panel.take(&pulse(0, 3_000, &[(7, Some(5.0)), (8, Some(1.0))]), LAST);
    let mut take = |second: i64, ids: &[i32]| {
        let samples: Vec<_> = ids.iter().map(|id| (*id, Some(1.0))).collect();
        let (before, at) = ((second - 1) * 1_000, second * 1_000);
        panel.take(&pulse(before, at, &samples), LAST)
    };
    assert_eq!(take(4, &[7, 8]), Taken::Grown);
    assert_eq!(take(5, &[9]), Taken::Missed);
    assert_eq!(take(6, &[9]), Taken::Grown);
    assert_eq!(take(7, &[10]), Taken::Grown, "a moment ago it was read");
    for second in 8..10 {
        assert_eq!(take(second, &[]), Taken::Grown);
    }
    assert_eq!(take(10, &[]), Taken::Missed, "it is not forgotten");
    assert_eq!(take(11, &[]), Taken::Grown);
}

#[test]
fn charts_that_were_read_before_the_first_sample_are_read_again() {
    let mut panel = panel(1_000, &[], false);
    panel.charts.newest = None;
    assert_eq!(
        panel.take(&pulse(0, 3_000, &[(9, Some(5.0))]), LAST),
        Taken::Missed
    );
    assert_eq!(panel.take(&pulse(3_000, 4_000, &[]), LAST), Taken::Grown);
}

#[test]
fn what_is_told_once_more_does_not_count_twice() {
    let mut panel = panel(5_000, &[START], true);
    for second in [3, 4] {
        let before = if second == 3 { 0 } else { 3_000 };
        panel.take(
            &pulse(before, second * 1_000, &[(7, Some(5.0))]),
            Range::Last(60),
        );
    }
    let known = points(&panel).clone();
    // Opened anew for another host that is behind, the stream begins earlier.
    panel.take(&pulse(0, 3_000, &[(7, Some(5.0))]), Range::Last(60));
    panel.take(&pulse(3_000, 4_000, &[]), Range::Last(60));
    assert_eq!(*points(&panel), known);
    panel.take(&pulse(4_000, 5_000, &[]), Range::Last(60));
    assert_eq!(points(&panel).times, [START, 5_000]);
}

#[test]
fn the_range_of_a_host_that_is_silent_goes_on_beside_others() {
    let mut panel = panel(1_000, &[START, 1_000, 1_000], false);
    panel.pass(10, START + 12_000);
    assert_eq!(panel.charts.to, START + 10_000, "it may be heard yet");
    panel.pass(10, START + 16_000);
    assert_eq!(
        (panel.charts.from, panel.charts.to),
        (START + 6_000, START + 16_000)
    );
    assert_eq!(panel.charts.newest, Some(START + 2_000));
    assert!(points(&panel).times.is_empty());
}
