//! The overview: is all well, and if not, what is wrong and since when.

mod cards;
pub use cards::name_of;
mod sentence;

use crate::components::facts::Facts;
use leptos::prelude::*;
use leptos_meta::Title;
use types::overview::Overview;

use crate::{
    api,
    components::{
        clock::Ago,
        frame::Overall,
        loaded::Loaded,
        status::{StatusBadge, Tone},
    },
};

/// The overview.
#[component]
pub fn OverviewPage() -> impl IntoView {
    let facts: Facts<Overview> = use_context::<Overall>().map_or_else(
        || Facts::new(|| (), |()| api::health::overview()),
        |overall| overall.0,
    );
    view! {
        <Title text="Overview" />
        <Loaded facts view=|overview| view! { <Verdict overview /> }.into_any() />
        <cards::Cards overview=facts />
    }
}

/// The sentence, and below it every problem with its age and its page.
#[component]
fn Verdict(overview: Signal<Overview>) -> impl IntoView {
    view! {
        <div class="head">
            <h1>{move || overview.with(sentence::headline)}</h1>
            <span class="sp"></span>
            {move || overview.read().as_of.map(|at| view! { <small>"as of " <Ago at /></small> })}
        </div>
        {move || {
            let overview = overview.get();
            let tone = Tone::from(overview.status);
            view! {
                <section class=format!("{} mb-3", tone.card()) aria-label="Verdict">
                    <div class="body grid gap-2" role="status">
                        <sentence::Sentence overview=overview.clone() />
                    </div>
                    {(overview.problems.len() > 1).then(|| view! { <Problems overview /> })}
                </section>
            }
        }}
    }
}

#[component]
fn Problems(overview: Overview) -> impl IntoView {
    let rows = overview.problems.into_iter().map(|problem| {
        view! {
            <tr>
                <td>
                    <a class="font-semibold underline" href=problem.href>
                        {sentence::begin(&problem.text)}
                    </a>
                </td>
                <td>
                    <StatusBadge status=problem.status />
                </td>
                <td class="wide text-muted">
                    {problem.since.map(|at| view! { <Ago at /> })}
                </td>
            </tr>
        }
    });
    view! {
        <div class="border-t">
            <table class="cards">
                <thead>
                    <tr>
                        <th>"What is wrong"</th>
                        <th>"How bad"</th>
                        <th>"Since"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}
