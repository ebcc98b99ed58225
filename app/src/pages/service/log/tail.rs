//! The log's own event stream in the browser. Lines are gathered and added a few times a second, so that a service
//! that writes a thousand lines a second does not stop the page.

use std::time::Duration;

use leptos::prelude::*;
use types::{Error, deployment::LogLine};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventSource, MessageEvent};

use super::{Ended, Tail, gathered::Gathered};
use crate::components::live::SILENCE_S;

/// How often gathered lines are added.
const ADD_EVERY: Duration = Duration::from_millis(150);

/// Lines of the past that are asked for; the search field tells it.
const LINES: usize = 1_000;

struct Source {
    events: EventSource,
    _heard: Closure<dyn FnMut(MessageEvent)>,
    _ended: Closure<dyn FnMut(MessageEvent)>,
    _problem: Closure<dyn FnMut(MessageEvent)>,
    _ping: Closure<dyn FnMut()>,
    _opened: Closure<dyn FnMut()>,
    _failed: Closure<dyn FnMut()>,
}

impl Drop for Source {
    fn drop(&mut self) {
        self.events.close();
    }
}

#[derive(Clone, Copy)]
struct Stream {
    tail: Tail,
    gathered: StoredValue<Gathered>,
    source: StoredValue<Option<Source>, LocalStorage>,
    address: StoredValue<String>,
    /// When the stream was asked for or last said something, in milliseconds.
    heard_ms: StoredValue<f64>,
}

/// Follows the log for as long as the current owner lives.
pub fn follow(tail: Tail, project: &str, service: &str) {
    let encode = |text| String::from(js_sys::encode_uri_component(text));
    let address = format!(
        "/stream/logs?project={}&service={}&tail={LINES}",
        encode(project),
        encode(service)
    );
    let stream = Stream {
        tail,
        gathered: StoredValue::new(Gathered::default()),
        source: StoredValue::new_local(None),
        address: StoredValue::new(address),
        heard_ms: StoredValue::new(js_sys::Date::now()),
    };
    stream.open();
    let adding = set_interval_with_handle(move || stream.add(), ADD_EVERY);
    let seen = window_event_listener_untyped("visibilitychange", move |_| {
        if document().hidden() {
            stream.source.set_value(None);
        } else if stream.source.with_value(Option::is_none) {
            stream.open();
        }
    });
    on_cleanup(move || {
        if let Ok(adding) = adding {
            adding.clear();
        }
        seen.remove();
    });
}

impl Stream {
    fn open(self) {
        if document().hidden() {
            return;
        }
        let Ok(events) = EventSource::new(&self.address.get_value()) else {
            return;
        };
        self.says_something();
        let heard = Closure::new(move |event: MessageEvent| self.hear(&event));
        let ended = Closure::new(move |_: MessageEvent| self.end(Ended::Over));
        let problem = Closure::new(move |event: MessageEvent| {
            let text = event.data().as_string().unwrap_or_default();
            let error = types::wire::read(text.as_bytes()).unwrap_or(Error::Unreachable);
            self.end(Ended::Failed(error));
        });
        let ping = Closure::new(move || self.says_something());
        let opened = Closure::new(move || {
            self.says_something();
            self.gathered.update_value(Gathered::begin);
            self.tail.ended.set(None);
        });
        let failed = Closure::new(move || self.failed());
        events.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        events.set_onopen(Some(opened.as_ref().unchecked_ref()));
        events.set_onerror(Some(failed.as_ref().unchecked_ref()));
        let _ = events.add_event_listener_with_callback("ping", ping.as_ref().unchecked_ref());
        let _ = events.add_event_listener_with_callback("end", ended.as_ref().unchecked_ref());
        let _ =
            events.add_event_listener_with_callback("problem", problem.as_ref().unchecked_ref());
        self.source.set_value(Some(Source {
            events,
            _heard: heard,
            _ended: ended,
            _problem: problem,
            _ping: ping,
            _opened: opened,
            _failed: failed,
        }));
    }

    fn hear(self, event: &MessageEvent) {
        self.says_something();
        let text = event.data().as_string().unwrap_or_default();
        if let Ok(line) = types::wire::read::<LogLine>(text.as_bytes()) {
            self.gathered.update_value(|gathered| gathered.push(line));
        }
    }

    fn says_something(self) {
        self.heard_ms.set_value(js_sys::Date::now());
    }

    fn add(self) {
        let waiting = self.gathered.with_value(Gathered::len);
        if self.tail.is_paused.get_untracked() {
            self.tail
                .waiting
                .maybe_update(|old| std::mem::replace(old, waiting) != waiting);
        } else if waiting > 0 {
            self.tail.window.update(|window| {
                self.gathered
                    .update_value(|gathered| gathered.add_to(window));
            });
            self.tail.waiting.set(0);
        }
        self.listen();
    }

    /// A connection that died without a word looks open for good: one that is silent for too long is made anew.
    fn listen(self) {
        let silent_s = (js_sys::Date::now() - self.heard_ms.get_value()) / 1_000.0;
        let is_open = self.source.with_value(|source| {
            source
                .as_ref()
                .is_some_and(|source| source.events.ready_state() != EventSource::CLOSED)
        });
        if silent_s >= SILENCE_S && is_open {
            self.open();
        }
    }

    /// The stream said why it ends. After a problem it is tried again; a container that ended is followed anew by
    /// whoever owns this stream when it runs again.
    fn end(self, why: Ended) {
        self.source.update_value(|source| {
            if let Some(source) = source {
                source.events.close();
            }
        });
        if matches!(why, Ended::Failed(_)) {
            self.come_back();
        }
        self.tail.ended.set(Some(why));
    }

    /// After a cut the browser comes back by itself; after a refusal it does not.
    fn failed(self) {
        let gave_up = self.source.with_value(|source| {
            source
                .as_ref()
                .is_some_and(|source| source.events.ready_state() == EventSource::CLOSED)
        });
        if gave_up {
            self.tail.ended.set(Some(Ended::Failed(Error::Unreachable)));
            self.come_back();
        }
    }

    fn come_back(self) {
        set_timeout(
            move || {
                if self.source.try_with_value(Option::is_some) == Some(true) {
                    self.open();
                }
            },
            Duration::from_secs(5),
        );
    }
}
