//! The board in the browser: keeps what is shown as it was read and as the stream tells it, and draws what is looked at.

mod act;
mod export;
mod parts;
mod point;

use std::time::Duration;

use leptos::{
    html,
    prelude::*,
    wasm_bindgen::{JsCast, closure::Closure},
    web_sys::{Event, HtmlElement},
};
use types::{
    charts::{Charts, Pulse, Range},
    live::Topic,
};

use super::{
    Look,
    panel::{Panel, Taken},
    wanted::{ALL_HOSTS, Shown, Wanted},
    write,
};
use crate::{
    charts::times::{self, Zone},
    components::{clock::Clock, effect::effect, html::Html, live::Live},
};
use parts::Card;

/// What is done at rest: the note that samples are old, and reading anew.
const TICK: Duration = Duration::from_secs(5);
/// Charts of all hosts are read anew this often, in milliseconds: the stream tells of one.
const ALL_EVERY: f64 = 5_000.0;
/// Other charts are read anew this often: series come and go, and spans that the browser began are told exactly.
const ANEW_EVERY: f64 = 60_000.0;
/// What was missed is read after this long, so that what is missed with it is read at once.
const GATHER: Duration = Duration::from_millis(300);
/// Ranges up to this long, in milliseconds, are drawn with each sample.
const DRAWN_EACH: i64 = 3_600_000;

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
    state: StoredValue<Option<State>, LocalStorage>,
    /// The state is in use: what an act on the page sets off at once, such as a focus that goes, is let pass.
    is_busy: StoredValue<bool>,
    live: Live,
    clock: Clock,
}

/// What is shown.
struct State {
    root: HtmlElement,
    cards: Vec<Card>,
    wanted: Wanted,
    panels: Vec<Panel>,
    error: Option<types::Error>,
    muted: Vec<(String, String)>,
    /// The time that is pointed at.
    cursor: Option<i64>,
    point: point::Pointers,
    text: u32,
    size: (u32, u32),
    now: i64,
    zone: Zone,
    /// When it was read and drawn last, in milliseconds of the browser's clock.
    read_ms: f64,
    drawn_ms: f64,
    /// Counts readings: what an older one brings is not shown any more.
    reading: u32,
    /// Whether a reading is under way or about to be.
    is_due: bool,
    go: Box<dyn Fn(&str)>,
}

/// Keeps the board up to date for as long as the current owner lives.
pub fn keep(node: NodeRef<html::Div>, first: Shown, wanted: Signal<Wanted>, text: u32) {
    let keeper = Keeper {
        state: StoredValue::new_local(None),
        is_busy: StoredValue::new(false),
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
    fn with<T>(self, run: impl FnOnce(&mut State) -> T) -> Option<T> {
        if self.is_busy.try_get_value().unwrap_or(true) {
            return None;
        }
        self.is_busy.set_value(true);
        let done = self
            .state
            .try_update_value(|state| state.as_mut().map(run))
            .flatten();
        self.is_busy.try_set_value(false);
        done
    }

    fn mount(self, root: HtmlElement, shown: Shown, text: u32, go: Box<dyn Fn(&str)>) {
        let newest = newest(&shown.panels);
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
        self.state.set_value(Some(state));
        self.live.sampled(newest);
        self.live.hear_samples(move |pulse| self.hear(&pulse));
    }

    /// One listener for all that happens in the board.
    fn listen(self) {
        let answer =
            Closure::<dyn FnMut(Event)>::new(move |event: Event| act::answer(self, &event));
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
            let newest = self.with(|state| {
                if state.reading != reading {
                    return None;
                }
                state.is_due = false;
                let _ = state.root.remove_attribute("aria-busy");
                state.show(shown);
                Some(newest(state.panels.iter().map(|panel| &panel.charts)))
            });
            if let Some(newest) = newest.flatten() {
                self.live.sampled(newest);
            }
        });
    }

    fn hear(self, pulse: &Pulse) {
        let taken = self.with(|state| state.hear(pulse));
        self.live.sampled(pulse.at);
        if taken == Some(Taken::Missed) {
            self.read_soon();
        }
    }

    fn tick(self) {
        let is_due = self.with(|state| {
            let every = if state.wanted.host == ALL_HOSTS {
                ALL_EVERY
            } else {
                ANEW_EVERY
            };
            state.wanted.is_live() && js_sys::Date::now() - state.read_ms >= every - 1_000.0
        });
        if is_due == Some(true) && !document().hidden() {
            self.read_soon();
        }
    }
}

fn newest<'a>(panels: impl IntoIterator<Item = &'a Charts>) -> i64 {
    panels
        .into_iter()
        .next()
        .and_then(|charts| charts.newest)
        .unwrap_or_default()
}

