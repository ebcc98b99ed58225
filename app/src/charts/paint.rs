//! Draws a chart.

use std::convert::Infallible;

use plotters::{
    coord::{Shift, types::RangedCoordf64},
    drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea},
    element::{PathElement, Polygon, Text},
    prelude::Cartesian2d,
    style::{
        IntoTextStyle, ShapeStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};
use types::{
    charts::{Columns, Line, Mark},
    health::Status,
};

use super::{
    Picture, Plot,
    backend::{self, Ink, Svg},
    decimate, describe, hue,
    lines::{self, Point},
    stack, text, times,
    units::{self, Axis},
};

type Done = Result<(), DrawingAreaErrorKind<Infallible>>;
type Area<'a, C> = DrawingArea<Svg<'a>, C>;
type Values = Cartesian2d<RangedCoordf64, RangedCoordf64>;

/// Marks closer than this, in tenths of a pixel, are drawn as one.
const APART: i32 = 50;

/// The chart as an `<svg>`.
pub fn draw(picture: &Picture<'_>) -> String {
    let mut svg = String::with_capacity(16 * 1_024);
    let (width, height, text) = (picture.width, picture.height, picture.text);
    svg.push_str(&format!(
        "<svg class=\"plot\" viewBox=\"0 0 {width} {height}\" font-size=\"{text}\" role=\"img\"><title>"
    ));
    backend::escape(&mut svg, &picture.chart.title);
    svg.push_str("</title><desc>");
    backend::escape(&mut svg, &describe::summary(picture));
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
    hue: usize,
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
    for (hue, runs) in &before {
        inside.runs(runs, Ink::Before, *hue)?;
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
        hue: hue(place),
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
            .filter_map(|shape| Some((shape.hue, shape.line.before.as_ref()?)))
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
        .map(|(hue, columns)| (hue, lines::runs(columns, from, to)))
        .collect()
}

fn axis(picture: &Picture<'_>, shapes: &[Shape<'_>], before: &[(usize, Vec<Vec<Point>>)]) -> Axis {
    let runs = shapes
        .iter()
        .flat_map(|shape| &shape.runs)
        .chain(before.iter().flat_map(|(_, runs)| runs));
    let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
    for point in runs.flatten() {
        least = least.min(point.2);
        greatest = greatest.max(point.3);
    }
    // A threshold far above would press the lines flat; it is told below the chart all the same.
    for limit in &picture.chart.limits {
        if limit.value <= greatest * 2.0 {
            greatest = greatest.max(limit.value);
        }
    }
    let wanted = picture.height / (picture.text * 3).max(1);
    units::axis(
        &picture.chart.unit,
        least,
        greatest,
        picture.chart.most,
        wanted.clamp(2, 6),
    )
}

fn grid(root: &Area<'_, Shift>, area: &Area<'_, Values>, axis: &Axis, place: &Place) -> Done {
    for (value, label) in &axis.ticks {
        let (_, y) = area.map_coordinate(&(0.0, *value));
        let ink = if *value == 0.0 { Ink::Base } else { Ink::Grid };
        root.draw(&PathElement::new(
            vec![(place.left, y), (place.right, y)],
            style(ink, 0),
        ))?;
        write(
            root,
            label,
            (place.left - 60, y),
            Ink::Axis,
            0,
            (HPos::Right, VPos::Center),
        )?;
    }
    Ok(())
}

fn dates(root: &Area<'_, Shift>, picture: &Picture<'_>, place: &Place) -> Done {
    let y = place.bottom + place.text * 7 / 10;
    let end = i32::try_from(picture.width * 10).unwrap_or(i32::MAX);
    for (at, label) in times::ticks(picture.from, picture.to, place.labels(720), picture.zone) {
        let x = place.x(at, picture);
        root.draw(&PathElement::new(
            vec![(x, place.bottom), (x, place.bottom + 30)],
            style(Ink::Grid, 0),
        ))?;
        let half = i32::try_from(text::width(&label, picture.text * 10) / 2).unwrap_or_default();
        let x = x.min(end - half).max(half);
        write(
            root,
            &label,
            (x, y),
            Ink::Axis,
            0,
            (HPos::Center, VPos::Top),
        )?;
    }
    Ok(())
}

