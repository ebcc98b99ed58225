//! The lines of a chart, with what lies below and around them.

use plotters::{
    coord::Shift,
    element::{PathElement, Polygon},
};

use super::{Area, Done, Shape, Values, around::style, marker::marker, span};
use crate::charts::{Picture, backend::Ink, decimate, lines::Point, units::Axis};

/// Whether a part of a stack is more than a line on what it stands on.
fn has_height(point: &Point) -> bool {
    point.3 > point.2
}

/// What is drawn by time and value.
pub struct Inside<'a, 'b> {
    pub picture: &'a Picture<'b>,
    pub area: &'a Area<'a, Values>,
    pub axis: &'a Axis,
}

impl Inside<'_, '_> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "ranges of time are far below 2^52"
    )]
    pub fn at(&self, at: i64, value: f64) -> (f64, f64) {
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

    pub fn runs(&self, runs: &[Vec<Point>], ink: Ink, look: usize) -> Done {
        for run in runs {
            self.area.draw(&PathElement::new(
                self.edge(run, |point| point.1),
                style(ink, look),
            ))?;
        }
        Ok(())
    }

    pub fn shape(&self, shape: &Shape<'_>) -> Done {
        let is_stacked = self.picture.chart.is_stacked;
        let ink = if is_stacked { Ink::Area } else { Ink::Band };
        let has_band = is_stacked || !shape.line.points.least.is_empty();
        for run in shape.runs.iter().filter(|run| has_band && run.len() > 1) {
            let mut edge = self.edge(run, |point| point.3);
            edge.extend(self.edge(run, |point| point.2).into_iter().rev());
            self.area.draw(&Polygon::new(edge, ink.of(shape.look)))?;
        }
        let is_seen = |run: &&Vec<Point>| !is_stacked || run.iter().any(has_height);
        for run in shape.runs.iter().filter(is_seen) {
            self.runs(std::slice::from_ref(run), Ink::Line, shape.look)?;
        }
        Ok(())
    }

    /// Shapes along a line, a quarter of the range apart, that move with it; and one at its end.
    pub fn markers(
        &self,
        shape: &Shape<'_>,
        nth: usize,
        of: usize,
        root: &Area<'_, Shift>,
    ) -> Done {
        let period = ((self.picture.to - self.picture.from) / 4).max(1);
        let offset =
            period * i64::try_from(nth).unwrap_or_default() / i64::try_from(of).unwrap_or(1).max(1);
        let turn = |at: i64| (at - offset).div_euclid(period);
        for run in &shape.runs {
            for (before, point) in run.iter().zip(run.iter().skip(1)) {
                if turn(before.0) != turn(point.0) {
                    self.marker(point, shape.look, root)?;
                }
            }
        }
        let ends = shape.runs.last().map(Vec::as_slice);
        match ends {
            Some([.., before, last]) if turn(before.0) != turn(last.0) => Ok(()),
            Some([.., last]) => self.marker(last, shape.look, root),
            _ => Ok(()),
        }
    }

    fn marker(&self, point: &Point, look: usize, root: &Area<'_, Shift>) -> Done {
        if self.picture.chart.is_stacked && !has_height(point) {
            return Ok(());
        }
        let middle = self.area.map_coordinate(&self.at(point.0, point.1));
        root.draw(&Polygon::new(
            marker(look, middle, 34),
            Ink::Marker.of(look),
        ))
    }
}
