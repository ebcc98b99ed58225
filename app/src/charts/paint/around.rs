//! What stands around the lines of a chart: axes, thresholds, what happened.

use plotters::{
    coord::Shift,
    element::{PathElement, Polygon, Text},
    style::{
        IntoTextStyle, ShapeStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};
use types::{charts::Mark, health::Status};

use super::{Area, Done, Inside, Place, Values, marker::marker};
use crate::charts::{Picture, backend::Ink, text, times, units::Axis};

/// Marks closer than this, in tenths of a pixel, are drawn as one.
const APART: i32 = 50;

/// What stays free between a label and the edge, in tenths of a pixel.
const MARGIN: i32 = 40;

pub fn grid(root: &Area<'_, Shift>, area: &Area<'_, Values>, axis: &Axis, place: &Place) -> Done {
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

pub fn dates(root: &Area<'_, Shift>, picture: &Picture<'_>, place: &Place) -> Done {
    let y = place.bottom + place.text * 7 / 10;
    let end = i32::try_from(picture.width * 10).unwrap_or(i32::MAX);
    for (at, label) in times::ticks(picture.from, picture.to, place.labels(720), picture.zone) {
        let x = place.x(at, picture);
        root.draw(&PathElement::new(
            vec![(x, place.bottom), (x, place.bottom + 30)],
            style(Ink::Grid, 0),
        ))?;
        let half = i32::try_from(text::width(&label, picture.text * 10) / 2).unwrap_or_default();
        let x = x.min(end - half - MARGIN).max(half + MARGIN);
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

pub fn nothing(root: &Area<'_, Shift>, picture: &Picture<'_>, place: &Place) -> Done {
    let line = vec![(place.left, place.bottom), (place.right, place.bottom)];
    root.draw(&PathElement::new(line, style(Ink::Base, 0)))?;
    dates(root, picture, place)?;
    let middle = (
        i32::midpoint(place.left, place.right),
        i32::midpoint(place.top, place.bottom),
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

pub fn style(ink: Ink, n: usize) -> ShapeStyle {
    ShapeStyle {
        color: ink.of(n),
        filled: false,
        stroke_width: 1,
    }
}

pub fn write(
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

const fn number(status: Status) -> usize {
    match status {
        Status::Ok => 0,
        Status::Unknown => 1,
        Status::Warning => 2,
        Status::Critical => 3,
    }
}

pub fn limits(root: &Area<'_, Shift>, inside: &Inside<'_, '_>, place: &Place) -> Done {
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
            let width = u32::try_from(place.right - place.left - 80).unwrap_or_default();
            let label = text::fit(&limit.label, inside.picture.text * 10, width);
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

pub fn marks(root: &Area<'_, Shift>, picture: &Picture<'_>, place: &Place) -> Done {
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
