//! The board in the browser: keeps what is shown as it was read and as the stream tells it, and draws what is looked at.

mod act;
mod export;
mod finer;
mod parts;
mod point;
mod state;

use std::time::Duration;

use leptos::{
    html,
    prelude::*,
    wasm_bindgen::{JsCast, closure::Closure},
    web_sys::{Event, HtmlElement},
};
use types::{charts::Pulse, live::Topic};

use super::{
    panel::{Panel, Taken},
    wanted::{ALL_HOSTS, Shown, Wanted},
};
use crate::{
    charts::times,
    components::{clock::Clock, effect::effect, live::Live},
};
use state::State;

/// What is done at rest: the note that samples are old, and reading anew.
const TICK: Duration = Duration::from_secs(5);
/// Charts are read anew this often, in milliseconds: series come and go, and spans that the browser began are told exactly.
const ANEW_EVERY: f64 = 60_000.0;
/// What was missed is read after this long, so that what is missed with it is read at once.
const GATHER: Duration = Duration::from_millis(300);
/// Events of the board that are answered.
const EVENTS: [&str; 11] = [
    "click",
    "dblclick",
    "keydown",
    "pointerdown",
    "pointermove",
    "pointerup",
    "pointercancel",
    "pointerleave",
    "blur",
    "toggle",
    "contextmenu",
];

/// The board, wherever it is needed.
#[derive(Clone, Copy)]
struct Keeper {
    state: StoredValue<Option<Box<State>>, LocalStorage>,
    live: Live,
    clock: Clock,
}

/// Keeps the board up to date for as long as the current owner lives.
pub fn keep(node: NodeRef<html::Div>, first: Shown, wanted: Signal<Wanted>, text: u32) {
    let keeper = Keeper {
        state: StoredValue::new_local(None),
        live: Live::here(),
        clock: Clock::here(),
    };
    let navigate = leptos_router::hooks::use_navigate();
    let go = move |query: &str| {
        let path = window().location().pathname().unwrap_or_default();
        let options = leptos_router::NavigateOptions {
            scroll: false,
            ..Default::default()
        };
        navigate(&(path + query), options);
    };
    let mut first = Some((first, Box::new(go)));
    let changed = keeper.live.version(&[Topic::Deployment]);
    effect(move || {
        let Some(root) = node.get() else { return };
        let Some((shown, go)) = first.take() else {
            return;
        };
        keeper.mount(root.into(), shown, text, go);
        keeper.listen();
    });
    effect(move || {
        let wanted = wanted.get();
        keeper.want(wanted);
    });
    effect(move || {
        if changed.get() > 0 {
            keeper.with(|state| state.is_due &= !state.is_gone());
            keeper.read_soon();
        }
    });
    effect(move || {
        let now = keeper.clock.now().unix_timestamp() * 1_000;
        keeper.with(|state| {
            state.now = now;
            state.tell();
        });
    });
    // Once the reader's zone is known the page has taken over what the server sent; then everything is as wide as there is room.
    effect(move || {
        let zone = keeper.clock.zone();
        if keeper.clock.is_local() {
            keeper.with(|state| {
                state.zone = zone;
                state.write();
            });
        }
    });
    let ticking = set_interval_with_handle(move || keeper.tick(), TICK);
    let resized = window_event_listener_untyped("resize", move |_| {
        keeper.with(State::draw_all);
    });
    on_cleanup(move || {
        resized.remove();
        if let Ok(ticking) = ticking {
            ticking.clear();
        }
    });
}

impl Keeper {
    /// Runs `run` with the state. While it runs the state is not there, so that what an act on the page sets off at once,
    /// such as a focus that goes, is let pass.
    fn with<T>(self, run: impl FnOnce(&mut State) -> T) -> Option<T> {
        let mut state = self.take()?;
        let done = run(&mut state);
        self.put(state);
        Some(done)
    }

    fn take(self) -> Option<Box<State>> {
        self.state.try_update_value(Option::take).flatten()
    }

    fn put(self, state: Box<State>) {
        let _ = self.state.try_set_value(Some(state));
    }

