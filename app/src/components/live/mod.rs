//! Facts that move by themselves: one event stream for the whole page, and versions that readings depend on.

#[cfg(not(feature = "ssr"))]
mod browser;

use std::sync::Arc;

use leptos::prelude::*;
use time::OffsetDateTime;
use types::{
    charts::Pulse,
    live::{Change, Topic},
};

/// How long an open stream may be silent before it counts as cut, in seconds: the server says something every 5.
#[cfg_attr(
    feature = "ssr",
    allow(dead_code, reason = "the browser alone listens")
)]
pub const SILENCE_S: f64 = 15.0;

/// How the event stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// Not asked for yet; without scripts it never will be.
    Starting,
    /// Asked for, at first or after the page was out of sight, and not open yet.
    Connecting {
        /// What the page shows is from then.
        since: OffsetDateTime,
    },
    /// Open, and heard from within the last [`SILENCE_S`].
    Live,
    /// Cut, and trying again.
    Cut {
        /// Since when.
        since: OffsetDateTime,
    },
    /// The browser says that there is no network.
    Offline {
        /// Since when.
        since: OffsetDateTime,
    },
}

impl Connection {
    /// Since when what the page shows may be old; `now` while it is not.
    #[cfg_attr(
        feature = "ssr",
        allow(dead_code, reason = "the browser alone listens")
    )]
    const fn since(self, now: OffsetDateTime) -> OffsetDateTime {
        match self {
            Self::Connecting { since } | Self::Cut { since } | Self::Offline { since } => since,
            Self::Starting | Self::Live => now,
        }
    }
}

/// Whoever wants to know that something changed.
#[cfg_attr(
    feature = "ssr",
    allow(dead_code, reason = "nothing changes while a page is rendered")
)]
#[derive(Clone, Debug)]
struct Listener {
    id: u64,
    topics: Vec<Topic>,
    key: Signal<String>,
    version: RwSignal<u64>,
    /// A bump is on its way; further changes ride along.
    is_due: bool,
    /// When it was last told, in milliseconds.
    told_ms: f64,
}

#[cfg_attr(
    feature = "ssr",
    allow(dead_code, reason = "nothing changes while a page is rendered")
)]
impl Listener {
    /// Whether the change is of its topics and about its thing.
    fn wants(&self, change: &Change) -> bool {
        self.topics.contains(&change.topic)
            && self
                .key
                .with_untracked(|key| key.is_empty() || change.key.is_empty() || *key == change.key)
    }
}

/// Hears samples.
type Hear = Arc<dyn Fn(Pulse) + Send + Sync>;

/// The event stream and who listens to it.
#[derive(Clone, Copy, Debug)]
pub struct Live {
    listeners: StoredValue<Vec<Listener>>,
    connection: RwSignal<Connection>,
    /// The console can't read its database: what the page shows is old though the stream stands.
    is_stale: RwSignal<bool>,
    /// The hosts whose samples the stream tells, empty for the console's own.
    samples: RwSignal<Vec<String>>,
    /// Who hears them.
    hear: StoredValue<Option<Hear>>,
    /// Up to when the page holds samples, in milliseconds since 1970; 0 for none.
    sampled: StoredValue<i64>,
}

impl Live {
    /// Makes the provider and gives it to everything below; [`Live::open`] connects it.
    pub fn provide() -> Self {
        let live = Self {
            listeners: StoredValue::new(Vec::new()),
            connection: RwSignal::new(Connection::Starting),
            is_stale: RwSignal::new(false),
            samples: RwSignal::new(Vec::new()),
            hear: StoredValue::new(None),
            sampled: StoredValue::new(0),
        };
        provide_context(live);
        live
    }

    /// The provider of this page.
    pub fn here() -> Self {
        use_context::<Self>().unwrap_or_else(Self::provide)
    }

    /// Opens the stream in the browser; what happened since change `after`, when the page was rendered, comes first.
    pub fn open(self, after: Option<i64>) {
        #[cfg(not(feature = "ssr"))]
        crate::components::effect::effect(move || browser::open(self, after));
        #[cfg(feature = "ssr")]
        let _ = after;
    }

