//! Lines that were heard and are not in the page yet.

use std::collections::VecDeque;

use types::deployment::LogLine;

use super::window::{MOST_LINES, Window};

/// The lines, the oldest first.
#[derive(Clone, Debug)]
pub struct Gathered {
    lines: VecDeque<LogLine>,
    /// The next line is the first of a new stream, which tells again what was told before.
    begins: bool,
    /// The lines take the place of those in the page.
    replaces: bool,
}

impl Default for Gathered {
    fn default() -> Self {
        Self {
            lines: VecDeque::new(),
            begins: true,
            replaces: false,
        }
    }
}

impl Gathered {
    /// A stream is open, anew or at first. Until it says something, what is known stays.
    pub fn begin(&mut self) {
        self.begins = true;
    }

    /// Takes a line; the oldest go first where there are too many.
    pub fn push(&mut self, line: LogLine) {
        if std::mem::take(&mut self.begins) {
            self.lines.clear();
            self.replaces = true;
        }
        if self.lines.len() == MOST_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    /// How many lines wait.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Gives the page what was gathered. Only here is anything in it replaced, so that a pause holds.
    pub fn add_to(&mut self, window: &mut Window) {
        if std::mem::take(&mut self.replaces) {
            window.clear();
        }
        window.extend(std::mem::take(&mut self.lines));
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

    fn shown(window: &Window) -> Vec<String> {
        window.from(0).map(|one| one.1.message.clone()).collect()
    }

    #[test]
    fn a_new_stream_replaces_the_page_only_when_it_is_given() {
        let (mut gathered, mut window) = (Gathered::default(), Window::default());
        gathered.push(line("a"));
        gathered.push(line("b"));
        gathered.add_to(&mut window);
        gathered.push(line("c"));
        gathered.add_to(&mut window);
        assert_eq!(shown(&window), ["a", "b", "c"]);

        // Paused, while the stream is cut and tells its last lines again.
        gathered.push(line("lost"));
        gathered.begin();
        assert_eq!(gathered.len(), 1);
        for text in ["b", "c", "d"] {
            gathered.push(line(text));
        }
        assert_eq!(shown(&window), ["a", "b", "c"]);
        assert_eq!(gathered.len(), 3);
        gathered.add_to(&mut window);
        assert_eq!(shown(&window), ["b", "c", "d"]);
    }

    #[test]
    fn the_oldest_lines_that_wait_go_first() {
        let mut gathered = Gathered::default();
        for number in 0..MOST_LINES + 5 {
            gathered.push(line(&number.to_string()));
        }
        let mut window = Window::default();
        gathered.add_to(&mut window);
        assert_eq!(shown(&window).first().map(String::as_str), Some("5"));
    }
}