    fn mount(self, root: HtmlElement, shown: Shown, text: u32, go: Box<dyn Fn(&str)>) {
        let is_served = root.first_element_child().is_some();
        let mut state = State {
            cards: Vec::new(),
            wanted: shown.wanted,
            panels: shown.panels.into_iter().map(Panel::new).collect(),
            error: shown.error,
            muted: Vec::new(),
            cursor: None,
            point: point::Pointers::default(),
            text,
            size: (580, 170),
            now: self.clock.now_untracked().unix_timestamp() * 1_000,
            zone: times::UTC,
            read_ms: js_sys::Date::now(),
            drawn_ms: 0.0,
            reading: 0,
            is_due: false,
            go,
            root,
        };
        if is_served {
            state.cards = parts::find(&state.root, &state.look().places());
        } else {
            state.write();
        }
        self.follow(&state);
        self.put(Box::new(state));
        self.live.hear_samples(move |pulse| self.hear(&pulse));
    }

    /// One listener for all that happens in the board.
    fn listen(self) {
        let answer = Closure::<dyn Fn(Event)>::new(move |event: Event| act::answer(self, &event));
        let root = self.with(|state| state.root.clone());
        let Some(root) = root else { return };
        for name in EVENTS {
            // Some of them do not bubble.
            let _ = root.add_event_listener_with_callback_and_bool(
                name,
                answer.as_ref().unchecked_ref(),
                true,
            );
        }
        let answer = StoredValue::new_local(Some((root, answer)));
        on_cleanup(move || {
            let _ = answer.try_update_value(|answer| {
                if let Some((root, answer)) = answer.take() {
                    for name in EVENTS {
                        let _ = root.remove_event_listener_with_callback_and_bool(
                            name,
                            answer.as_ref().unchecked_ref(),
                            true,
                        );
                    }
                }
            });
        });
    }

    /// Shows something else from now on, if it is something else.
    fn want(self, wanted: Wanted) {
        let is_new = self.with(|state| {
            let is_new = state.wanted != wanted;
            if is_new {
                state.wanted = wanted;
                state.cursor = None;
                let _ = state.root.set_attribute("aria-busy", "true");
            }
            is_new
        });
        if is_new == Some(true) {
            self.read();
        }
    }

    /// Reads anew what is shown, once for all reasons there are within a moment.
    fn read_soon(self) {
        let is_due = self.with(|state| std::mem::replace(&mut state.is_due, true));
        if is_due == Some(false) {
            set_timeout(move || self.read(), GATHER);
        }
    }

    fn read(self) {
        let started = self.with(|state| {
            state.reading += 1;
            state.is_due = true;
            state.read_ms = js_sys::Date::now();
            (state.reading, state.wanted.clone())
        });
        let Some((reading, wanted)) = started else {
            return;
        };
        leptos::task::spawn_local(async move {
            let shown = wanted.clone().read().await;
            self.with(|state| {
                if state.reading != reading {
                    return;
                }
                let _ = state.root.remove_attribute("aria-busy");
                state.show(shown);
                // What is not there is not asked for until something happens to it.
                state.is_due = state.is_gone();
                self.follow(state);
            });
        });
    }

    /// Has the stream go on with what is shown: of all hosts with each that is among them.
    fn follow(self, state: &State) {
        self.live.sampled(state.held());
        if state.wanted.host == ALL_HOSTS && !state.panels.is_empty() {
            let hosts = state.panels.iter().map(|panel| panel.charts.host.clone());
            self.live.change_samples(hosts.collect());
        }
    }

    fn hear(self, pulse: &Pulse) {
        let taken = self.with(|state| {
            let taken = state.hear(pulse);
            self.live.sampled(state.held());
            taken
        });
        match taken {
            Some(Taken::Missed) => self.read_soon(),
            Some(Taken::Lost) => self.live.tell_samples_anew(),
            Some(Taken::Grown) | None => (),
        }
    }

    fn tick(self) {
        let is_due = self.with(|state| {
            state.wanted.is_live() && js_sys::Date::now() - state.read_ms >= ANEW_EVERY - 1_000.0
        });
        if is_due == Some(true) && !document().hidden() {
            self.read_soon();
        }
    }
}