fn nothing(root: &Area<'_, Shift>, picture: &Picture<'_>, place: &Place) -> Done {
    let line = vec![(place.left, place.bottom), (place.right, place.bottom)];
    root.draw(&PathElement::new(line, style(Ink::Base, 0)))?;
    dates(root, picture, place)?;
    let middle = (
        (place.left + place.right) / 2,
        (place.top + place.bottom) / 2,
    );
    let text = if picture.chart.lines.iter().all(|line| (picture.muted)(line)) {
        "All series are muted."
    } else {
        "No samples in this range."
    };
    write(
        root,
        text,
        middle,
        Ink::Nothing,
        0,
        (HPos::Center, VPos::Center),
    )
}

fn style(ink: Ink, n: usize) -> ShapeStyle {
    ShapeStyle {
        color: ink.of(n),
        filled: false,
        stroke_width: 1,
    }
}

fn write(
    root: &Area<'_, Shift>,
    text: &str,
    at: (i32, i32),
    ink: Ink,
    n: usize,
    anchor: (HPos, VPos),
) -> Done {
    let color = ink.of(n);
    let style = ("sans-serif", 11)
        .into_text_style(root)
        .color(&color)
        .pos(Pos::new(anchor.0, anchor.1));
    root.draw(&Text::new(text, at, style))
}

/// What is drawn by time and value.
struct Inside<'a, 'b> {
    picture: &'a Picture<'b>,
    area: &'a Area<'a, Values>,
    axis: &'a Axis,
}

impl Inside<'_, '_> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "ranges of time are far below 2^52"
    )]
    fn at(&self, at: i64, value: f64) -> (f64, f64) {
        let value = value.clamp(self.axis.bottom, self.axis.top);
        ((at - self.picture.from) as f64, value)
    }

    /// The pixel of a time, to tell which points fall onto the same.
    fn thin(&self, points: &mut Vec<(f64, f64)>) {
        let pixels = f64::from(self.picture.width) / span(self.picture);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a picture has some thousand pixels"
        )]
        decimate::thin(points, |at| (at * pixels) as i64);
    }

    fn edge(&self, run: &[Point], of: impl Fn(&Point) -> f64) -> Vec<(f64, f64)> {
        let mut points = run
            .iter()
            .map(|point| self.at(point.0, of(point)))
            .collect();
        self.thin(&mut points);
        points
    }

    fn runs(&self, runs: &[Vec<Point>], ink: Ink, hue: usize) -> Done {
        for run in runs {
            self.area.draw(&PathElement::new(
                self.edge(run, |point| point.1),
                style(ink, hue),
            ))?;
        }
        Ok(())
    }

    fn shape(&self, shape: &Shape<'_>) -> Done {
        let is_stacked = self.picture.chart.is_stacked;
        let ink = if is_stacked { Ink::Area } else { Ink::Band };
        let has_band = is_stacked || !shape.line.points.least.is_empty();
        for run in shape.runs.iter().filter(|run| has_band && run.len() > 1) {
            let mut edge = self.edge(run, |point| point.3);
            edge.extend(self.edge(run, |point| point.2).into_iter().rev());
            self.area.draw(&Polygon::new(edge, ink.of(shape.hue)))?;
        }
        self.runs(&shape.runs, Ink::Line, shape.hue)
    }

    /// Shapes along a line, a quarter of the range apart, that move with it; and one at its end.
    fn markers(&self, shape: &Shape<'_>, nth: usize, of: usize, root: &Area<'_, Shift>) -> Done {
        let period = ((self.picture.to - self.picture.from) / 4).max(1);
        let offset =
            period * i64::try_from(nth).unwrap_or_default() / i64::try_from(of).unwrap_or(1).max(1);
        let turn = |at: i64| (at - offset).div_euclid(period);
        for run in &shape.runs {
            for (before, point) in run.iter().zip(run.iter().skip(1)) {
                if turn(before.0) != turn(point.0) {
                    self.marker(point, shape.hue, root)?;
                }
            }
        }
        let ends = shape.runs.last().map(Vec::as_slice);
        match ends {
            Some([.., before, last]) if turn(before.0) != turn(last.0) => Ok(()),
            Some([.., last]) => self.marker(last, shape.hue, root),
            _ => Ok(()),
        }
    }

    fn marker(&self, point: &Point, hue: usize, root: &Area<'_, Shift>) -> Done {
        let middle = self.area.map_coordinate(&self.at(point.0, point.1));
        root.draw(&Polygon::new(marker(hue, middle, 34), Ink::Marker.of(hue)))
    }
}

