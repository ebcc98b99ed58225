//! A service's log as it is written: the last lines, searched and filtered, paused at will.

#![cfg_attr(
    feature = "ssr",
    allow(dead_code, reason = "lines come to the browser alone")
)]

mod gathered;
mod line;
#[cfg(not(feature = "ssr"))]
mod tail;
mod window;

use leptos::{html, prelude::*};
use types::{Error, deployment::Service};

use crate::{
    components::{
        effect::{effect, memo},
        error_view::ErrorView,
    },
    pages::service::segment,
};
use line::{Line, Severity};
use window::Window;

/// What the tail shows and how.
#[derive(Clone, Copy)]
struct Tail {
    /// The lines in the page.
    window: RwSignal<Window>,
    /// Why there are no more.
    ended: RwSignal<Option<Ended>>,
    /// No line is added while it is true.
    is_paused: RwSignal<bool>,
    /// Lines that wait for the pause to end.
    waiting: RwSignal<usize>,
}

/// Why a log goes no further.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Ended {
    /// The container ended.
    Over,
    /// It could not be read.
    Failed(Error),
}

/// Which run of which service's container: another is followed anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    project: String,
    service: String,
    container_id: String,
    started_at: Option<time::OffsetDateTime>,
}

impl Run {
    /// The service's present run.
    pub fn of(service: &Service) -> Self {
        Self {
            project: service.project.clone(),
            service: service.name.clone(),
            container_id: service.container_id.clone(),
            started_at: service.started_at,
        }
    }
}

/// The card.
#[component]
pub fn Log(
    /// The run to follow.
    run: Memo<Run>,
) -> impl IntoView {
    let tail = Tail {
        window: RwSignal::new(Window::default()),
        ended: RwSignal::new(None),
        is_paused: RwSignal::new(false),
        waiting: RwSignal::new(0),
    };
    #[cfg(not(feature = "ssr"))]
    effect(move || run.with(|run| tail::follow(tail, &run.project, &run.service)));
    #[cfg(feature = "ssr")]
    let _ = run;
    let last_lines = move || {
        run.with(|run| {
            let project = segment(&run.project);
            format!(
                "/api/v1/stack/{project}/{}/logs?tail=200",
                segment(&run.service)
            )
        })
    };
    let words = RwSignal::new(String::new());
    let least = RwSignal::new(Severity::Any);
    let wraps = RwSignal::new(true);
    view! {
        <section class="card" aria-labelledby="log-title">
            <header>
                <h2 id="log-title">"Log"</h2>
                <span class="sp"></span>
                <div class="scripted">
                    <input
                        class="input log-search"
                        type="search"
                        aria-label="Search the log"
                        placeholder="Search"
                        on:input=move |event| words.set(event_target_value(&event))
                    />
                    <select
                        class="input log-level"
                        aria-label="Least level"
                        on:change=move |event| least.set(Severity::parse(&event_target_value(&event)))
                    >
                        {Severity::CHOICES
                            .map(|(value, label)| view! { <option value=value>{label}</option> })
                            .into_iter()
                            .collect_view()}
                    </select>
                    <button
                        class="btn"
                        type="button"
                        aria-pressed=move || if wraps.get() { "true" } else { "false" }
                        on:click=move |_| wraps.update(|wraps| *wraps = !*wraps)
                    >
                        "Wrap"
                    </button>
                    <Pause tail />
                </div>
            </header>
            <noscript>
                <p class="hint p-3">
                    "The live log needs scripts. " <a href=last_lines rel="external">"Its last 200 lines as JSON"</a>
                </p>
            </noscript>
            <Lines tail words least wraps />
            <End tail />
        </section>
    }
}

#[component]
fn Pause(tail: Tail) -> impl IntoView {
    let text = move || match (tail.is_paused.get(), tail.waiting.get()) {
        (false, _) => "Pause".to_owned(),
        (true, 0) => "Go on".to_owned(),
        (true, waiting) => format!("Go on ({waiting} new)"),
    };
    view! {
        <button
            class="btn"
            type="button"
            aria-pressed=move || if tail.is_paused.get() { "true" } else { "false" }
            on:click=move |_| tail.is_paused.update(|is_paused| *is_paused = !*is_paused)
        >
            {text}
        </button>
    }
}

#[component]
fn Lines(
    tail: Tail,
    words: RwSignal<String>,
    least: RwSignal<Severity>,
    wraps: RwSignal<bool>,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let shown = memo(move || {
        let (words, least) = (words.get().to_ascii_lowercase(), least.get());
        tail.window.with(|window| window.matching(&words, least))
    });
    let is_at_end = RwSignal::new(true);
    stay_at_the_end(node, is_at_end, shown);
    let nothing = move || {
        shown.read().is_empty().then(|| {
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
            <For each=move || shown.get() key=move |line| (line.number, words.get_untracked()) let:line>
                <LineView line words />
            </For>
        </div>
    }
}

#[component]
fn LineView(line: Line, words: RwSignal<String>) -> impl IntoView {
    let class = line.severity().class();
    let pieces = line::mark(
        &line.text.message,
        &words.get_untracked().to_ascii_lowercase(),
    );
    let pieces: Vec<_> = pieces
        .into_iter()
        .map(|(piece, is_hit)| {
            if is_hit {
                view! { <mark>{piece}</mark> }.into_any()
            } else {
                piece.into_any()
            }
        })
        .collect();
    let details = line.details();
    let level = if line.text.level.is_empty() {
        line.text.stream.clone()
    } else {
        line.text.level.clone()
    };
    view! {
        <div class=class>
            {line
                .text
                .at
                .map_or_else(
                    || view! { <time></time> }.into_any(),
                    |at| {
                        view! { <crate::components::clock::TimeOfDay at /> }.into_any()
                    },
                )}
            <span>{level}</span>
            <span>
                {pieces} {line.text.cut.then(|| view! { <small>" (cut)"</small> })}
                {details.map(|details| view! { <small class="text-muted">{details}</small> })}
            </span>
        </div>
    }
}

#[component]
fn End(tail: Tail) -> impl IntoView {
    move || {
        tail.ended.get().map(|ended| match ended {
            Ended::Over => view! {
                <p class="hint p-3 border-t" role="status">
                    "The container has ended; its log goes on when it runs again."
                </p>
            }
            .into_any(),
            Ended::Failed(error) => view! { <div class="p-3"><ErrorView error /></div> }.into_any(),
        })
    }
}

/// Keeps the newest line in sight, unless one has scrolled up to read.
fn stay_at_the_end(node: NodeRef<html::Div>, is_at_end: RwSignal<bool>, shown: Memo<Vec<Line>>) {
    effect(move || {
        shown.track();
        if is_at_end.get_untracked() {
            request_animation_frame(move || {
                if let Some(log) = node.get_untracked() {
                    log.set_scroll_top(log.scroll_height());
                }
            });
        }
    });
}

/// Whether the newest line is in sight, give or take a line.
fn shows_its_end(node: NodeRef<html::Div>) -> bool {
    node.get_untracked()
        .is_none_or(|log| log.scroll_height() - log.client_height() - log.scroll_top() < 40)
}
