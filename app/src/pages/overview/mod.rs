//! The overview: is all well, and if not, what is wrong and since when.

mod cards;
pub use cards::{figure_of, name_of};
mod sentence;

use leptos::prelude::*;
use leptos_meta::Title;
use types::overview::{Overview, When};

use crate::{
    api,
    components::{
        clock::{Ago, Before},
        effect::memo,
        facts::Facts,
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
        <Head facts />
        <Loaded facts view=|overview| view! { <Verdict overview /> }.into_any() />
        <cards::Cards overview=facts />
    }
}

/// The heading stands whatever could be read; what can't be read is not known.
#[component]
fn Head(facts: Facts<Overview>) -> impl IntoView {
    let known = StoredValue::new(None);
    view! {
        <div class="head">
            <Transition>
                {move || Suspend::new(async move {
                    let overview = match facts.await {
                        Ok(overview) => {
                            known.try_set_value(overview.as_of);
                            overview
                        }
                        // What stands below is from then.
                        Err(_) => Overview {
                            as_of: known.try_get_value().flatten(),
                            ..Overview::default()
                        },
                    };
                    view! {
                        <h1>{sentence::headline(&overview)}</h1>
                        <span class="sp"></span>
                        {overview.as_of.map(|at| view! { <small>"as of " <Ago at /></small> })}
                    }
                })}
            </Transition>
        </div>
    }
}

/// The sentence, and below it every problem with its age and its page.
#[component]
fn Verdict(overview: Signal<Overview>) -> impl IntoView {
    // When it was read moves every few seconds, and shows elsewhere.
    let overview = memo(move || Overview {
        as_of: None,
        ..overview.get()
    });
    // Announced without the ages, which would be read out whenever they tick.
    let announced = memo(move || types::overview::sentence(&overview.read()));
    view! {
        <p class="sr-only" role="status">
            {announced}
        </p>
        {move || {
            let overview = overview.get();
            let tone = Tone::from(overview.status);
            view! {
                <section class=format!("{} mb-3", tone.card()) aria-label="Verdict">
                    <div class="body grid gap-2">
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
                    <a class="font-semibold underline" href=problem.href.clone()>
                        {sentence::begin(&problem)}
                    </a>
                </td>
                <td>
                    <StatusBadge status=problem.status />
                </td>
                <td class="wide text-muted">
                    {problem
                        .since
                        .map(|at| match problem.when {
                            When::Before => view! { <Before at /> }.into_any(),
                            When::Since | When::At => view! { <Ago at /> }.into_any(),
                        })}
                </td>
            </tr>
        }
    });
    view! {
        <div class="border-t" id="problems">
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
