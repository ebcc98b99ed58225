//! The charts of a host as they grow: what the event stream tells is added, what is too old leaves.

mod points;

use types::charts::{Charts, Pulse, Range};

use points::{LATE, Tail, forget, push, tails};

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

#[cfg(test)]
mod tests;
