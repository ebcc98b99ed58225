//! The last lines of a log: as many as a page can hold without getting slow.

use std::collections::VecDeque;

use types::deployment::LogLine;

/// The most lines kept; the oldest go first.
pub const MOST_LINES: usize = 5_000;

/// The last lines, the oldest first, each with a number that grows by one a line.
#[derive(Debug, Default)]
pub struct Window {
    lines: VecDeque<LogLine>,
    /// The number of the line that comes next.
    next: u64,
}

impl Window {
    /// Adds lines at the end.
    pub fn extend(&mut self, lines: impl IntoIterator<Item = LogLine>) {
        for line in lines {
            if self.lines.len() == MOST_LINES {
                self.lines.pop_front();
            }
            self.lines.push_back(line);
            self.next += 1;
        }
    }

    /// Forgets every line; numbers go on.
    pub fn clear(&mut self) {
        self.lines.clear();
    }

    /// Whether there is no line.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The number of the oldest line; where there is none, of the one that comes next.
    pub fn first(&self) -> u64 {
        self.next - self.lines.len() as u64
    }

    /// The number of the line that comes next.
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// The lines from a number on, the oldest first, with their numbers.
    pub fn from(&self, number: u64) -> impl Iterator<Item = (u64, &LogLine)> {
        let first = self.first();
        let passed = usize::try_from(number.saturating_sub(first)).unwrap_or(usize::MAX);
        (first..).zip(&self.lines).skip(passed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(message: &str) -> LogLine {
        LogLine {
            message: message.to_owned(),
            ..LogLine::default()
        }
    }

    #[test]
    fn the_oldest_lines_go_first() {
        let mut window = Window::default();
        window.extend((0..MOST_LINES + 10).map(|n| line(&n.to_string())));
        let lines: Vec<_> = window.from(0).collect();
        assert_eq!(lines.len(), MOST_LINES);
        let told = |line: Option<&(u64, &LogLine)>| line.map(|one| (one.0, one.1.message.clone()));
        assert_eq!(told(lines.first()), Some((10, "10".to_owned())));
        let last = MOST_LINES as u64 + 9;
        assert_eq!(told(lines.last()), Some((last, last.to_string())));
        assert_eq!((window.first(), window.next()), (10, last + 1));
        assert_eq!(window.from(last).count(), 1);
        assert_eq!(window.from(last + 1).count(), 0);
    }

    #[test]
    fn numbers_are_never_given_twice() {
        let mut window = Window::default();
        window.extend([line("a")]);
        window.clear();
        assert!(window.is_empty());
        assert_eq!(window.first(), 1);
        window.extend([line("b")]);
        assert_eq!(window.from(0).map(|one| one.0).next(), Some(1));
    }
}
