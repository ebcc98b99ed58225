//! What stands behind the sentence, a card a page.

use leptos::prelude::*;
use types::{
    deployment::{EngineEvent, Stack},
    health::{Check, Health, Status},
    live::Topic,
    preflight::Preflight,
};

use crate::{
    api,
    components::{
        format,
        live::Live,
        loaded::Loaded,
        status::{Badge, StatusBadge, Tone, service_state},
    },
    pages::{deployment::events::EventList, service},
};

/// The most rows of a card; its page has the rest.
const ROWS: usize = 5;

/// The cards.
#[component]
pub fn Cards() -> impl IntoView {
    let live = Live::here();
    let deployment = live.version(&[Topic::Deployment]);
    let health = live.version(&[Topic::Health, Topic::Settings]);
    let stack = Resource::new(move || deployment.get(), |_| api::deployment::stack());
    let checks = Resource::new(move || health.get(), |_| api::health::health());
    let machine = Resource::new(move || health.get(), |_| api::health::preflight());
    let events = Resource::new(move || deployment.get(), |_| api::deployment::events(None));
    view! {
        <div class="grid desk:grid-cols-3">
            <Loaded facts=stack view=|stack| view! { <DeploymentCard stack /> }.into_any() />
            <Loaded facts=checks view=|health| view! { <ChecksCard health /> }.into_any() />
            <Loaded facts=machine view=|preflight| view! { <MachineCard preflight /> }.into_any() />
        </div>
        <div class="mt-3">
            <Loaded facts=events view=|events| view! { <Recent events /> }.into_any() />
        </div>
    }
}

#[component]
fn DeploymentCard(stack: Signal<Stack>) -> impl IntoView {
    let body = move || {
        let stack = stack.get();
        let services: Vec<_> = stack
            .projects
            .iter()
            .flat_map(|project| &project.services)
            .collect();
        let badge = |tone: Tone| {
            services
                .iter()
                .filter(|service| service_state(service).0 == tone)
                .count()
        };
        let (well, all) = (badge(Tone::Ok), services.len());
        let tone = match (stack.engine.reachable, badge(Tone::Crit), well) {
            (false, _, _) => Tone::Unk,
            (true, 0, well) if well == all => Tone::Ok,
            (true, 0, _) => Tone::Warn,
            _ => Tone::Crit,
        };
        let rows: Vec<_> = services
            .iter()
            .filter(|service| service_state(service).0 != Tone::Ok)
            .take(ROWS)
            .map(|service| {
                let (tone, word) = service_state(service);
                view! {
                    <li>
                        <a href=service::address(&service.project, &service.name)>{service.name.clone()}</a>
                        <Badge tone text=word />
                    </li>
                }
            })
            .collect();
        let text = if stack.engine.reachable {
            format!("{well} of {all} well")
        } else {
            "unknown".to_owned()
        };
        view! {
            <header>
                <h2>
                    <a href="/deployment">"Deployment"</a>
                </h2>
                <span class="sp"></span>
                <Badge tone text />
            </header>
            <div class="body">
                {if rows.is_empty() {
                    view! {
                        <p class="hint">
                            {if all == 0 { "No compose project runs on this engine." } else { "Every service runs as it should." }}
                        </p>
                    }
                        .into_any()
                } else {
                    view! { <ul class="brief">{rows}</ul> }.into_any()
                }}
            </div>
        }
    };
    view! { <section class="card">{body}</section> }
}

#[component]
fn ChecksCard(health: Signal<Health>) -> impl IntoView {
    let row = |check: &Check| {
        view! {
            <li>
                <span>{name_of(&check.name)}</span>
                <small>{check.latency_ms.map(format::milliseconds)}</small>
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
    let newest =
        Signal::derive(move || events.with(|events| events.iter().take(ROWS).cloned().collect()));
    view! {
        <section class="card">
            <header>
                <h2>"What changed last"</h2>
                <span class="sp"></span>
                <a class="underline" href="/deployment#events">
                    "All events"
                </a>
            </header>
            <EventList events=newest />
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_people_write_them() {
        assert_eq!(name_of("database"), "Database");
        assert_eq!(name_of("gpu"), "GPU");
        assert_eq!(name_of(""), "");
    }
}
