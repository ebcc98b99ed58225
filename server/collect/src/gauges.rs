//! Values that others measured: they stand in each frame until they are told anew, or have grown old.

use std::{collections::BTreeMap, time::Duration};

use types::resources::{Series, SeriesKey};

use crate::recorder::Recorder;

/// Older than this a value says nothing of now.
const OLD: Duration = Duration::from_secs(90);

/// The values that were told last.
#[derive(Debug, Default)]
pub(crate) struct Gauges {
    told_at: Duration,
    values: BTreeMap<SeriesKey, (u32, f64)>,
}

impl Gauges {
    /// Takes these values and forgets all others; what is not finite is left out.
    pub(crate) fn set(&mut self, told: Vec<(Series, f64)>, recorder: &mut Recorder) {
        let mut before = std::mem::take(&mut self.values);
        for (series, value) in told.into_iter().filter(|(_, value)| value.is_finite()) {
            let key = series.key.clone();
            let number = before
                .remove(&key)
                .map_or_else(|| recorder.begin(series), |(number, _)| number);
            self.values.insert(key, (number, value));
        }
        for (number, _) in before.into_values() {
            recorder.end(number);
        }
        self.told_at = recorder.now;
    }

    /// A sample of each.
    pub(crate) fn record(&self, recorder: &mut Recorder) {
        if recorder.now.saturating_sub(self.told_at) > OLD {
            return;
        }
        for (number, value) in self.values.values() {
            recorder.sample(*number, *value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(name: &str) -> Series {
        Series {
            key: SeriesKey {
                name: name.to_owned(),
                attributes: BTreeMap::new(),
            },
            unit: "s".to_owned(),
        }
    }

    #[test]
    fn a_value_stands_until_another_is_told_or_it_is_old() {
        let (mut gauges, mut recorder) = (Gauges::default(), Recorder::default());
        gauges.set(
            vec![(series("a"), 0.5), (series("b"), f64::NAN)],
            &mut recorder,
        );
        gauges.record(&mut recorder);
        assert_eq!((recorder.began.len(), recorder.samples.len()), (1, 1));
        let number = recorder.samples[0].0;

        gauges.set(vec![(series("a"), 0.7), (series("c"), 0.1)], &mut recorder);
        recorder.samples.clear();
        recorder.now = OLD;
        gauges.record(&mut recorder);
        assert!(
            recorder.samples.contains(&(number, 0.7)),
            "the same series goes on"
        );
        assert_eq!(recorder.ended, Vec::<u32>::new());

        gauges.set(vec![(series("c"), 0.2)], &mut recorder);
        assert_eq!(recorder.ended, [number]);

        recorder.samples.clear();
        recorder.now = OLD * 2 + Duration::from_secs(1);
        gauges.record(&mut recorder);
        assert_eq!(recorder.samples, [], "nobody has told for long");
    }
}
