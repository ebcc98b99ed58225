//! The box itself: charts of a host, or of all hosts side by side, over any time.

mod choose;

pub use choose::{Misread, Ranges};

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::components::{
    board::{
        Board,
        wanted::{ALL_HOSTS, Shown, Wanted},
    },
    effect::memo,
    facts::Facts,
    live::Live,
    loaded::Loaded,
};

/// The page.
#[component]
pub fn ResourcesPage() -> impl IntoView {
    let query = use_query_map();
    let wanted = memo(move || Wanted::of_query(&query.read()));
    let first = read(wanted);
    view! {
        <Title text="Resources" />
        <div class="head">
            <h1>"Resources"</h1>
            <span class="sp"></span>
            <a href=move || format!("/wall{}", wanted.read().query())>"Wall view"</a>
        </div>
        <choose::Choices wanted first />
        <Loaded
            facts=first
            view=move |first| {
                let first = first.get_untracked();
                view! { <Board first wanted=wanted.into() /> }.into_any()
            }
        />
    }
}

/// Reads the charts of the first paint, and has the stream tell the samples that follow. From then on the board reads by
/// itself.
pub fn read(wanted: Memo<Wanted>) -> Facts<Shown> {
    let live = Live::here();
    // Which ones all hosts are the board knows, once they were read.
    let one = |wanted: &Wanted| (wanted.host != ALL_HOSTS).then(|| wanted.host.clone());
    live.tell_samples(wanted.with_untracked(one).into_iter().collect());
    crate::components::effect::effect(move || {
        if let Some(host) = wanted.with(one) {
            live.change_samples(vec![host]);
        }
    });
    Facts::new(
        move || wanted.get_untracked(),
        |wanted: Wanted| wanted.read(),
    )
}
