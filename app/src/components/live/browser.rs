//! The stream in the browser: opening it, hearing it, noticing that it is cut, and letting go of it.

use std::time::Duration;

use leptos::prelude::*;
use types::{
    Error,
    charts::Pulse,
    live::{AWAY, Change, Topic},
};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventSource, MessageEvent};

use super::{Connection, Live, SILENCE_S};
use crate::components::{clock::Clock, sign_in_again};

/// Changes closer together than this are told as one.
const GATHER_MS: f64 = 200.0;
/// The first wait before a stream that the browser gave up is opened again; it doubles up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How often it is looked whether the stream still says something.
const LISTEN_EVERY: Duration = Duration::from_secs(5);

/// The open stream with what hears it.
struct Source {
    events: EventSource,
    _heard: Closure<dyn FnMut(MessageEvent)>,
    _opened: Closure<dyn FnMut()>,
    _failed: Closure<dyn FnMut()>,
    _ping: Closure<dyn FnMut()>,
    _gone: Closure<dyn FnMut()>,
    _reset: Closure<dyn FnMut(MessageEvent)>,
    _samples: Closure<dyn FnMut(MessageEvent)>,
}

impl Drop for Source {
    fn drop(&mut self) {
        self.events.close();
    }
}

/// What the stream's handlers share.
#[derive(Clone, Copy)]
struct Stream {
    live: Live,
    clock: Clock,
    source: StoredValue<Option<Source>, LocalStorage>,
    /// The last change heard, to resume from with a new connection.
    last: StoredValue<Option<i64>>,
    wait: StoredValue<Duration>,
    /// When it was asked for or last said something, in milliseconds of the browser's clock.
    heard_ms: StoredValue<f64>,
    /// It has been open before: whatever was missed is read again.
    was_open: StoredValue<bool>,
}

/// Opens the stream for as long as the current owner lives.
pub fn open(live: Live, after: Option<i64>) {
    let stream = Stream {
        live,
        clock: Clock::here(),
        source: StoredValue::new_local(None),
        last: StoredValue::new(after),
        wait: StoredValue::new(FIRST_WAIT),
        heard_ms: StoredValue::new(js_sys::Date::now()),
        was_open: StoredValue::new(after.is_none()),
    };
    // At first, and anew when samples of other hosts are wanted.
    crate::components::effect::effect(move || {
        live.samples.track();
        stream.source.set_value(None);
        untrack(move || stream.connect());
    });
    let listeners = [
        window_event_listener_untyped("visibilitychange", move |_| stream.look_at_visibility()),
        window_event_listener_untyped("online", move |_| stream.connect()),
        window_event_listener_untyped("offline", move |_| {
            stream.cut(|since| Connection::Offline { since });
        }),
        // A page that the browser keeps for "back" must not keep a connection.
        window_event_listener_untyped("pagehide", move |_| stream.let_go()),
        window_event_listener_untyped("pageshow", move |event| {
            if js_sys::Reflect::get(&event, &"persisted".into()).is_ok_and(|kept| kept.is_truthy())
            {
                stream.connect();
            }
        }),
    ];
    let listening = set_interval_with_handle(move || stream.listen(), LISTEN_EVERY);
    on_cleanup(move || {
        for listener in listeners {
            listener.remove();
        }
        if let Ok(listening) = listening {
            listening.clear();
        }
    });
}

impl Stream {
    fn connect(self) {
        if document().hidden() {
            return;
        }
        self.heard_ms.set_value(js_sys::Date::now());
        self.live.connection.update(|connection| {
            if matches!(connection, Connection::Starting | Connection::Live) {
                let since = connection.since(self.clock.now_untracked());
                *connection = Connection::Connecting { since };
            }
        });
        let topics: Vec<_> = Topic::ALL.iter().map(|topic| topic.as_str()).collect();
        let after = self
            .last
            .get_value()
            .map(|id| format!("&after={id}"))
            .unwrap_or_default();
        let samples = self.samples();
        let url = format!("/stream?topics={}{after}{samples}", topics.join(","));
        let Ok(events) = EventSource::new(&url) else {
            return self.come_back();
        };
        let heard = Closure::new(move |event: MessageEvent| self.hear(&event));
        let opened = Closure::new(move || self.opened());
        let failed = Closure::new(move || self.failed());
        let ping = Closure::new(move || self.says_something());
        // The session may have got a new id, and its cookie be on its way.
        let gone = Closure::new(move || self.come_back());
        let reset = Closure::new(move |event: MessageEvent| {
            self.says_something();
            let is_away = event.data().as_string().as_deref() == Some(AWAY);
            self.live.is_stale.set(is_away);
            // Changes between what the page holds and what is told from here on are forgotten.
            self.live.tell_all();
        });
        let samples = Closure::new(move |event: MessageEvent| self.hear_samples(&event));
        events.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        events.set_onopen(Some(opened.as_ref().unchecked_ref()));
        events.set_onerror(Some(failed.as_ref().unchecked_ref()));
        let _ = events.add_event_listener_with_callback("ping", ping.as_ref().unchecked_ref());
        let _ = events.add_event_listener_with_callback("gone", gone.as_ref().unchecked_ref());
        let _ = events.add_event_listener_with_callback("reset", reset.as_ref().unchecked_ref());
        let _ =
            events.add_event_listener_with_callback("samples", samples.as_ref().unchecked_ref());
        self.source.set_value(Some(Source {
            events,
            _heard: heard,
            _opened: opened,
            _failed: failed,
            _ping: ping,
            _gone: gone,
            _reset: reset,
            _samples: samples,
        }));
    }

