//! The log's own event stream in the browser. Lines are gathered and added a few times a second, so that a service
//! that writes a thousand lines a second does not stop the page.

use std::{collections::VecDeque, time::Duration};

use leptos::prelude::*;
use types::{Error, deployment::LogLine};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventSource, MessageEvent};

use super::{Ended, Tail, window::MOST_LINES};

/// Lines of the past that are asked for.
const LINES: usize = 200;
/// How often gathered lines are added.
const ADD_EVERY: Duration = Duration::from_millis(150);

struct Source {
    events: EventSource,
    _heard: Closure<dyn FnMut(MessageEvent)>,
    _ended: Closure<dyn FnMut(MessageEvent)>,
    _problem: Closure<dyn FnMut(MessageEvent)>,
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
    gathered: StoredValue<VecDeque<LogLine>>,
    source: StoredValue<Option<Source>, LocalStorage>,
    address: StoredValue<String>,
    /// The next line begins the tail anew: a stream that was cut tells its last lines again.
    starts_anew: StoredValue<bool>,
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
        gathered: StoredValue::new(VecDeque::new()),
        source: StoredValue::new_local(None),
        address: StoredValue::new(address),
        starts_anew: StoredValue::new(true),
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
        let heard = Closure::new(move |event: MessageEvent| self.hear(&event));
        let ended = Closure::new(move |_: MessageEvent| self.end(Ended::Over));
        let problem = Closure::new(move |event: MessageEvent| {
            let text = event.data().as_string().unwrap_or_default();
            let error = types::wire::read(text.as_bytes()).unwrap_or(Error::Unreachable);
            self.end(Ended::Failed(error));
        });
        let opened = Closure::new(move || {
            self.starts_anew.set_value(true);
            self.tail.ended.set(None);
        });
        let failed = Closure::new(move || self.failed());
        events.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        events.set_onopen(Some(opened.as_ref().unchecked_ref()));
        events.set_onerror(Some(failed.as_ref().unchecked_ref()));
        let _ = events.add_event_listener_with_callback("end", ended.as_ref().unchecked_ref());
        let _ =
            events.add_event_listener_with_callback("problem", problem.as_ref().unchecked_ref());
        self.source.set_value(Some(Source {
            events,
            _heard: heard,
            _ended: ended,
            _problem: problem,
            _opened: opened,
            _failed: failed,
        }));
    }

    fn hear(self, event: &MessageEvent) {
        let text = event.data().as_string().unwrap_or_default();
        let Ok(line) = types::wire::read::<LogLine>(text.as_bytes()) else {
            return;
        };
        self.gathered.update_value(|gathered| {
            if self.starts_anew.get_value() {
                gathered.clear();
                self.starts_anew.set_value(false);
                self.tail.window.update(super::Window::clear);
            }
            if gathered.len() == MOST_LINES {
                gathered.pop_front();
            }
            gathered.push_back(line);
        });
    }

    fn add(self) {
        let waiting = self.gathered.with_value(VecDeque::len);
        if self.tail.is_paused.get_untracked() {
            self.tail
                .waiting
                .maybe_update(|old| std::mem::replace(old, waiting) != waiting);
        } else if waiting > 0 {
            let lines = self
                .gathered
                .try_update_value(std::mem::take)
                .unwrap_or_default();
            self.tail.window.update(|window| window.extend(lines));
            self.tail.waiting.set(0);
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
