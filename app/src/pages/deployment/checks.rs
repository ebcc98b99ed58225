//! The checks in a row: how each part answered, and on demand what it said.

use leptos::prelude::*;
use types::health::{Check, Health};

use crate::{
    components::{
        clock::{Ago, Before},
        format,
        status::StatusBadge,
    },
    pages::overview::{figure_of, name_of},
};

/// The row.
#[component]
pub fn Checks(health: Signal<Health>) -> impl IntoView {
    view! {
        <section id="checks" aria-label="Checks" class="checks mb-3">
            {move || health.with(|health| health.checks.iter().map(check).collect_view())}
        </section>
        {move || {
            health
                .with(|health| health.checks.is_empty())
                .then(|| {
                    view! {
                        <p class="hint mb-3">
                            "Nothing has been checked yet; the first results come within half a minute."
                        </p>
                    }
                })
        }}
    }
}

fn check(check: &Check) -> impl IntoView + use<> {
    let figures: Vec<_> = check
        .figures
        .iter()
        .map(|figure| {
            view! {
                <dt>{figure.name.replace('_', " ")}</dt>
                <dd>{figure.text.clone()}</dd>
            }
        })
        .collect();
    view! {
        <details class="card check-card">
            <summary>
                <span class="text-muted">{name_of(&check.name)}</span>
                <b class="truncate">{figure_of(check).unwrap_or_else(|| format::UNKNOWN.to_owned())}</b>
                <StatusBadge status=check.status />
            </summary>
            <div class="body">
                <p>{check.detail.clone()}</p>
                <dl class="facts">
                    {(!check.target.is_empty())
                        .then(|| view! { <dt>"Asked"</dt> <dd class="mono">{check.target.clone()}</dd> })}
                    {figures}
                    {check.checked_at.map(|at| view! { <dt>"Last asked"</dt> <dd><Ago at /></dd> })}
                    {check.last_success_at.map(|at| view! { <dt>"Last success"</dt> <dd><Ago at /></dd> })}
                    {check
                        .since
                        .map(|at| {
                            let since = if check.began_before {
                                view! { <Before at /> }.into_any()
                            } else {
                                view! { <Ago at /> }.into_any()
                            };
                            view! { <dt>"So since"</dt> <dd>{since}</dd> }
                        })}
                </dl>
            </div>
        </details>
    }
}
