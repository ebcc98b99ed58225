//! Draws a chart.

use std::{convert::Infallible, fmt::Write};

use plotters::{
    coord::types::RangedCoordf64,
    drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea},
    prelude::Cartesian2d,
};
use types::charts::{Columns, Line};

use super::{
    Picture, Plot,
    backend::{Ink, Svg},
    describe,
    lines::{self, Point},
    look, stack,
    units::{self, Axis},
};
use crate::components::html::escape;

mod around;
mod inside;
mod marker;
mod reach;

use around::{dates, grid, limits, marks, nothing};
use inside::Inside;
pub use marker::write_marker;
pub use reach::{Reach, reach};

type Done = Result<(), DrawingAreaErrorKind<Infallible>>;
type Area<'a, C> = DrawingArea<Svg<'a>, C>;
type Values = Cartesian2d<RangedCoordf64, RangedCoordf64>;

/// The chart as an `<svg>`.
pub fn draw(picture: &Picture<'_>) -> String {
    let mut svg = String::with_capacity(16 * 1_024);
    let (width, height, text) = (picture.width, picture.height, picture.text);
    let _ = write!(
        svg,
        "<svg class=\"plot\" viewBox=\"0 0 {width} {height}\" font-size=\"{text}\" role=\"img\"><title>"
    );
    escape(&mut svg, &picture.chart.title);
    svg.push_str("</title><desc>");
    escape(&mut svg, &describe::summary(picture));
    svg.push_str("</desc>");
    let before = svg.len();
    // The backend can't fail; were it to, a chart without its lines would tell less than none.
    if paint(picture, &mut svg).is_err() {
        svg.truncate(before);
    }
    svg.push_str("</svg>");
    svg
}

/// A line as it is drawn: its runs of (time, value, lower, upper edge).
struct Shape<'a> {
    line: &'a Line,
    look: usize,
    runs: Vec<Vec<Point>>,
}

/// Where everything stands, in tenths of a pixel.
struct Place {
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
    text: i32,
}

fn paint(picture: &Picture<'_>, out: &mut String) -> Done {
    let place = Place::of(picture);
    let size = (picture.width * 10, picture.height * 10);
    let root = Svg::new(out, size, picture.text * 10).into_drawing_area();
    let shapes = shapes(picture);
    let before = before(picture, &shapes);
    if shapes.iter().all(|shape| shape.runs.is_empty())
        && before.iter().all(|(_, runs)| runs.is_empty())
    {
        return nothing(&root, picture, &place);
    }
    let axis = axis(picture, &shapes, &before);
    let values = Cartesian2d::new(
        0.0..span(picture),
        axis.bottom..axis.top,
        (place.left..place.right, place.bottom..place.top),
    );
    let area: Area<'_, Values> = root.apply_coord_spec(values);
    grid(&root, &area, &axis, &place)?;
    dates(&root, picture, &place)?;
    let inside = Inside {
        picture,
        area: &area,
        axis: &axis,
    };
    for (look, runs) in &before {
        inside.runs(runs, Ink::Before, *look)?;
    }
    // From the top of a stack down, so that the line of one is not under the area of the next.
    for shape in shapes.iter().rev() {
        inside.shape(shape)?;
    }
    if shapes.len() > 1 {
        for (nth, shape) in shapes.iter().enumerate() {
            inside.markers(shape, nth, shapes.len(), &root)?;
        }
    }
    limits(&root, &inside, &place)?;
    marks(&root, picture, &place)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "ranges of time are far below 2^52"
)]
fn span(picture: &Picture<'_>) -> f64 {
    (picture.to - picture.from).max(1) as f64
}

impl Place {
    fn of(picture: &Picture<'_>) -> Self {
        let plot = Plot::of(picture.width, picture.height, picture.text);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a picture has some thousand pixels"
        )]
        let tenths = |pixels: f64| (pixels * 10.0 + 0.5).floor() as i32;
        Self {
            left: tenths(plot.left),
            right: tenths(plot.right),
            top: tenths(plot.top),
            bottom: tenths(plot.bottom),
            text: i32::try_from(picture.text * 10).unwrap_or(110),
        }
    }

    /// How many labels of that width find room side by side.
    fn labels(&self, width: i32) -> i64 {
        i64::from((self.right - self.left) / (width * self.text / 110).max(1)).max(2)
    }

    fn x(&self, at: i64, picture: &Picture<'_>) -> i32 {
        let (within, span) = (at - picture.from, (picture.to - picture.from).max(1));
        let width = i64::from(self.right - self.left);
        self.left + i32::try_from(within.saturating_mul(width) / span).unwrap_or_default()
    }
}

fn shapes<'a>(picture: &Picture<'a>) -> Vec<Shape<'a>> {
    let Picture {
        chart, from, to, ..
    } = *picture;
    let shown = || {
        chart
            .lines
            .iter()
            .enumerate()
            .filter(|(_, line)| !(picture.muted)(line))
    };
    let columns: Vec<&Columns> = shown().map(|(_, line)| &line.points).collect();
    let mut stacked = if chart.is_stacked {
        stack::stacked(&columns, from, to)
    } else {
        columns
            .iter()
            .map(|columns| lines::runs(columns, from, to))
            .collect()
    };
    let shape = |((place, line), runs)| Shape {
        line,
        look: look(place),
        runs,
    };
    shown().zip(stacked.drain(..)).map(shape).collect()
}

/// What was before: each line's, or of a stack its height.
fn before(picture: &Picture<'_>, shapes: &[Shape<'_>]) -> Vec<(usize, Vec<Vec<Point>>)> {
    let Picture { from, to, .. } = *picture;
    let compared = || {
        shapes
            .iter()
            .filter_map(|shape| Some((shape.look, shape.line.before.as_ref()?)))
    };
    if picture.chart.is_stacked {
        let columns: Vec<&Columns> = compared().map(|(_, columns)| columns).collect();
        let top = stack::stacked(&columns, from, to).pop();
        return top
            .map(|runs| (columns.len().saturating_sub(1), runs))
            .into_iter()
            .collect();
    }
    compared()
        .map(|(look, columns)| (look, lines::runs(columns, from, to)))
        .collect()
}

/// The axis of values: over what the picture reaches, or over what it is told to.
fn axis(picture: &Picture<'_>, shapes: &[Shape<'_>], before: &[(usize, Vec<Vec<Point>>)]) -> Axis {
    let reach = (picture.reach).unwrap_or_else(|| Reach::of(picture, shapes, before));
    let wanted = picture.height / (picture.text * 4).max(1);
    units::axis(
        &picture.chart.unit,
        reach.least,
        reach.greatest,
        reach.most,
        wanted.clamp(2, 6),
    )
}
