//! The charts of a host as they grow: what the event stream tells is added, what is too old leaves.

use types::charts::{Charts, Columns, Pulse, Range};

use crate::charts::last_time;

/// What became of a pulse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The charts have grown.
    Grown,
    /// Something between what the charts hold and this one was missed: they are read anew.
    Missed,
    /// It does not follow the one before, so that what stayed the same since is not known: the stream is opened anew.
    Lost,
}

/// The charts of one host.
#[derive(Clone, Debug)]
pub struct Panel {
    /// They.
    pub charts: Charts,
    /// The newest value of each series that the stream told of, by number; `None` where it can't be read.
    current: Vec<(i32, Option<f64>)>,
    /// When the last pulse was taken; 0 before the first.
    heard: i64,
    /// Of each line, in order of charts and lines: what its last point is made of.
    tails: Vec<Tail>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tail {
    /// Its last point.
    at: i64,
    sum: f64,
    count: u32,
}

/// A tick that is late by less than this is no gap, in milliseconds.
const LATE: i64 = 2_500;

impl Panel {
    /// Charts as they were read.
    pub fn new(charts: Charts) -> Self {
        let tails = tails(&charts);
        Self {
            charts,
            current: Vec::new(),
            heard: 0,
            tails,
        }
    }

    /// The charts read anew; what the stream told stays known.
    pub fn renew(&mut self, charts: Charts) {
        self.tails = tails(&charts);
        self.charts = charts;
    }

    /// Adds what the stream tells.
    pub fn take(&mut self, pulse: &Pulse, range: Range) -> Taken {
        let is_first = pulse.before == 0;
        if is_first {
            self.current.clear();
        } else if pulse.before != self.heard {
            return Taken::Lost;
        }
        for (id, value) in &pulse.samples {
            match self.current.binary_search_by_key(id, |known| known.0) {
                Ok(place) => self.current[place].1 = *value,
                Err(place) => self.current.insert(place, (*id, *value)),
            }
        }
        self.heard = pulse.at;
        // A range that stands still does not grow, but what is known does: it may go on later.
        let Range::Last(seconds) = range else {
            return Taken::Grown;
        };
        let before = self.charts.newest.unwrap_or(pulse.at);
        self.charts.newest = Some(before.max(pulse.at));
        self.grow(pulse.at);
        self.slide(pulse.at - i64::from(seconds) * 1_000, pulse.at);
        if is_first && pulse.at - before > LATE {
            Taken::Missed
        } else {
            Taken::Grown
        }
    }

    fn grow(&mut self, at: i64) {
        let lines = self
            .charts
            .charts
            .iter_mut()
            .flat_map(|chart| &mut chart.lines);
        for (line, tail) in lines.zip(&mut self.tails) {
            let place = self.current.binary_search_by_key(&line.id, |known| known.0);
            let value = place.ok().and_then(|place| self.current[place].1);
            if let Some(value) = value.filter(|_| at > tail.at) {
                push(&mut line.points, tail, at, value);
            }
        }
    }

    /// Moves the range, and lets go of what is before it.
    fn slide(&mut self, from: i64, to: i64) {
        self.charts.from = from;
        self.charts.to = to;
        for line in self
            .charts
            .charts
            .iter_mut()
            .flat_map(|chart| &mut chart.lines)
        {
            forget(&mut line.points, from);
            if let Some(before) = &mut line.before {
                forget(before, from);
            }
        }
        self.charts.marks.retain(|mark| mark.at >= from);
    }
}

fn tails(charts: &Charts) -> Vec<Tail> {
    let lines = charts.charts.iter().flat_map(|chart| &chart.lines);
    lines
        .map(|line| {
            let at = last_time(&line.points).unwrap_or_default();
            let mean = line.points.mean.last().copied().unwrap_or_default();
            // One sample a second, up to the newest.
            let seconds = (charts.newest.unwrap_or(at) - at) / 1_000 + 1;
            let count = u32::try_from(seconds).unwrap_or(1).max(1);
            Tail {
                at,
                sum: mean * f64::from(count),
                count,
            }
        })
        .collect()
}

/// Adds a sample: as a point of its own where points are samples, otherwise to the span that it falls into.
fn push(points: &mut Columns, tail: &mut Tail, at: i64, value: f64) {
    let is_samples = points.least.is_empty() && points.step <= LATE;
    let time = if is_samples {
        at
    } else {
        at.div_euclid(points.step.max(1)) * points.step.max(1)
    };
    if time <= tail.at {
        tail.sum += value;
        tail.count += 1;
        if let Some(last) = points.mean.last_mut() {
            *last = tail.sum / f64::from(tail.count);
        }
        if let Some(last) = points.least.last_mut() {
            *last = last.min(value);
        }
        if let Some(last) = points.greatest.last_mut() {
            *last = last.max(value);
        }
        return;
    }
    points.times.push(if points.times.is_empty() {
        time
    } else {
        time - tail.at
    });
    points.mean.push(value);
    if is_samples {
        points.step = points.step.max(1_000);
    } else {
        points.least.push(value);
        points.greatest.push(value);
    }
    *tail = Tail {
        at: time,
        sum: value,
        count: 1,
    };
}

/// Drops the points before `from`.
fn forget(points: &mut Columns, from: i64) {
    let mut at = 0;
    let mut first = 0;
    let is_old = |time: &&i64| {
        at += **time;
        let is_old = at < from;
        if !is_old {
            first = at;
        }
        is_old
    };
    let old = points.times.iter().take_while(is_old).count();
    if old == 0 {
        return;
    }
    points.times.drain(..old);
    if let Some(time) = points.times.first_mut() {
        *time = first;
    }
    for values in [&mut points.mean, &mut points.least, &mut points.greatest] {
        values.drain(..old.min(values.len()));
    }
}

#[cfg(test)]
mod tests {
    use types::charts::{Chart, Line};

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
        panel.renew(newer);
        panel.take(&pulse(3_000, 4_000, &[]), LAST);
        assert_eq!(points(&panel).times, [START, 1_000, 1_000, 1_000, 1_000]);
    }
}
