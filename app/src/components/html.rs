//! HTML as text, for what a page has by the hundreds: there views, each with its own state, cost too much.
//!
//! Only tags, classes and names of attributes go in as they are, and they are literals; all else is escaped.

use crate::charts::{self, Picture};

/// HTML that is being written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// Makes room for so many more bytes.
    pub fn reserve(&mut self, bytes: usize) {
        self.0.reserve(bytes);
    }

    /// Begins an element. An empty `class` writes none.
    pub fn start(
        &mut self,
        tag: &'static str,
        class: &'static str,
        attributes: &[(&'static str, &str)],
    ) -> &mut Self {
        self.0.push('<');
        self.0.push_str(tag);
        if !class.is_empty() {
            self.attribute("class", class);
        }
        for (name, value) in attributes {
            self.attribute(name, value);
        }
        self.0.push('>');
        self
    }

    fn attribute(&mut self, name: &'static str, value: &str) {
        self.0.push(' ');
        self.0.push_str(name);
        self.0.push_str("=\"");
        escape(&mut self.0, value);
        self.0.push('"');
    }

    /// Ends the element that was begun last.
    pub fn end(&mut self, tag: &'static str) -> &mut Self {
        self.0.push_str("</");
        self.0.push_str(tag);
        self.0.push('>');
        self
    }

    /// Writes text.
    pub fn text(&mut self, text: &str) -> &mut Self {
        escape(&mut self.0, text);
        self
    }

    /// Draws a chart.
    pub fn chart(&mut self, picture: &Picture<'_>) -> &mut Self {
        self.0.push_str(&charts::draw(picture));
        self
    }

    /// Draws the line and marker by which a series is told from the others, for a legend.
    pub fn marker(&mut self, look: usize) -> &mut Self {
        charts::write_marker(&mut self.0, look);
        self
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, taken out.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// Writes text so that it stays text, within an element and within a quoted attribute, in HTML and in an SVG file: XML knows
/// no control characters. Every value that comes into text that is HTML goes through here.
pub fn escape(out: &mut String, text: &str) {
    let mut from = 0;
    for (at, letter) in text.char_indices() {
        let instead = match letter {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\'' => "&#39;",
            '\u{fffe}' | '\u{ffff}' => "\u{fffd}",
            '\n' | '\t' => continue,
            letter if letter < ' ' => " ",
            _ => continue,
        };
        out.push_str(text.get(from..at).unwrap_or_default());
        out.push_str(instead);
        from = at + letter.len_utf8();
    }
    out.push_str(text.get(from..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_cannot_break_out() {
        let mut html = Html::default();
        html.start("a", "btn", &[("title", "\"><script>'&")])
            .text("<b>&amp;</b> ü")
            .end("a");
        assert_eq!(
            html.as_str(),
            "<a class=\"btn\" title=\"&quot;&gt;&lt;script&gt;&#39;&amp;\">&lt;b&gt;&amp;amp;&lt;/b&gt; ü</a>"
        );
    }
    #[test]
    fn each_letter_that_means_something_is_text() {
        let escaped = |text: &str| {
            let mut out = String::new();
            escape(&mut out, text);
            out
        };
        for (letter, text) in [
            ("<", "&lt;"),
            (">", "&gt;"),
            ("&", "&amp;"),
            ("\"", "&quot;"),
            ("'", "&#39;"),
        ] {
            assert_eq!(escaped(letter), text);
            assert_eq!(escaped(&format!("ü{letter}x")), format!("ü{text}x"));
        }
        // What was escaped before is text as well.
        assert_eq!(escaped("&lt;script&gt;"), "&amp;lt;script&amp;gt;");
        assert_eq!(escaped("\u{1b}[31mred\u{1b}[0m"), " [31mred [0m");
        assert_eq!(escaped("a\0b\r\u{ffff}"), "a b \u{fffd}");
        assert_eq!(escaped("a\n\tb"), "a\n\tb");
        assert_eq!(escaped(""), "");
    }
}
