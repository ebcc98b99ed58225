//! The lines in the page: plain HTML, added at the end and taken away at the beginning, so that what is selected stays so.

use leptos::{html, prelude::*};

use super::{Tail, line::Severity};

/// The lines that a search hits and that are grave enough.
#[component]
pub fn Lines(
    /// What is shown of.
    tail: Tail,
    /// What is looked for.
    words: RwSignal<String>,
    /// How grave a line must be.
    least: RwSignal<Severity>,
    /// Whether lines are wrapped that are too long.
    wraps: RwSignal<bool>,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let is_at_end = RwSignal::new(true);
    let is_empty = RwSignal::new(true);
    #[cfg(not(feature = "ssr"))]
    browser::follow(node, tail, (words, least), is_at_end, is_empty);
    #[cfg(feature = "ssr")]
    let _ = (words, least);
    let nothing = move || {
        is_empty.get().then(|| {
            let text = match (tail.window.read().is_empty(), tail.ended.read().is_some()) {
                (true, false) => "No line has come yet.",
                (true, true) => "There is no line.",
                (false, _) => "No line matches the search and level.",
            };
            view! { <p class="hint px-4 py-2">{text}</p> }
        })
    };
    view! {
        <div
            class="log"
            class:nowrap=move || !wraps.get()
            node_ref=node
            tabindex="0"
            role="log"
            aria-label="Log lines"
            aria-live="off"
            on:scroll=move |_| is_at_end.set(shows_its_end(node))
        >
            {nothing}
            <div class="written"></div>
        </div>
    }
}

/// Whether the newest line is in sight, give or take a line.
fn shows_its_end(node: NodeRef<html::Div>) -> bool {
    node.get_untracked()
        .is_none_or(|log| log.scroll_height() - log.client_height() - log.scroll_top() < 40)
}

#[cfg(not(feature = "ssr"))]
mod browser {
    use std::collections::VecDeque;

    use leptos::{html, prelude::*, web_sys::Element};

    use super::{
        super::{
            line::{self, Severity},
            window::Window,
        },
        Tail,
    };
    use crate::components::{clock::Clock, effect::effect, html::Html};

    /// What the lines are shown by: another one shows other lines.
    type By = (String, Severity, bool);

    /// What is in the page.
    #[derive(Default)]
    struct Drawn {
        by: By,
        /// The numbers of the lines, the oldest first.
        numbers: VecDeque<u64>,
        /// The number of the first line that was not looked at yet.
        next: u64,
    }

    /// Keeps the page's lines as the tail has them, and the newest in sight unless one has scrolled up to read.
    pub fn follow(
        node: NodeRef<html::Div>,
        tail: Tail,
        (words, least): (RwSignal<String>, RwSignal<Severity>),
        is_at_end: RwSignal<bool>,
        is_empty: RwSignal<bool>,
    ) {
        let clock = Clock::here();
        let mut drawn = Drawn::default();
        effect(move || {
            let by = (
                words.get().to_ascii_lowercase(),
                least.get(),
                clock.is_local(),
            );
            let Some(log) = node.get() else { return };
            let Some(lines) = log.last_element_child() else {
                return;
            };
            tail.window
                .with(|window| drawn.draw(&lines, by, window, clock));
            let empty = drawn.numbers.is_empty();
            is_empty.maybe_update(|is_empty| std::mem::replace(is_empty, empty) != empty);
            if is_at_end.get_untracked() {
                log.set_scroll_top(log.scroll_height());
            }
        });
    }

    impl Drawn {
        fn draw(&mut self, lines: &Element, by: By, window: &Window, clock: Clock) {
            if self.by != by {
                lines.set_inner_html("");
                *self = Self {
                    by,
                    ..Self::default()
                };
            }
            let gone = (self.numbers.iter())
                .take_while(|number| **number < window.first())
                .count();
            for _ in self.numbers.drain(..gone) {
                if let Some(oldest) = lines.first_element_child() {
                    oldest.remove();
                }
            }
            let mut html = Html::default();
            for (number, line) in window.from(self.next) {
                if line::matches(line, &self.by.0, self.by.1) {
                    line::write(&mut html, line, &self.by.0, clock);
                    self.numbers.push_back(number);
                }
            }
            self.next = window.next();
            if !html.as_str().is_empty() {
                let _ = lines.insert_adjacent_html("beforeend", html.as_str());
            }
        }
    }
}
