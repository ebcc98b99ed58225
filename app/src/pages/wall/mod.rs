//! A screen in the office: whether all is well, and the charts that tell most, large and for days.

#[cfg(not(feature = "ssr"))]
mod browser;
mod services;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use types::{health::Status, live::Topic};

use crate::{
    api,
    components::{
        board::{Board, wanted::Wanted},
        clock::Clock,
        effect::memo,
        facts::Facts,
        frame::{self, Overall},
        live::{Connection, Live},
        loaded::Loaded,
        status::{Badge, StatusBadge, Tone},
    },
    pages::resources,
};

/// How high text in charts is, in pixels: it is read from across a room.
const TEXT: u32 = 16;

/// The page.
#[component]
pub fn WallPage() -> impl IntoView {
    frame::alone(|| view! { <Wall /> }.into_any())
}

#[component]
fn Wall() -> impl IntoView {
    let query = use_query_map();
    let wanted = memo(move || Wanted::of_query(&query.read()));
    let first = resources::read(wanted);
    let changed = Live::here().version(&[Topic::Deployment]);
    let listing = Facts::new(move || changed.get(), |_| api::deployment::stack());
    #[cfg(not(feature = "ssr"))]
    browser::stay();
    let clock = Clock::here();
    let time = move || {
        clock
            .time_of_day(clock.now())
            .get(..5)
            .unwrap_or_default()
            .to_owned()
    };
    view! {
        <Title text="Wall" />
        <main class="wall" id="main">
            <header>
                <h1 class="sr-only">"Wall view"</h1>
                <Verdict />
                <span class="sp"></span>
                <Connected />
                <b class="time">{time}</b>
                <FullScreen />
                <a class="btn plain" href=move || format!("/resources{}", wanted.read().query())>
                    "Leave"
                </a>
            </header>
            <Loaded
                facts=listing
                view=|listing| view! { <services::Services listing /> }.into_any()
            />
            <resources::Misread wanted />
            <Loaded
                facts=first
                view=move |first| {
                    let first = first.get_untracked();
                    view! { <Board first wanted=wanted.into() text=TEXT /> }.into_any()
                }
            />
        </main>
    }
}

/// Whether all is well, in a word and a sentence.
#[component]
fn Verdict() -> impl IntoView {
    let facts = use_context::<Overall>().map(|overall| overall.0);
    view! {
        <div role="status" aria-label="Overall status" class="verdict">
            <Transition>
                {move || Suspend::new(async move {
                    let overview = match facts {
                        Some(facts) => facts.await.ok(),
                        None => None,
                    };
                    let status = overview.as_ref().map_or(Status::Unknown, |overview| overview.status);
                    let text = overview.as_ref().map_or_else(
                        || "How things are is not known.".to_owned(),
                        types::overview::sentence,
                    );
                    view! {
                        <StatusBadge status />
                        <span>{text}</span>
                    }
                })}
            </Transition>
        </div>
    }
}

/// That what is seen is old, where it is.
#[component]
fn Connected() -> impl IntoView {
    let connection = Live::here().connection();
    let clock = Clock::here();
    move || match connection.get() {
        Connection::Cut { since } | Connection::Offline { since } => {
            let text = format!("not connected since {}", clock.time_of_day(since));
            Some(view! { <Badge tone=Tone::Warn text /> })
        }
        Connection::Starting | Connection::Connecting { .. } | Connection::Live => None,
    }
}

/// It needs scripts, so it shows only with them.
#[component]
fn FullScreen() -> impl IntoView {
    let has_scripts = RwSignal::new(false);
    crate::components::effect::effect(move || has_scripts.set(true));
    let fill = move |_| {
        #[cfg(not(feature = "ssr"))]
        browser::fill();
    };
    view! {
        <button class="btn plain" class:invisible=move || !has_scripts.get() type="button" on:click=fill>
            "Full screen"
        </button>
    }
}
