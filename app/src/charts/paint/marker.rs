//! Shapes that tell series, and what happened, from each other.

use plotters::{
    drawing::IntoDrawingArea,
    element::{PathElement, Polygon},
};

use super::around::style;
use crate::charts::{
    HUES,
    backend::{Ink, Svg},
};

/// A series' line with its marker, for a legend: as they look in the chart.
pub fn write_marker(out: &mut String, look: usize) {
    out.push_str("<svg class=\"plot\" viewBox=\"0 0 22 12\" width=\"22\" height=\"12\" aria-hidden=\"true\">");
    let root = Svg::new(out, (220, 120), 110).into_drawing_area();
    // The backend can't fail.
    let _ = root.draw(&PathElement::new(
        vec![(10, 60), (210, 60)],
        style(Ink::Key, look),
    ));
    let _ = root.draw(&Polygon::new(
        marker(look, (110, 60), 40),
        Ink::Marker.of(look),
    ));
    drop(root);
    out.push_str("</svg>");
}

/// The outline of a marker around a point.
pub fn marker(look: usize, (x, y): (i32, i32), size: i32) -> Vec<(i32, i32)> {
    let outline: &[(i32, i32)] = match look % HUES {
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
        5 => &[
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
        6 => &[
            (-10, -5),
            (-5, -10),
            (0, -5),
            (5, -10),
            (10, -5),
            (5, 0),
            (10, 5),
            (5, 10),
            (0, 5),
            (-5, 10),
            (-10, 5),
            (-5, 0),
        ],
        _ => &[(-12, -5), (12, -5), (12, 5), (-12, 5)],
    };
    outline
        .iter()
        .map(|(dx, dy)| (x + dx * size / 10, y + dy * size / 10))
        .collect()
}