    /// Also tells samples of hosts, empty for the console's own, for as long as the current owner lives. Said when a page
    /// is made, so that the stream is opened with them and not twice.
    pub fn tell_samples(self, of: Vec<String>) {
        self.samples.set(of);
        on_cleanup(move || {
            self.samples.try_set(Vec::new());
            self.hear.try_update_value(|hear| *hear = None);
            self.sampled.try_set_value(0);
        });
    }

    /// Tells samples of other hosts from now on.
    pub fn change_samples(self, of: Vec<String>) {
        self.samples.maybe_update(|samples| {
            let is_new = *samples != of;
            *samples = of;
            is_new
        });
    }

    /// Opens the stream anew, for what it tells next does not follow what was heard.
    pub fn tell_samples_anew(self) {
        self.samples.update(|_| ());
    }

    /// Hears the samples that [`Live::tell_samples`] asked for.
    pub fn hear_samples(self, hear: impl Fn(Pulse) + Send + Sync + 'static) {
        self.hear.set_value(Some(Arc::new(hear)));
    }

    /// The page holds samples up to this time, in milliseconds since 1970: a stream opened anew goes on from there.
    pub fn sampled(self, at: i64) {
        self.sampled.try_set_value(at);
    }

    /// How the stream is.
    pub fn connection(self) -> Signal<Connection> {
        self.connection.into()
    }

    /// Whether what the page shows is old though the stream stands.
    pub fn is_stale(self) -> Signal<bool> {
        self.is_stale.into()
    }

    /// A number that grows whenever something of `topics` changes; readings take it as their source.
    pub fn version(self, topics: &[Topic]) -> Signal<u64> {
        self.version_of(topics, Signal::stored(String::new()))
    }

    /// The same for one thing alone, e.g. `ytempire/backend`, whichever it is at the time.
    pub fn version_of(self, topics: &[Topic], key: Signal<String>) -> Signal<u64> {
        let version = RwSignal::new(0);
        let topics = topics.to_vec();
        let id = self.listeners.try_update_value(|listeners| {
            let id = listeners.last().map_or(0, |last| last.id + 1);
            listeners.push(Listener {
                id,
                topics,
                key,
                version,
                is_due: false,
                told_ms: 0.0,
            });
            id
        });
        on_cleanup(move || {
            let _ = self.listeners.try_update_value(|listeners| {
                listeners.retain(|listener| Some(listener.id) != id);
            });
        });
        version.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_old_stays_as_old_as_it_was() {
        let (then, now) = (
            OffsetDateTime::UNIX_EPOCH,
            OffsetDateTime::UNIX_EPOCH + time::Duration::hours(3),
        );
        assert_eq!(Connection::Live.since(now), now);
        for old in [
            Connection::Connecting { since: then },
            Connection::Cut { since: then },
            Connection::Offline { since: then },
        ] {
            assert_eq!(old.since(now), then);
        }
    }

    fn change(topic: Topic, key: &str) -> Change {
        Change {
            id: 1,
            topic,
            key: key.to_owned(),
        }
    }

    #[test]
    fn a_listener_hears_of_its_topic_and_its_thing() {
        let owner = Owner::new();
        owner.set();
        let mut listener = Listener {
            id: 0,
            topics: vec![Topic::Deployment],
            key: Signal::stored("shop/web".to_owned()),
            version: RwSignal::new(0),
            is_due: false,
            told_ms: 0.0,
        };
        assert!(listener.wants(&change(Topic::Deployment, "shop/web")));
        assert!(listener.wants(&change(Topic::Deployment, "")));
        assert!(!listener.wants(&change(Topic::Deployment, "shop/db")));
        assert!(!listener.wants(&change(Topic::Usage, "shop/web")));
        listener.key = Signal::stored(String::new());
        assert!(listener.wants(&change(Topic::Deployment, "shop/db")));
    }
}
