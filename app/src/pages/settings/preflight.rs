//! What the machine must have, and what it has.

use leptos::prelude::*;
use types::{
    live::Topic,
    preflight::{Preflight, Requirement},
};

use super::Head;
use crate::{
    api,
    components::{
        clock::{Ago, Before},
        facts::Facts,
        live::Live,
        loaded::Loaded,
        status::{Badge, StatusBadge, Tone},
    },
    pages::overview::name_of,
};

/// The page.
#[component]
pub fn PreflightPage() -> impl IntoView {
    let changed = Live::here().version(&[Topic::Health, Topic::Settings, Topic::Deployment]);
    let facts = Facts::new(move || changed.get(), |_| api::health::preflight());
    view! {
        <Head title="Preflight" />
        <Loaded facts view=|preflight| view! { <Requirements preflight /> }.into_any() />
    }
}

#[component]
fn Requirements(preflight: Signal<Preflight>) -> impl IntoView {
    let rows = move || {
        preflight
            .get()
            .requirements
            .into_iter()
            .map(|one| {
                view! {
                    <tr id=one.name.clone()>
                        <td>
                            <b>{name_of(&one.name)}</b>
                        </td>
                        <td>
                            <StatusBadge status=one.status />
                        </td>
                        <td data-label="So since" class="desk:min-w-[180px]">
                            {since(&one)}
                        </td>
                        <td data-label="Wanted">{one.wanted}</td>
                        <td data-label="Found">{one.found}</td>
                        <td class="wide">{one.hint}</td>
                    </tr>
                }
            })
            .collect_view()
    };
    let verdict = move || {
        if preflight.read().ok {
            view! { <Badge tone=Tone::Ok text="no requirement fails" /> }
        } else {
            view! { <Badge tone=Tone::Crit text="a requirement fails" /> }
        }
    };
    view! {
        <section class="card">
            <header>
                <h2>"This machine"</h2>
                <span class="sp"></span>
                {verdict}
            </header>
            <table class="cards">
                <thead>
                    <tr>
                        <th>"What"</th>
                        <th>"State"</th>
                        <th>"So since"</th>
                        <th>"Wanted"</th>
                        <th>"Found"</th>
                        <th>"What to do"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}

/// Since when the verdict is so.
fn since(one: &Requirement) -> Option<AnyView> {
    let at = one.since?;
    Some(if one.began_before {
        // One item of its row on a phone.
        view! {
            <span>
                <Before at />
            </span>
        }
        .into_any()
    } else {
        view! { <Ago at /> }.into_any()
    })
}
