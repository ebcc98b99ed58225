//! From what to what values reach: a chart's own, or those of several that are to be compared.

use super::{Picture, Point, Shape, before, shapes};

/// From the least to the greatest of some values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reach {
    /// The least one; infinite where there are no values.
    pub least: f64,
    /// The greatest one; infinitely little where there are no values.
    pub greatest: f64,
    /// What they can't be above, if there is such a limit.
    pub most: Option<f64>,
}

/// Over what a picture's values reach, with those that they are compared with and thresholds that are near.
pub fn reach(picture: &Picture<'_>) -> Reach {
    let shapes = shapes(picture);
    Reach::of(picture, &shapes, &before(picture, &shapes))
}

impl Reach {
    pub(super) fn of(
        picture: &Picture<'_>,
        shapes: &[Shape<'_>],
        before: &[(usize, Vec<Vec<Point>>)],
    ) -> Self {
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
        Self {
            least,
            greatest,
            most: picture.chart.most,
        }
    }

    /// Over what both reach. What one of them has no limit for has none; one without values says nothing.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        if self.least > self.greatest {
            return other;
        }
        if other.least > other.greatest {
            return self;
        }
        Self {
            least: self.least.min(other.least),
            greatest: self.greatest.max(other.greatest),
            most: self.most.zip(other.most).map(|(one, other)| one.max(other)),
        }
    }
}
