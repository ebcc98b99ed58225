//! What stands behind the sentence, a card a page.

use leptos::prelude::*;
use types::{
    deployment::EngineEvent,
    health::{Check, Health, Status},
    live::Topic,
    overview::{Overview, Problem},
    preflight::Preflight,
};

use super::sentence;
use crate::{
    api,
    components::{
        facts::Facts,
        format,
        live::Live,
        loaded::Loaded,
        status::{Badge, StatusBadge, Tone},
    },
    pages::deployment::events::EventList,
};

/// The most rows of a card; its page has the rest.
const ROWS: usize = 5;

/// The cards.
#[component]
pub fn Cards(
    /// What is wrong and how much is well.
    overview: Facts<Overview>,
) -> impl IntoView {
    let live = Live::here();
    let deployment = live.version(&[Topic::Deployment]);
    let health = live.version(&[Topic::Health, Topic::Settings]);
    let checks = Facts::new(move || health.get(), |_| api::health::health());
    // The engine is one of its requirements.
    let requirements = live.version(&[Topic::Deployment, Topic::Health, Topic::Settings]);
    let machine = Facts::new(move || requirements.get(), |_| api::health::preflight());
    let events = Facts::new(move || deployment.get(), |_| api::deployment::events(None));
    view! {
        <div class="tiles grid desk:grid-cols-3">
            <Loaded facts=overview view=|overview| view! { <DeploymentCard overview /> }.into_any() />
            <Loaded facts=checks view=|health| view! { <ChecksCard health /> }.into_any() />
            <Loaded facts=machine view=|preflight| view! { <MachineCard preflight /> }.into_any() />
        </div>
        <div class="tiles mt-3">
            <Loaded facts=events view=|events| view! { <Recent events /> }.into_any() />
        </div>
    }
}

#[component]
fn DeploymentCard(overview: Signal<Overview>) -> impl IntoView {
    let badge = move || {
        let (tone, text) = overview.with(services_well);
        view! { <Badge tone text /> }
    };
    let rows = move || {
        let problems = overview.read();
        let rows: Vec<_> = problems
            .problems
            .iter()
            .filter(|problem| is_of_services(problem))
            .take(ROWS)
            .map(|problem| {
                view! {
                    <li>
                        <a href=problem.href.clone()>{sentence::begin(problem)}</a>
                        <StatusBadge status=problem.status />
                    </li>
                }
            })
            .collect();
        if rows.is_empty() {
            let text = match problems.services {
                0 => "No compose project was found on this engine.",
                _ => "Every service runs as it should.",
            };
            view! { <p class="hint">{text}</p> }.into_any()
        } else {
            view! { <ul class="brief">{rows}</ul> }.into_any()
        }
    };
    view! {
        <section class="card">
            <header>
                <h2>
                    <a href="/deployment">"Deployment"</a>
                </h2>
                <span class="sp"></span>
                {badge}
            </header>
            <div class="body">{rows}</div>
        </section>
    }
}

/// Whether a problem is one of the engine or a service, which checks that fail have a card beside.
fn is_of_services(problem: &Problem) -> bool {
    problem.href.starts_with("/deployment") && !problem.href.contains('#')
}

/// How many services run well, as a badge says it.
fn services_well(overview: &Overview) -> (Tone, String) {
    if sentence::is_engine_silent(overview) {
        return (Tone::Unk, format!("{} unknown", overview.services));
    }
    let on_services = overview
        .problems
        .iter()
        .filter(|problem| is_of_services(problem));
    let tone = match on_services.map(|problem| problem.status).max() {
        Some(worst) => Tone::from(worst),
        None if overview.services_well == overview.services && overview.services > 0 => Tone::Ok,
        None => Tone::Unk,
    };
    (
        tone,
        format!("{} of {} well", overview.services_well, overview.services),
    )
}

#[component]
fn ChecksCard(health: Signal<Health>) -> impl IntoView {
    let row = |check: &Check| {
        view! {
            <li>
                <span>{name_of(&check.name)}</span>
                <small>{figure_of(check)}</small>
                <StatusBadge status=check.status />
            </li>
        }
    };
    view! {
        <section class="card">
            <header>
                <h2>
                    <a href="/deployment">"Checks"</a>
                </h2>
                <span class="sp"></span>
                {move || view! { <StatusBadge status=health.read().status /> }}
            </header>
            <div class="body">
                {move || {
                    let rows = health.with(|health| health.checks.iter().map(row).collect_view());
                    if rows.is_empty() {
                        view! { <p class="hint">"Nothing has been checked yet; the first results come within half a minute."</p> }
                            .into_any()
                    } else {
                        view! { <ul class="brief">{rows}</ul> }.into_any()
                    }
                }}
            </div>
        </section>
    }
}

/// What says most of a check in short: what is wrong with it, or else how long the answer took, or else the first figure that
/// it found.
pub fn figure_of(check: &Check) -> Option<String> {
    if check.status != Status::Ok {
        // The figures that a verdict tells after it have their own place.
        let (verdict, _) = check
            .summary
            .split_once(" (")
            .unwrap_or((&check.summary, ""));
        return Some(verdict.to_owned());
    }
    let first = || check.figures.first().map(|figure| figure.text.clone());
    check.latency_ms.map(format::milliseconds).or_else(first)
}

/// A check's or requirement's name as people write it.
pub fn name_of(name: &str) -> String {
    match name {
        "n8n" => "n8n".to_owned(),
        "gpu" => "GPU".to_owned(),
        "cpu" => "CPU".to_owned(),
        "nvidia_runtime" => "NVIDIA runtime".to_owned(),
        name => format::capitalised(name),
    }
}

#[component]
fn MachineCard(preflight: Signal<Preflight>) -> impl IntoView {
    let verdict = move || {
        let worst =
            preflight.with(|preflight| preflight.requirements.iter().map(|one| one.status).max());
        worst.unwrap_or(Status::Unknown)
    };
    view! {
        <section class="card">
            <header>
                <h2>
                    <a href="/settings/preflight">"Machine"</a>
                </h2>
                <span class="sp"></span>
                {move || view! { <StatusBadge status=verdict() /> }}
            </header>
            <div class="body">
                <ul class="brief">
                    {move || {
                        preflight
                            .get()
                            .requirements
                            .into_iter()
                            .map(|one| {
                                view! {
                                    <li>
                                        <span>{name_of(&one.name)}</span>
                                        <small title=one.found.clone()>{one.found.clone()}</small>
                                        <StatusBadge status=one.status />
                                    </li>
                                }
                            })
                            .collect_view()
                    }}
                </ul>
            </div>
        </section>
    }
}

#[component]
fn Recent(events: Signal<Vec<EngineEvent>>) -> impl IntoView {
    view! {
        <section class="card">
            <header>
                <h2>"What changed last"</h2>
                <span class="sp"></span>
                <a class="underline" href="/deployment#events">
                    "All events"
                </a>
            </header>
            <EventList events most=ROWS />
        </section>
    }
}

#[cfg(test)]
mod tests;