    fn opened(self) {
        self.wait.set_value(FIRST_WAIT);
        self.says_something();
        self.live.is_stale.set(false);
        if self.was_open.get_value() {
            self.live.tell_all();
        }
        self.was_open.set_value(true);
    }

    fn hear(self, event: &MessageEvent) {
        self.says_something();
        let text = event.data().as_string().unwrap_or_default();
        if let Ok(change) = types::wire::read::<Change>(text.as_bytes()) {
            self.last.set_value(Some(change.id));
            self.live.tell(&change);
        }
    }

    /// Which samples are asked for, as the rest of the stream's address.
    fn samples(self) -> String {
        use std::fmt::Write as _;
        let mut asked = String::new();
        for host in self.live.samples.get_untracked() {
            asked.push_str("&samples=");
            asked.push_str(&crate::pages::service::segment(&host));
        }
        let at = self.live.sampled.get_value();
        if at != 0 && !asked.is_empty() {
            let _ = write!(asked, "&since={at}");
        }
        asked
    }

    fn hear_samples(self, event: &MessageEvent) {
        self.says_something();
        let text = event.data().as_string().unwrap_or_default();
        let hear = self.live.hear.try_get_value().flatten();
        if let (Some(hear), Ok(pulse)) = (hear, types::wire::read::<Pulse>(text.as_bytes())) {
            hear(pulse);
        }
    }

    /// The browser tries again by itself after a cut, but gives up after an answer that is no stream.
    fn failed(self) {
        self.cut(|since| Connection::Cut { since });
        let gave_up = self.source.try_with_value(|source| {
            source
                .as_ref()
                .is_none_or(|source| source.events.ready_state() == EventSource::CLOSED)
        });
        if gave_up == Some(true) {
            self.come_back();
        }
    }

    fn says_something(self) {
        self.heard_ms.set_value(js_sys::Date::now());
        self.live.connection.maybe_update(|connection| {
            std::mem::replace(connection, Connection::Live) != Connection::Live
        });
    }

    /// A connection that died without a word looks open for good: one that is silent for too long is made anew.
    fn listen(self) {
        let silent_s = (js_sys::Date::now() - self.heard_ms.get_value()) / 1_000.0;
        if silent_s < SILENCE_S || self.source.with_value(Option::is_none) {
            return;
        }
        self.source.set_value(None);
        self.cut_since(
            self.clock.now_untracked() - time::Duration::seconds_f64(silent_s),
            |since| Connection::Cut { since },
        );
        self.connect();
    }

    fn cut(self, how: impl FnOnce(time::OffsetDateTime) -> Connection) {
        self.cut_since(self.clock.now_untracked(), how);
    }

    fn cut_since(
        self,
        since: time::OffsetDateTime,
        how: impl FnOnce(time::OffsetDateTime) -> Connection,
    ) {
        self.live
            .connection
            .update(|connection| *connection = how(connection.since(since)));
    }

    /// Ends the stream of a page that nobody sees; what it shows gets old from now on.
    fn let_go(self) {
        self.source.set_value(None);
        self.live.connection.update(|connection| {
            if *connection == Connection::Live {
                let since = self.clock.now_untracked();
                *connection = Connection::Connecting { since };
            }
        });
    }

    /// Opens the stream anew after a while, unless nobody is signed in any more.
    fn come_back(self) {
        let Some(wait) = self.wait.try_get_value() else {
            return;
        };
        self.wait.set_value((wait * 2).min(LONGEST_WAIT));
        set_timeout(
            move || {
                leptos::task::spawn_local(async move {
                    if matches!(
                        crate::api::identity::me().await,
                        Err(Error::Unauthenticated)
                    ) {
                        sign_in_again();
                    } else if self.source.try_with_value(Option::is_some).is_some() {
                        self.connect();
                    }
                });
            },
            wait,
        );
    }

    /// A tab that nobody sees holds no connection; seen again it reads what it missed.
    fn look_at_visibility(self) {
        if document().hidden() {
            self.let_go();
        } else if self.source.with_value(Option::is_none) {
            self.connect();
        }
    }
}

impl Live {
    fn tell(self, change: &Change) {
        self.bump(|listener| listener.wants(change));
    }

    fn tell_all(self) {
        self.bump(|_| true);
    }

    /// Tells listeners: at once when they were quiet, else together with what follows within [`GATHER_MS`].
    fn bump(self, wants: impl Fn(&super::Listener) -> bool) {
        let now = js_sys::Date::now();
        let mut told = Vec::new();
        let mut due = Vec::new();
        self.listeners.update_value(|listeners| {
            for listener in listeners.iter_mut().filter(|listener| wants(listener)) {
                if now - listener.told_ms >= GATHER_MS {
                    listener.told_ms = now;
                    told.push(listener.version);
                } else if !listener.is_due {
                    listener.is_due = true;
                    due.push(listener.id);
                }
            }
        });
        for version in told {
            let _ = version.try_update(|version| *version += 1);
        }
        if !due.is_empty() {
            set_timeout(move || self.tell_due(&due), Duration::from_millis(200));
        }
    }

    fn tell_due(self, due: &[u64]) {
        let mut told = Vec::new();
        let _ = self.listeners.try_update_value(|listeners| {
            for listener in listeners
                .iter_mut()
                .filter(|listener| due.contains(&listener.id))
            {
                listener.is_due = false;
                listener.told_ms = js_sys::Date::now();
                told.push(listener.version);
            }
        });
        for version in told {
            let _ = version.try_update(|version| *version += 1);
        }
    }
}