/// A marker by itself, for a legend.
pub fn write_marker(out: &mut String, hue: usize) {
    out.push_str("<svg class=\"plot\" viewBox=\"0 0 12 12\" width=\"12\" height=\"12\" aria-hidden=\"true\">");
    let root = Svg::new(out, (120, 120), 110).into_drawing_area();
    // The backend can't fail.
    let _ = root.draw(&Polygon::new(
        marker(hue, (60, 60), 40),
        Ink::Marker.of(hue),
    ));
    drop(root);
    out.push_str("</svg>");
}

/// The outline of a marker around a point.
fn marker(hue: usize, (x, y): (i32, i32), size: i32) -> Vec<(i32, i32)> {
    let outline: &[(i32, i32)] = match hue {
        0 => &[
            (4, -10),
            (10, -4),
            (10, 4),
            (4, 10),
            (-4, 10),
            (-10, 4),
            (-10, -4),
            (-4, -10),
        ],
        1 => &[(-9, -9), (9, -9), (9, 9), (-9, 9)],
        2 => &[(0, -11), (11, 9), (-11, 9)],
        3 => &[(0, -13), (13, 0), (0, 13), (-13, 0)],
        4 => &[(0, 11), (11, -9), (-11, -9)],
        _ => &[
            (-4, -11),
            (4, -11),
            (4, -4),
            (11, -4),
            (11, 4),
            (4, 4),
            (4, 11),
            (-4, 11),
            (-4, 4),
            (-11, 4),
            (-11, -4),
            (-4, -4),
        ],
    };
    outline
        .iter()
        .map(|(dx, dy)| (x + dx * size / 10, y + dy * size / 10))
        .collect()
}

const fn number(status: Status) -> usize {
    match status {
        Status::Ok => 0,
        Status::Unknown => 1,
        Status::Warning => 2,
        Status::Critical => 3,
    }
}

fn limits(root: &Area<'_, Shift>, inside: &Inside<'_, '_>, place: &Place) -> Done {
    let mut written: Vec<i32> = Vec::new();
    let within = |value: f64| (inside.axis.bottom..=inside.axis.top).contains(&value);
    for limit in inside
        .picture
        .chart
        .limits
        .iter()
        .filter(|limit| within(limit.value))
    {
        let (_, y) = inside
            .area
            .map_coordinate(&inside.at(inside.picture.from, limit.value));
        let n = number(limit.status);
        root.draw(&PathElement::new(
            vec![(place.left, y), (place.right, y)],
            style(Ink::Limit, n),
        ))?;
        let is_free = written.iter().all(|other| (other - y).abs() > place.text);
        if is_free {
            let room = u32::try_from(place.right - place.left - 80).unwrap_or_default();
            let label = text::fit(&limit.label, inside.picture.text * 10, room);
            // Above the line, and below it where there is no room above.
            let (y, v) = if y - place.top > place.text {
                (y - 30, VPos::Bottom)
            } else {
                (y + 30, VPos::Top)
            };
            write(
                root,
                &label,
                (place.left + 40, y),
                Ink::LimitLabel,
                n,
                (HPos::Left, v),
            )?;
            written.push(y);
        }
    }
    Ok(())
}

fn marks(root: &Area<'_, Shift>, picture: &Picture<'_>, place: &Place) -> Done {
    let within = |mark: &&Mark| (picture.from..=picture.to).contains(&mark.at);
    let mut drawn: Vec<(i32, Status)> = Vec::new();
    for mark in picture.marks.iter().filter(within) {
        let x = place.x(mark.at, picture);
        match drawn.last_mut() {
            Some((last, status)) if x - *last < APART => *status = (*status).max(mark.status),
            _ => drawn.push((x, mark.status)),
        }
    }
    for (x, status) in drawn {
        let n = number(status);
        root.draw(&PathElement::new(
            vec![(x, place.top), (x, place.bottom)],
            style(Ink::Mark, n),
        ))?;
        let shape = match status {
            Status::Ok => 0,
            Status::Critical => 1,
            Status::Warning => 3,
            Status::Unknown => 4,
        };
        root.draw(&Polygon::new(
            marker(shape, (x, place.top - 50), 40),
            Ink::Flag.of(n),
        ))?;
    }
    Ok(())
}
