//! The checks in a row: how each part answered and why it is so, and on demand all that it said.

use leptos::prelude::*;
use types::health::{Check, Health, Status};

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
    let head = figure_of(check).unwrap_or_else(|| format::UNKNOWN.to_owned());
    let told = told(check, &head);
    let missed = check.last_success_at.filter(|_| check.status != Status::Ok);
    let figures: Vec<_> = check
        .figures
        .iter()
        .map(|figure| {
            view! {
                <dt>{format::capitalised(&spaced(&figure.name))}</dt>
                <dd>{figure.text.clone()}</dd>
            }
        })
        .collect();
    view! {
        <details class="card check-card">
            <summary>
                <span class="text-muted">{name_of(&check.name)}</span>
                <StatusBadge status=check.status />
                <b>{head}</b>
                <small>{told} {missed.map(|at| view! { "; last success " <Ago at /> })}</small>
            </summary>
            <div class="body">
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

/// What is found, or why the verdict is what it is, and the figures where they are few; without what `head` tells.
fn told(check: &Check, head: &str) -> String {
    let mut told = Vec::new();
    if !check.detail.ends_with(head) {
        told.push(check.detail.clone());
    }
    if check.status != Status::Ok {
        told.extend(check.latency_ms.map(format::milliseconds));
    }
    let figures = check.figures.iter().filter(|figure| {
        let is_told = figure.text == head || check.detail.ends_with(&figure.text);
        !is_told && !IN_DETAIL.contains(&spaced(&figure.name).as_str())
    });
    let figures: Vec<_> = figures
        .map(|figure| format!("{} {}", spaced(&figure.name), figure.text))
        .collect();
    if figures.len() <= FEW {
        told.extend(figures);
    }
    told.join("; ")
}

/// What a tile leaves to its details: the time of the whole answer stands in it, and errors are told where they matter.
const IN_DETAIL: [&str; 3] = ["query", "error rate of requests", "error rate of checks"];

/// As many figures as a tile holds.
const FEW: usize = 3;

fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::health::Figure;

    #[test]
    fn a_tile_says_everything_once() {
        let figure = |name: &str, text: &str| Figure {
            name: name.to_owned(),
            text: text.to_owned(),
            status: Status::Ok,
        };
        let mut check = Check {
            name: "database".to_owned(),
            status: Status::Ok,
            ok: true,
            summary: "answers".to_owned(),
            latency_ms: Some(3.0),
            detail: "PostgreSQL 15.8".to_owned(),
            target: String::new(),
            service: String::new(),
            figures: vec![
                figure("query", "0.5 ms"),
                figure("connections", "12 of 100"),
                figure("replication_lag", "no standby"),
            ],
            checked_at: None,
            last_success_at: None,
            since: None,
            began_before: false,
        };
        assert_eq!(
            told(&check, "3.0 ms"),
            "PostgreSQL 15.8; connections 12 of 100; replication lag no standby"
        );
        check.figures = (0..8)
            .map(|card| figure("card", &card.to_string()))
            .collect();
        assert_eq!(told(&check, "0"), "PostgreSQL 15.8");
        check.detail = "/: 70 % used".to_owned();
        check.figures = vec![figure("/", "70 % used")];
        assert_eq!(told(&check, "70 % used"), "");
        check.status = Status::Warning;
        assert_eq!(told(&check, "is nearly full"), "/: 70 % used; 3.0 ms");
    }
}
