//! Which sources and devices can be read, and why not.

use std::{cmp::Ordering, sync::Arc};

use types::resources::SourceState;

/// The states of all sources, in order of source and device.
#[derive(Clone, Debug, Default)]
pub(crate) struct States {
    list: Arc<Vec<SourceState>>,
    at: i64,
}

impl States {
    /// A tick begins, at `at` milliseconds since 1970.
    pub(crate) fn begin(&mut self, at: i64) {
        self.at = at;
    }

    /// All of them; shared as long as none changes.
    pub(crate) fn all(&self) -> Arc<Vec<SourceState>> {
        Arc::clone(&self.list)
    }

    /// `device` of `source` can be read.
    pub(crate) fn good(&mut self, source: &str, device: &str) {
        self.set(source, device, None);
    }

    /// `device` of `source` can't be read, for `reason`.
    pub(crate) fn bad(&mut self, source: &str, device: &str, reason: &str) {
        self.set(source, device, Some(reason));
    }

    fn set(&mut self, source: &str, device: &str, reason: Option<&str>) {
        match self.find(source, device) {
            Ok(index) => {
                let Some(known) = self.list.get(index) else {
                    return;
                };
                if known.reason.as_deref() == reason {
                    return;
                }
                let at = self.at;
                if let Some(known) = Arc::make_mut(&mut self.list).get_mut(index) {
                    // Another reason for the same silence does not make it younger.
                    if known.reason.is_none() || reason.is_none() {
                        known.since = at;
                    }
                    known.reason = reason.map(str::to_owned);
                }
            }
            Err(index) => Arc::make_mut(&mut self.list).insert(
                index,
                SourceState {
                    source: source.to_owned(),
                    device: device.to_owned(),
                    reason: reason.map(str::to_owned),
                    since: self.at,
                },
            ),
        }
    }

    /// There is no such device any more.
    pub(crate) fn forget(&mut self, source: &str, device: &str) {
        if let Ok(index) = self.find(source, device) {
            Arc::make_mut(&mut self.list).remove(index);
        }
    }

    fn find(&self, source: &str, device: &str) -> Result<usize, usize> {
        self.list
            .binary_search_by(|state| match state.source.as_str().cmp(source) {
                Ordering::Equal => state.device.as_str().cmp(device),
                order => order,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_keeps_its_time_until_it_turns() {
        let mut states = States::default();
        states.begin(1);
        states.good("filesystem", "/b");
        states.bad("filesystem", "/a", "It does not answer.");
        states.begin(2);
        states.bad("filesystem", "/a", "It can't be read.");
        states.bad("filesystem", "/b", "It does not answer.");
        let told: Vec<_> = states
            .all()
            .iter()
            .map(|state| (state.device.clone(), state.reason.clone(), state.since))
            .collect();
        assert_eq!(
            told,
            [
                ("/a".to_owned(), Some("It can't be read.".to_owned()), 1),
                ("/b".to_owned(), Some("It does not answer.".to_owned()), 2),
            ]
        );
        let before = states.all();
        states.begin(3);
        states.bad("filesystem", "/b", "It does not answer.");
        assert!(Arc::ptr_eq(&before, &states.all()), "nothing changed");
        states.forget("filesystem", "/a");
        assert_eq!(states.all().len(), 1);
        assert_eq!(before.len(), 2, "what was handed out stays as it was");
    }
}
