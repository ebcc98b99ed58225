//! What keeps this host's frames from being taken.

use std::sync::Arc;

use ops::resources::Taken;
use types::resources::SourceState;

/// The state of that; none while frames are taken.
#[derive(Default)]
pub struct Refused(Option<SourceState>);

impl Refused {
    /// What became of the frame of `at`; the newest that was taken before is that of `newest`. Logged once.
    pub fn note(&mut self, taken: Taken, at: i64, newest: Option<i64>) {
        let (source, reason) = match taken {
            Taken::Taken => {
                self.0 = None;
                return;
            }
            Taken::Refused => ("clock", set_back(at, newest)),
            Taken::Busy => (
                "writer",
                "It has too much to do: no samples are taken.".to_owned(),
            ),
        };
        if self.0.as_ref().is_some_and(|known| known.source == source) {
            return;
        }
        tracing::warn!(source, reason, "Samples of this host are not taken.");
        self.0 = Some(SourceState {
            source: source.to_owned(),
            device: String::new(),
            reason: Some(reason),
            since: at,
        });
    }

    /// The collector's states and this one, in order of source and device.
    pub fn among(&self, states: Arc<Vec<SourceState>>) -> Arc<Vec<SourceState>> {
        let Some(refused) = &self.0 else {
            return states;
        };
        let mut states = Arc::unwrap_or_clone(states);
        let place = states.partition_point(|state| state.source < refused.source);
        states.insert(place, refused.clone());
        Arc::new(states)
    }
}

fn set_back(at: i64, newest: Option<i64>) -> String {
    let behind = newest.unwrap_or(at).saturating_sub(at) / 1_000;
    format!("It was set back by {behind} s: no samples are taken until it is past where it was.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(refused: &Refused) -> Vec<(String, Option<String>, i64)> {
        let of = |source: &str| SourceState {
            source: source.to_owned(),
            device: String::new(),
            reason: None,
            since: 1,
        };
        let states = refused.among(Arc::new(vec![of("container"), of("cpu")]));
        (states.iter())
            .map(|state| (state.source.clone(), state.reason.clone(), state.since))
            .filter(|(_, reason, _)| reason.is_some())
            .collect()
    }

    #[test]
    fn a_clock_that_was_set_back_is_told_until_it_has_caught_up() {
        let mut refused = Refused::default();
        refused.note(Taken::Taken, 100_000, None);
        assert_eq!(told(&refused), []);
        for at in [40_000, 41_000, 99_000] {
            refused.note(Taken::Refused, at, Some(100_000));
            let reason =
                "It was set back by 60 s: no samples are taken until it is past where it was.";
            let state = ("clock".to_owned(), Some(reason.to_owned()), 40_000);
            assert_eq!(told(&refused), [state]);
            assert_eq!(refused.among(Arc::default()).len(), 1);
        }
        refused.note(Taken::Busy, 99_500, Some(100_000));
        assert!(told(&refused).iter().all(|state| state.0 == "writer"));
        assert_eq!(told(&refused).len(), 1);
        refused.note(Taken::Taken, 101_000, Some(100_000));
        assert_eq!(told(&refused), []);
    }
}
