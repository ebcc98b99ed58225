//! A service's log as it is written: the last lines, searched and filtered, paused at will.

#![cfg_attr(
    feature = "ssr",
    allow(dead_code, reason = "lines come to the browser alone")
)]

mod gathered;
mod line;
mod lines;
#[cfg(not(feature = "ssr"))]
mod tail;
mod window;

use leptos::prelude::*;
use types::{Error, deployment::Service};

use crate::{components::error_view::ErrorView, pages::service::segment};
use line::Severity;
use lines::Lines;
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
    let words = RwSignal::new(String::new());
    let least = RwSignal::new(Severity::parse(""));
    let wraps = RwSignal::new(true);
    #[cfg(not(feature = "ssr"))]
    crate::components::effect::effect(move || {
        run.with(|run| tail::follow(tail, &run.project, &run.service))
    });
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
                        placeholder="Search from 1,000 lines back"
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
