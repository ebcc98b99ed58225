//! The last lines of a log: as many as a page can hold without getting slow.

use std::{collections::VecDeque, sync::Arc};

use types::deployment::LogLine;

use super::line::{Line, Severity};

/// The most lines kept; the oldest go first.
pub const MOST_LINES: usize = 2_000;

/// The last lines, the oldest first.
#[derive(Clone, Debug, Default)]
pub struct Window {
    lines: VecDeque<Line>,
    next: u64,
}

impl Window {
    /// Adds lines at the end.
    pub fn extend(&mut self, lines: impl IntoIterator<Item = LogLine>) {
        for text in lines {
            if self.lines.len() == MOST_LINES {
                self.lines.pop_front();
            }
            self.lines.push_back(Line {
                number: self.next,
                text: Arc::new(text),
            });
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

    /// The lines that a search (in lower case) hits and that are grave enough.
    pub fn matching(&self, words: &str, least: Severity) -> Vec<Line> {
        self.lines
            .iter()
            .filter(|line| line.matches(words, least))
            .cloned()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_lines_go_first() {
        let mut window = Window::default();
        window.extend((0..MOST_LINES + 10).map(|n| LogLine {
            message: n.to_string(),
            ..LogLine::default()
        }));
        let lines = window.matching("", Severity::Any);
        assert_eq!(lines.len(), MOST_LINES);
        assert_eq!(
            lines.first().map(|line| line.text.message.as_str()),
            Some("10")
        );
        assert_eq!(
            lines.last().map(|line| line.number),
            Some(MOST_LINES as u64 + 9)
        );
    }

    #[test]
    fn numbers_are_never_given_twice() {
        let mut window = Window::default();
        window.extend([LogLine::default()]);
        window.clear();
        assert!(window.is_empty());
        window.extend([LogLine::default()]);
        assert_eq!(
            window
                .matching("", Severity::Any)
                .first()
                .map(|line| line.number),
            Some(1)
        );
    }
}
