//! What a tick gathers, and the numbers of series.

use std::time::Duration;

use types::resources::Series;

use crate::states::States;

/// Gathers the samples of a tick. Numbers are never used twice.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    /// Time since the collector began, by a clock that never jumps.
    pub(crate) now: Duration,
    pub(crate) samples: Vec<(u32, f64)>,
    pub(crate) began: Vec<(u32, Series)>,
    pub(crate) ended: Vec<u32>,
    pub(crate) states: States,
    next: u32,
}

impl Recorder {
    /// Gives a new series its number.
    pub(crate) fn begin(&mut self, series: Series) -> u32 {
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        self.began.push((number, series));
        number
    }

    /// A series gets no samples any more.
    pub(crate) fn end(&mut self, number: u32) {
        self.ended.push(number);
    }

    pub(crate) fn sample(&mut self, number: u32, value: f64) {
        debug_assert!(value.is_finite(), "callers check");
        self.samples.push((number, value));
    }
}
