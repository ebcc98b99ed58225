//! What a service used, as charts.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use types::Error;

use crate::{
    components::{
        board::{
            Board,
            wanted::{Shown, Wanted},
        },
        effect::memo,
        error_view::ErrorView,
        live::Live,
    },
    pages::resources::Ranges,
};

/// The charts of a service over the range in the address, which go on with the samples of the console's own host.
pub fn wanted(project: Memo<String>, service: Memo<String>) -> Memo<Wanted> {
    Live::here().tell_samples(vec![String::new()]);
    let query = use_query_map();
    memo(move || Wanted {
        project: project.get(),
        service: service.get(),
        host: String::new(),
        view: types::charts::View::default(),
        ..Wanted::of_query(&query.read())
    })
}

/// The charts.
#[component]
pub fn Used(
    /// Which ones are asked for.
    wanted: Memo<Wanted>,
    /// What was read first.
    charts: Result<Shown, Error>,
) -> impl IntoView {
    let board = match charts {
        Ok(first) => view! { <Board first wanted=wanted.into() /> }.into_any(),
        Err(error) => view! { <ErrorView error /> }.into_any(),
    };
    view! {
        <section class="mb-3" id="usage" aria-label="Usage over time">
            <Ranges wanted />
            {board}
        </section>
    }
}
