//! From readings to samples: a device has one meter for each metric of its kind.

use std::{collections::BTreeMap, time::Duration};

use types::resources::{Series, SeriesKey};

use crate::recorder::Recorder;

/// A rate over a longer time than this says nothing of the second it would be drawn at: a gap instead.
const LONGEST: Duration = Duration::from_secs(10);

/// A kind of series that devices have.
#[derive(Debug)]
pub(crate) struct Metric {
    name: &'static str,
    unit: &'static str,
    attributes: &'static [(&'static str, &'static str)],
    /// What one step of the counter is in the unit; 1 for what is no counter.
    scale: f64,
}

impl Metric {
    pub(crate) const fn new(name: &'static str, unit: &'static str) -> Self {
        Self {
            name,
            unit,
            attributes: &[],
            scale: 1.0,
        }
    }

    /// With attributes that are the same for every device.
    pub(crate) const fn with(
        mut self,
        attributes: &'static [(&'static str, &'static str)],
    ) -> Self {
        self.attributes = attributes;
        self
    }

    /// One step of its counter is `scale` of its unit.
    pub(crate) const fn scaled(mut self, scale: f64) -> Self {
        self.scale = scale;
        self
    }
}

/// What was read for one metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value {
    /// It could not be read, or there is none: a gap.
    Nothing,
    /// As it is now.
    Gauge(f64),
    /// A counter, of which the rate per second is recorded.
    Count(u64),
}

impl Value {
    pub(crate) fn gauge(value: Option<f64>) -> Self {
        value.map_or(Self::Nothing, Self::Gauge)
    }

    pub(crate) fn bytes(value: Option<u64>) -> Self {
        value.map_or(Self::Nothing, |value| Self::Gauge(float(value)))
    }

    pub(crate) fn count(value: Option<u64>) -> Self {
        value.map_or(Self::Nothing, Self::Count)
    }
}

/// Figures here are far below 2^53, beyond which the nearest number is taken.
#[expect(clippy::cast_precision_loss, reason = "said above")]
pub(crate) fn float(value: u64) -> f64 {
    value as f64
}

/// The meters of one device.
#[derive(Debug, Default)]
pub(crate) struct Meters {
    attributes: Vec<(&'static str, String)>,
    meters: Vec<Meter>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Meter {
    /// Its series, from the first sample on.
    number: Option<u32>,
    /// The counter as it was, and when.
    last: Option<(u64, Duration)>,
}

impl Meters {
    /// Meters of a device that `attributes` tell from others of its kind.
    pub(crate) fn new(attributes: Vec<(&'static str, String)>) -> Self {
        Self {
            attributes,
            meters: Vec::new(),
        }
    }

    /// Records `values`, which stand in the order of `metrics`; always the same table for the same meters.
    pub(crate) fn record(&mut self, recorder: &mut Recorder, metrics: &[Metric], values: &[Value]) {
        debug_assert_eq!(metrics.len(), values.len());
        self.meters.resize(metrics.len(), Meter::default());
        for ((meter, metric), value) in self.meters.iter_mut().zip(metrics).zip(values) {
            let sample = match *value {
                Value::Nothing => None,
                Value::Gauge(value) => Some(value),
                Value::Count(count) => meter
                    .rate(count, recorder.now)
                    .map(|rate| rate * metric.scale),
            };
            let Some(sample) = sample.filter(|sample| sample.is_finite()) else {
                continue;
            };
            let number = *meter
                .number
                .get_or_insert_with(|| recorder.begin(series(metric, &self.attributes)));
            recorder.sample(number, sample);
        }
    }

    /// Counters start anew: what was counted before was another device of the same name.
    pub(crate) fn restart(&mut self) {
        for meter in &mut self.meters {
            meter.last = None;
        }
    }

    /// The device is gone; its series end.
    pub(crate) fn end(&mut self, recorder: &mut Recorder) {
        for meter in self.meters.drain(..) {
            if let Some(number) = meter.number {
                recorder.end(number);
            }
        }
    }
}

impl Meter {
    /// Per second since the last reading. `None` at the first one, and after a counter that went back: it wrapped or
    /// was reset, and which of the two nobody knows.
    fn rate(&mut self, count: u64, now: Duration) -> Option<f64> {
        let (before, then) = self.last.replace((count, now))?;
        let elapsed = now.checked_sub(then).filter(|elapsed| !elapsed.is_zero())?;
        let steps = count.checked_sub(before)?;
        (elapsed <= LONGEST).then(|| float(steps) / elapsed.as_secs_f64())
    }
}

fn series(metric: &Metric, attributes: &[(&'static str, String)]) -> Series {
    let fixed = metric.attributes.iter();
    let fixed = fixed.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let own = attributes.iter();
    let own = own.map(|(key, value)| ((*key).to_owned(), value.clone()));
    Series {
        key: SeriesKey {
            name: metric.name.to_owned(),
            attributes: fixed.chain(own).collect::<BTreeMap<_, _>>(),
        },
        unit: metric.unit.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: [Metric; 1] = [Metric::new("test.io", "kBy/s").scaled(0.001)];

    fn rates(readings: &[(u64, u64)]) -> Vec<Option<f64>> {
        let (mut meters, mut recorder) = (Meters::default(), Recorder::default());
        let read = |(second, count): &(u64, u64)| {
            recorder.now = Duration::from_secs(*second);
            recorder.samples.clear();
            meters.record(&mut recorder, &TABLE, &[Value::Count(*count)]);
            recorder.samples.first().map(|(_, value)| *value)
        };
        readings.iter().map(read).collect()
    }

    #[test]
    fn a_counter_that_goes_back_is_a_gap_and_never_a_negative_rate() {
        let told = rates(&[(0, 5_000), (1, 7_000), (2, 1_000), (3, 4_000)]);
        assert_eq!(told, [None, Some(2.0), None, Some(3.0)]);
        let wrapped = rates(&[(0, u64::MAX - 1), (1, 3), (2, 1_003)]);
        assert_eq!(wrapped, [None, None, Some(1.0)]);
    }

    #[test]
    fn a_missed_reading_is_spread_over_its_time_and_a_long_one_is_a_gap() {
        assert_eq!(rates(&[(0, 0), (2, 4_000)]), [None, Some(2.0)]);
        assert_eq!(rates(&[(0, 0), (11, 4_000)]), [None, None]);
        assert_eq!(rates(&[(4, 0), (4, 4_000)]), [None, None], "no time passed");
    }
}
