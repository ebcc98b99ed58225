//! The charts of a host as they grow: what the event stream tells is added, what is too old leaves.

mod points;

use types::charts::{Charts, Pulse, Range};

use points::{LATE, Tail, follow, forget, push, tails};

/// For series that no chart had yet the charts are read anew at most this often, in milliseconds.
const NEW_EVERY: i64 = 5_000;

/// A host that is this far behind is not waited for, in milliseconds.
const SILENT: i64 = 5_000;

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
    /// The stream told of something that the charts may lack.
    is_incomplete: bool,
    /// When the charts were last to be read anew for that; 0 before the first time.
    completed: i64,
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
            is_incomplete: false,
            completed: 0,
        }
    }

    /// The charts read anew, over `range`; what the stream told stays known, and what it told meanwhile is added.
    pub fn renew(&mut self, charts: Charts, range: Range) {
        self.tails = tails(&charts);
        let old = std::mem::replace(&mut self.charts, charts);
        let Range::Last(seconds) = range else { return };
        let is_older = old.newest > self.charts.newest;
        let old_lines = || old.charts.iter().flat_map(|chart| &chart.lines);
        let lines = self.charts.charts.iter_mut();
        for (line, tail) in lines
            .flat_map(|chart| &mut chart.lines)
            .zip(&mut self.tails)
        {
            if let Some(heard) = old_lines().find(|old| old.id == line.id) {
                let is_whole = follow(&mut line.points, tail, &heard.points);
                self.is_incomplete |= is_older && !is_whole;
            }
        }
        if is_older && let Some(newest) = old.newest {
            self.charts.newest = old.newest;
            self.slide(newest - i64::from(seconds) * 1_000, newest);
        }
    }

    /// Adds what the stream tells.
    pub fn take(&mut self, pulse: &Pulse, range: Range) -> Taken {
        let is_first = pulse.before == 0;
        if is_first {
            self.current.clear();
        } else if pulse.before != self.heard {
            return Taken::Lost;
        }
        let known = self.current.len();
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
        let newest = self.charts.newest;
        self.charts.newest = newest.max(Some(pulse.at));
        // What is told once more is there already.
        if newest < Some(pulse.at) {
            self.grow(pulse.at);
        }
        self.slide(pulse.at - i64::from(seconds) * 1_000, pulse.at);
        let has_hole = newest.is_none_or(|newest| pulse.at - newest > LATE);
        self.is_incomplete |= !is_first && self.current.len() > known;
        let is_due = self.is_incomplete && pulse.at - self.completed >= NEW_EVERY;
        if is_due {
            self.is_incomplete = false;
            self.completed = pulse.at;
        }
        if is_due || is_first && has_hole {
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

    /// Time passes, of which nothing is heard: the range goes on nevertheless.
    pub fn pass(&mut self, seconds: u32, now: i64) {
        if self.charts.to < now - SILENT {
            self.slide(now - i64::from(seconds) * 1_000, now);
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
