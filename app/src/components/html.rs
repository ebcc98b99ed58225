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
        self.escaped(value);
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
        self.escaped(text);
        self
    }

    fn escaped(&mut self, text: &str) {
        let mut from = 0;
        for (at, byte) in text.bytes().enumerate() {
            let entity = match byte {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                b'\'' => "&#39;",
                _ => continue,
            };
            self.0.push_str(text.get(from..at).unwrap_or_default());
            self.0.push_str(entity);
            from = at + 1;
        }
        self.0.push_str(text.get(from..).unwrap_or_default());
    }

    /// Draws a chart.
    pub fn chart(&mut self, picture: &Picture<'_>) -> &mut Self {
        self.0.push_str(&charts::draw(picture));
        self
    }

    /// Draws the marker by which a series is told from the others, for a legend.
    pub fn marker(&mut self, hue: usize) -> &mut Self {
        charts::write_marker(&mut self.0, hue);
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
}
