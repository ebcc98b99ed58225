//! Samples of other hosts: `ytops agent` sends them, with a token that can do nothing else and for one host alone.

mod bind;
mod check;
mod take;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub use check::is_host;
pub use take::take_batch;

/// The agents that send to this console, by host; cheap to clone. What it knows is made anew when the console starts: the
/// agents then begin anew as well.
#[derive(Clone, Debug, Default)]
pub struct Agents(Arc<Mutex<BTreeMap<String, Link>>>);

/// An agent that sends.
#[derive(Debug)]
struct Link {
    /// The token, which is known to be for this host.
    token: i64,
    /// What the agent calls this run of itself.
    session: u32,
    /// The session whose place it took.
    before: Option<u32>,
    /// When it sent last, in milliseconds since 1970.
    heard_at: i64,
    /// Numbers of the series that live.
    known: BTreeSet<u32>,
}

impl Agents {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Link>> {
        // Each change leaves the map whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether `token` was found to be for `host` before.
    fn is_bound(&self, host: &str, token: i64) -> bool {
        let links = self.lock();
        links.get(host).is_some_and(|link| link.token == token)
    }
}
