//! Charts as SVG, drawn by plotters through a backend of our own: the same bytes on the server and in the browser.
//!
//! Shapes carry classes and no colours, so that `style/charts.css` themes them; text is measured by a table and not by a
//! font, which the server does not have. No logarithm and no formatted float is used: only arithmetic that is exactly the
//! same everywhere.

mod backend;
mod decimate;
mod describe;
mod lines;
mod paint;
mod stack;
mod text;
pub mod times;
pub mod units;

use types::charts::{Chart, Line, Mark};

pub use describe::{Headline, headline};
pub use lines::{last_time, points, times as times_of, value_at};
pub use paint::{Reach, draw, reach, write_marker};
pub use times::Zone;

/// Hues, and shapes of markers, before they come again.
pub const HUES: usize = 8;

/// How many lines can be told apart, without their colour as well: each shape of marker with each kind of dash, and the
/// markers filled, hollow or shaded with it.
pub const LOOKS: usize = 3 * HUES;

/// Space around the plot, in pixels of text that is 11 pixels high: left, right, top, bottom. `style/charts.css` lays what
/// is touched over the plot by the same figures.
const MARGINS: (f64, f64, f64, f64) = (62.0, 12.0, 14.0, 22.0);

/// A chart as it shall be drawn.
#[derive(Clone, Copy)]
pub struct Picture<'a> {
    /// What is drawn.
    pub chart: &'a Chart,
    /// The time at its left edge, in milliseconds since 1970.
    pub from: i64,
    /// The time at its right edge.
    pub to: i64,
    /// What happened.
    pub marks: &'a [Mark],
    /// Which of its lines are not drawn.
    pub muted: &'a dyn Fn(&Line) -> bool,
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// How high text is, in pixels.
    pub text: u32,
    /// The zone in which times are read.
    pub zone: Zone,
    /// What its axis reaches over; where none is given, what its own values do.
    pub reach: Option<Reach>,
}

/// The plot within a picture, in pixels: left, right, top, bottom edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plot {
    /// Left edge.
    pub left: f64,
    /// Right edge.
    pub right: f64,
    /// Upper edge.
    pub top: f64,
    /// Lower edge.
    pub bottom: f64,
}

impl Plot {
    /// The plot of a picture of that size, with text of that height.
    pub fn of(width: u32, height: u32, text: u32) -> Self {
        let scale = f64::from(text) / 11.0;
        let (left, right, top, bottom) = MARGINS;
        let (width, height) = (f64::from(width), f64::from(height));
        Self {
            left: left * scale,
            right: (width - right * scale).max(left * scale + 1.0),
            top: top * scale,
            bottom: (height - bottom * scale).max(top * scale + 1.0),
        }
    }
}

/// As much of `text` as fits into so many tenths of a pixel where text is 11 pixels high.
pub fn fit(text: &str, room: u32) -> String {
    text::fit(text, 110, room)
}

/// How a line looks, by its place in the chart: its hue and the shape of its marker, plus [`HUES`] times its dash.
pub const fn look(place: usize) -> usize {
    place % LOOKS
}

#[cfg(test)]
mod tests;
