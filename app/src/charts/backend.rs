//! Where plotters draws: SVG that says what a shape is and leaves its looks to the style sheet.
//!
//! Coordinates are tenths of a pixel, for whole pixels make a slow rise a staircase. What a shape is travels through
//! plotters as its colour.

use std::{convert::Infallible, fmt::Write};

use plotters::style::{
    RGBAColor,
    text_anchor::{HPos, VPos},
};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};

use super::{HUES, text};
use crate::components::html::escape;

/// What a shape is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Ink {
    /// A line behind the plot at a labelled value.
    Grid,
    /// The line that everything stands on.
    Base,
    /// A label of an axis.
    Axis,
    /// A series, by its look.
    Line,
    /// What lies below a series.
    Area,
    /// From least to greatest around a series.
    Band,
    /// A series as it was before.
    Before,
    /// The shape that tells a series from the others.
    Marker,
    /// A threshold, by its status.
    Limit,
    /// Its label.
    LimitLabel,
    /// When something happened, by its status.
    Mark,
    /// The shape on top of that.
    Flag,
    /// Text in place of a plot.
    Nothing,
    /// A series' line in a legend, by its look.
    Key,
}

const NAMES: [&str; 14] = [
    "grid",
    "base",
    "axis",
    "line h",
    "area h",
    "band h",
    "before h",
    "marker h",
    "limit s",
    "limit-label s",
    "mark s",
    "flag s",
    "nothing",
    "key h",
];

impl Ink {
    /// It as plotters hands it on, of the look or status `n`.
    #[expect(clippy::cast_possible_truncation, reason = "five bits")]
    pub const fn of(self, n: usize) -> RGBAColor {
        RGBAColor(self as u8, (n & 31) as u8, 0, 1.0)
    }
}

/// SVG that is being written.
pub struct Svg<'a> {
    out: &'a mut String,
    size: (u32, u32),
    text: u32,
}

impl<'a> Svg<'a> {
    /// Writes elements into `out`; the size and the height of text are in tenths of a pixel.
    pub const fn new(out: &'a mut String, size: (u32, u32), text: u32) -> Self {
        Self { out, size, text }
    }

    fn class(&mut self, color: BackendColor) {
        let (name, n) = (usize::from(color.rgb.0), color.rgb.1);
        let name = NAMES.get(name).copied().unwrap_or_default();
        self.out.push_str(" class=\"");
        self.out.push_str(name);
        if name.ends_with(" s") {
            let _ = write!(self.out, "{n}");
        } else if name.ends_with(" h") {
            let look = usize::from(n);
            let _ = write!(self.out, "{}", look % HUES);
            if look >= HUES {
                let _ = write!(self.out, " d{}", look / HUES);
            }
        }
        self.out.push('"');
    }

    fn path(
        &mut self,
        color: BackendColor,
        points: impl IntoIterator<Item = BackendCoord>,
        close: bool,
    ) {
        self.out.push_str("<path");
        self.class(color);
        self.out.push_str(" d=\"");
        let mut last: Option<BackendCoord> = None;
        let mut count = 0;
        for (x, y) in points {
            count += 1;
            match last {
                None => {
                    self.out.push('M');
                    tenths(self.out, x);
                    self.out.push(' ');
                    tenths(self.out, y);
                }
                Some((before, same)) if same == y => {
                    self.out.push('h');
                    tenths(self.out, x - before);
                }
                Some((same, before)) if same == x => {
                    self.out.push('v');
                    tenths(self.out, y - before);
                }
                Some((before_x, before_y)) => {
                    self.out.push('l');
                    tenths(self.out, x - before_x);
                    if y >= before_y {
                        self.out.push(' ');
                    }
                    tenths(self.out, y - before_y);
                }
            }
            last = Some((x, y));
        }
        // A sample alone: round ends make a dot of a line of no length.
        if count == 1 {
            self.out.push_str("h0");
        }
        if close {
            self.out.push('z');
        }
        self.out.push_str("\"/>");
    }
}

/// Writes tenths as a decimal number without needless digits: `123` is `12.3`, `-4` is `-.4`.
pub fn tenths(out: &mut String, value: i32) {
    if value < 0 {
        out.push('-');
    }
    let (whole, rest) = (value.unsigned_abs() / 10, value.unsigned_abs() % 10);
    if whole > 0 || rest == 0 {
        let _ = write!(out, "{whole}");
    }
    if rest > 0 {
        let _ = write!(out, ".{rest}");
    }
}

type Done = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Svg<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Done {
        Ok(())
    }

    fn present(&mut self) -> Done {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Done {
        self.path(color, [point], false);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Done {
        self.path(style.color(), [from, to], false);
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Done {
        self.path(style.color(), path, false);
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Done {
        self.path(style.color(), vert, true);
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, pos: BackendCoord) -> Done {
        self.out.push_str("<text");
        self.class(style.color());
        match style.anchor().h_pos {
            HPos::Left => (),
            HPos::Center => self.out.push_str(" text-anchor=\"middle\""),
            HPos::Right => self.out.push_str(" text-anchor=\"end\""),
        }
        // Letters stand on their line: a third of their height above the middle, three quarters below the top.
        let height = i32::try_from(self.text).unwrap_or_default();
        let down = match style.anchor().v_pos {
            VPos::Top => height * 3 / 4,
            VPos::Center => height * 36 / 100,
            VPos::Bottom => 0,
        };
        self.out.push_str(" x=\"");
        tenths(self.out, pos.0);
        self.out.push_str("\" y=\"");
        tenths(self.out, pos.1 + down);
        self.out.push_str("\">");
        escape(self.out, text);
        self.out.push_str("</text>");
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        _style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        Ok((text::width(text, self.text), self.text))
    }
}
