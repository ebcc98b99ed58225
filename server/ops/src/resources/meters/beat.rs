//! One second of a host, as open pages are told it.

use std::sync::{Arc, OnceLock};

use types::charts::Pulse;

/// What changed in one second, written once for all who listen.
#[derive(Debug)]
pub struct Beat {
    host: Arc<str>,
    at: i64,
    before: i64,
    changes: Vec<Change>,
    all: OnceLock<Arc<str>>,
    machine: OnceLock<Arc<str>>,
}

/// A sample that is another than before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// The series' number in the database.
    pub id: i32,
    /// Its value; `None` where a gap begins.
    pub value: Option<f64>,
    /// It is of a container.
    pub is_container: bool,
}

impl Beat {
    pub(super) const fn new(host: Arc<str>, at: i64, before: i64, changes: Vec<Change>) -> Self {
        Self {
            host,
            at,
            before,
            changes,
            all: OnceLock::new(),
            machine: OnceLock::new(),
        }
    }

    /// When its samples were taken, in milliseconds since 1970.
    pub const fn at(&self) -> i64 {
        self.at
    }

    /// The beat as a [`Pulse`] in JSON; without `sees_containers` containers are left out.
    pub fn json(&self, sees_containers: bool) -> Arc<str> {
        let made = if sees_containers {
            &self.all
        } else {
            &self.machine
        };
        Arc::clone(made.get_or_init(|| {
            let pulse = pulse(
                &self.host,
                self.at,
                self.before,
                &self.changes,
                sees_containers,
            );
            // Numbers and a name: nothing that JSON can't hold.
            serde_json::to_string(&pulse).unwrap_or_default().into()
        }))
    }
}

/// What changed, as a pulse.
pub fn pulse(host: &str, at: i64, before: i64, changes: &[Change], sees_containers: bool) -> Pulse {
    let seen = changes
        .iter()
        .filter(|change| sees_containers || !change.is_container);
    Pulse {
        host: host.to_owned(),
        at,
        before,
        samples: seen.map(|change| (change.id, change.value)).collect(),
    }
}

/// A series that went and came back, or has two numbers, is told once: as it is now.
pub fn settle(changes: &mut Vec<Change>) {
    // Of one number, those with a value come last and stay.
    changes.sort_by_key(|change| (change.id, change.value.is_some()));
    let mut kept: Vec<Change> = Vec::with_capacity(changes.len());
    for change in changes.drain(..) {
        if kept.last().is_some_and(|last| last.id == change.id) {
            kept.pop();
        }
        kept.push(change);
    }
    *changes = kept;
}
