//! Writes the exposition format, version 0.0.4.

use std::fmt::Write;

/// The answer as it grows.
#[derive(Debug, Default)]
pub struct Text {
    written: String,
    name: &'static str,
}

/// Names and values of labels.
pub type Labels<'a> = &'a [(&'a str, &'a str)];

impl Text {
    /// A figure that goes up and down; further ones of its family follow by [`Text::more`].
    pub fn gauge(&mut self, name: &'static str, help: &str, labels: Labels<'_>, value: f64) {
        self.family(name, "gauge", help);
        self.more(labels, value);
    }

    /// A figure that only grows.
    pub fn counter(&mut self, name: &'static str, help: &str, labels: Labels<'_>, value: u64) {
        self.family(name, "counter", help);
        self.more(labels, value);
    }

    /// Begins a family of figures.
    pub fn family(&mut self, name: &'static str, kind: &str, help: &str) {
        self.name = name;
        // Writing to a string can't fail.
        let _ = writeln!(self.written, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// One figure of the family begun last.
    pub fn more(&mut self, labels: Labels<'_>, value: impl std::fmt::Display) {
        self.sample("", labels, value);
    }

    /// One figure of the family with an ending to its name, e.g. `_sum`.
    pub fn sample(&mut self, ending: &str, labels: Labels<'_>, value: impl std::fmt::Display) {
        self.written.push_str(self.name);
        self.written.push_str(ending);
        for (index, (name, text)) in labels.iter().enumerate() {
            self.written.push(if index == 0 { '{' } else { ',' });
            let _ = write!(self.written, "{name}=\"{}\"", escape(text));
        }
        if !labels.is_empty() {
            self.written.push('}');
        }
        let _ = writeln!(self.written, " {value}");
    }

    /// All that was written.
    pub fn finish(self) -> String {
        self.written
    }
}

/// Backslashes, quotes and line ends would end a label early.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_label_stays_one_label() {
        let mut text = Text::default();
        text.gauge("up", "Up.", &[("service", "a\"} 1\nup{x=\"\\")], 0.5);
        assert_eq!(
            text.finish(),
            "# HELP up Up.\n# TYPE up gauge\nup{service=\"a\\\"} 1\\nup{x=\\\"\\\\\"} 0.5\n"
        );
    }
}