impl State {
    fn look(&self) -> Look<'_> {
        Look {
            wanted: &self.wanted,
            panels: &self.panels,
            error: self.error.as_ref(),
            muted: &self.muted,
            now: self.now,
            zone: self.zone,
            text: self.text,
            size: self.size,
        }
    }

    /// Takes over what was read.
    fn show(&mut self, shown: Result<Shown, types::Error>) {
        let shown = match shown {
            Ok(shown) => shown,
            Err(error) => Shown {
                error: Some(error),
                ..Shown::default()
            },
        };
        self.error = shown.error;
        if self.error.is_some() {
            // What was known stays, and the reason why it is not newer stands above it.
            return self.tell();
        }
        let is_same = shape(self.panels.iter().map(|panel| &panel.charts)) == shape(&shown.panels);
        if is_same {
            for (panel, charts) in self.panels.iter_mut().zip(shown.panels) {
                panel.renew(charts);
            }
            self.tell();
            self.write_after();
            self.draw_all();
        } else {
            self.panels = shown.panels.into_iter().map(Panel::new).collect();
            self.write();
        }
    }

    /// Writes everything anew, and draws it as wide as it came to be.
    fn write(&mut self) {
        let mut html = Html::default();
        if let Some(size) = self.cards.first().map(Card::size).filter(|size| size.0 > 0) {
            self.size = size;
        }
        write::board(&mut html, &self.look());
        self.root.set_inner_html(html.as_str());
        self.cards = parts::find(&self.root, &self.look().places());
        self.draw_all();
    }

    fn write_after(&self) {
        let mut html = Html::default();
        write::after(&mut html, &self.look());
        parts::set(&self.root, ".after", html);
    }

    /// Says since when samples are missing, where they are.
    fn tell(&self) {
        let mut html = Html::default();
        write::told(&mut html, &self.look());
        parts::set(&self.root, ".told", html);
    }

    fn draw_all(&mut self) {
        self.drawn_ms = js_sys::Date::now();
        for card in &self.cards {
            card.draw(self);
        }
    }

    fn hear(&mut self, pulse: &Pulse) -> Taken {
        let Some(panel) = self.panels.first_mut() else {
            return Taken::Grown;
        };
        let taken = panel.take(pulse, self.wanted.range);
        let span = panel.charts.to - panel.charts.from;
        self.now = self.now.max(pulse.at);
        if self.wanted.is_live() {
            self.tell();
            self.grow(span);
        }
        taken
    }

    /// Draws what is looked at: with each sample, or where a sample is less than a pixel, once they make one.
    #[expect(
        clippy::cast_precision_loss,
        reason = "ranges of time are far below 2^52"
    )]
    fn grow(&mut self, span: i64) {
        let now = js_sys::Date::now();
        let pixels = f64::from(self.cards.first().map_or(1, |card| card.size().0).max(1));
        let is_due = span <= DRAWN_EACH || now - self.drawn_ms >= span as f64 / pixels;
        if is_due {
            self.drawn_ms = now;
        }
        let height = window()
            .inner_height()
            .ok()
            .and_then(|height| height.as_f64())
            .unwrap_or(2_000.0);
        for card in self.cards.iter().filter(|card| card.is_in_view(height)) {
            if is_due {
                card.draw(self);
            } else {
                card.tell(self);
            }
        }
    }

    /// The range that is shown.
    fn range(&self) -> (i64, i64) {
        self.panels
            .first()
            .map_or((0, 1), |panel| (panel.charts.from, panel.charts.to))
    }

    /// Goes to a range, one step forward in history.
    fn zoom(&self, from: i64, to: i64) {
        /// The shortest range, in milliseconds: a few samples.
        const SHORTEST: i64 = 10_000;
        let middle = i64::midpoint(from, to);
        let (from, to) = if to - from < SHORTEST {
            (middle - SHORTEST / 2, middle + SHORTEST / 2)
        } else {
            (from, to)
        };
        (self.go)(&self.wanted.over(Range::Between(from.max(0), to)).query());
    }
}

/// What is in the board, apart from its samples: where it stays the same, nothing needs to be written but those.
fn shape<'a>(panels: impl IntoIterator<Item = &'a Charts>) -> Vec<&'a str> {
    let mut shape = Vec::new();
    for charts in panels {
        shape.push(charts.host.as_str());
        for chart in &charts.charts {
            shape.extend([chart.id.as_str(), chart.title.as_str(), chart.unit.as_str()]);
            for line in &chart.lines {
                shape.extend([
                    line.label.as_str(),
                    if line.before.is_some() { "before" } else { "" },
                ]);
            }
            shape.extend(chart.limits.iter().map(|limit| limit.label.as_str()));
        }
    }
    shape
}
