//! A project's services: a table on a desk, cards on a phone.
//!
//! A page may hold hundreds of rows, and usage moves every few seconds: rows stay, and of a row only the cells whose
//! facts changed are touched.

use std::sync::Arc;

use leptos::prelude::*;
use types::{
    Capability,
    deployment::{Drift, EngineFault, Project, Service, Stack, State},
};

use super::one::{OneService, of_project};

use crate::{
    components::{
        clock::{Ago, Since},
        effect::memo,
        format,
        meter::Meter,
        status::{Badge, Tone, service_state},
        unavailable::Unavailable,
        viewer::{Looking, Viewer},
    },
    pages::service::{address, drift::Differences},
};

/// A project with its services.
#[component]
pub fn ProjectCard(
    /// The stack that it is part of.
    stack: Signal<Stack>,
    /// Its name.
    name: Arc<str>,
) -> impl IntoView {
    let id = format!("project-{name}");
    let services = {
        let name = Arc::clone(&name);
        memo(move || of_project(&stack.read(), &name, names).unwrap_or_default())
    };
    let drifted = {
        let name = Arc::clone(&name);
        memo(move || of_project(&stack.read(), &name, drifted).unwrap_or_default())
    };
    let drift_unknown = {
        let name = Arc::clone(&name);
        memo(move || of_project(&stack.read(), &name, |one| one.drift_unknown.clone())?)
    };
    let as_of = memo(move || stack.read().engine.as_of);
    let fault = memo(move || stack.read().engine.fault);
    let viewer = Viewer::here();
    let count = move || format::count(services.read().len(), "service", "services");
    let rows = {
        let project = Arc::clone(&name);
        move |(at, service): (usize, Arc<str>)| {
            let service = OneService::follow(stack, Arc::clone(&project), service, at);
            row(service, viewer, fault)
        }
    };
    view! {
        <section class="card mb-3" aria-labelledby=id.clone()>
            <header>
                <h2 id=id.clone()>{name.to_string()}</h2>
                <small>
                    "compose project, " {count}
                    {move || as_of.get().map(|at| view! { ", as of " <Ago at /> })}
                </small>
                <span class="sp"></span>
                {move || {
                    let count = drifted.read().len();
                    (count > 0)
                        .then(|| {
                            let verb = if count == 1 { "differs" } else { "differ" };
                            let text = format!(
                                "{} {verb} from the file",
                                format::count(count, "service", "services"),
                            );
                            view! { <Badge tone=Tone::Warn text /> }
                        })
                }}
            </header>
            {move || {
                drift_unknown
                    .get()
                    .map(|why| view! { <p class="hint px-4 py-2 border-b">{format!("Drift is not known: {why}")}</p> })
            }}
            <table class="cards services">
                <thead>
                    <tr>
                        <th>"Service"</th>
                        <th>"State"</th>
                        <th>"Image"</th>
                        <th>"Up"</th>
                        <th class="num">"Restarts"</th>
                        <th>"CPU"</th>
                        <th>"Memory"</th>
                        <th>
                            <span class="sr-only">"Actions"</span>
                        </th>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || services.get().into_iter().enumerate()
                        key=|(_, name)| name.to_string()
                        children=rows
                    />
                </tbody>
            </table>
            {move || (!drifted.read().is_empty()).then(|| view! { <WhatDiffers drifted=drifted.get() /> })}
        </section>
    }
}

fn names(project: &Project) -> Vec<Arc<str>> {
    project
        .services
        .iter()
        .map(|service| Arc::from(service.name.as_str()))
        .collect()
}

/// Names of the services that differ from the file, and how they do.
fn drifted(project: &Project) -> Vec<(String, Vec<Drift>)> {
    project
        .services
        .iter()
        .filter(|service| !service.drift.is_empty())
        .map(|service| (service.name.clone(), service.drift.clone()))
        .collect()
}

#[component]
fn WhatDiffers(drifted: Vec<(String, Vec<Drift>)>) -> impl IntoView {
    let differences: Vec<_> = drifted
        .into_iter()
        .map(|(name, drift)| {
            view! {
                <h3 class="px-4 pt-3">{name}</h3>
                <Differences drift />
            }
        })
        .collect();
    view! {
        <details class="border-t">
            <summary class="px-4 py-3 text-accent">"What differs from the compose file"</summary>
            {differences}
        </details>
    }
}

fn row(service: OneService, viewer: Looking, fault: Memo<Option<EngineFault>>) -> impl IntoView {
    let OneService { now, lasting } = service;
    view! {
        <tr>
            {move || lasting.with(|service| lasting_cells(service))}
            {move || now.with(|service| usage_cells(service))}
            <td class="num hide">
                {move || {
                    let service = lasting.get();
                    let refused = match fault.get() {
                        None => {
                            viewer
                                .with(|viewer| {
                                    viewer.as_ref()?.may_not(Capability::OperateServices, &service.team)
                                })
                        }
                        Some(fault) => Some(format!("{}.", fault.as_sentence())),
                    };
                    restart(&service, refused)
                }}
            </td>
            <td class="wide phone text-muted">
                {move || {
                    now.with(|service| {
                        service
                            .usage
                            .memory_bytes
                            .map(|_| format!("CPU {}, memory {}", cpu_text(service), memory_text(service)))
                    })
                }}
            </td>
        </tr>
    }
}

fn lasting_cells(service: &Service) -> impl IntoView + use<> {
    let (tone, word) = service_state(service);
    let restarts = match service.state {
        State::Missing => format::UNKNOWN.to_owned(),
        _ => service.restarts.to_string(),
    };
    view! {
        <td>
            <a class="font-semibold" href=address(&service.project, &service.name)>
                {service.name.clone()}
            </a>
            <small class="block">{service.team.clone()}</small>
        </td>
        <td>
            <Badge tone text=word />
        </td>
        <td class="hide">
            <span class="mono">{service.image.clone()}</span>
            <small class="mono block text-faint">
                {format::short_digest(&service.image_digest).to_owned()}
            </small>
        </td>
        <td class="hide whitespace-nowrap">{uptime(service)}</td>
        <td class="num hide">{restarts}</td>
    }
}

fn usage_cells(service: &Service) -> impl IntoView + use<> {
    view! {
        <td class="hide">
            <Meter share=cpu_share(service) text=cpu_text(service) />
        </td>
        <td class="hide">
            <Meter share=memory_share(service) text=memory_text(service) />
        </td>
    }
}

fn restart(service: &Service, refused: Option<String>) -> AnyView {
    let label = format!("Restart {}", service.name);
    match refused {
        None => {
            let href = format!(
                "{}?confirm=restart",
                address(&service.project, &service.name)
            );
            view! {
                <a class="btn" href=href aria-label=label>
                    "Restart"
                </a>
            }
            .into_any()
        }
        Some(why) => view! { <Unavailable text="Restart" label why /> }.into_any(),
    }
}

/// Since when it runs, or how long ago it ended.
fn uptime(service: &Service) -> AnyView {
    match (service.state, service.started_at, service.finished_at) {
        (State::Running | State::Paused, Some(at), _) => view! { <Since at /> }.into_any(),
        (State::Exited | State::Dead, _, Some(at)) => {
            view! { <span class="text-muted">"ended " <Ago at /></span> }.into_any()
        }
        _ => format::UNKNOWN.into_any(),
    }
}

/// The share of the CPU limit in use, 0 to 1.
pub fn cpu_share(service: &Service) -> Option<f64> {
    let limit = service.cpu_limit.filter(|limit| *limit > 0.0)?;
    Some(service.usage.cpu_percent? / 100.0 / limit)
}

/// Cores in use, and the limit where there is one.
pub fn cpu_text(service: &Service) -> String {
    let Some(used) = service.usage.cpu_percent else {
        return format::UNKNOWN.to_owned();
    };
    match service.cpu_limit {
        Some(limit) => format!("{} / {}", format::cores(used), format::core_limit(limit)),
        None => format::cores(used),
    }
}

/// The share of the memory limit in use, 0 to 1.
#[expect(clippy::cast_precision_loss, reason = "a share of two digits")]
pub fn memory_share(service: &Service) -> Option<f64> {
    let limit = service.memory_limit_bytes.filter(|limit| *limit > 0)?;
    Some(service.usage.memory_bytes? as f64 / limit as f64)
}

/// Memory in use, and the limit where there is one.
pub fn memory_text(service: &Service) -> String {
    let Some(used) = service.usage.memory_bytes else {
        return format::UNKNOWN.to_owned();
    };
    match service.memory_limit_bytes {
        Some(limit) => format!("{} / {}", format::bytes(used), format::bytes(limit)),
        None => format::bytes(used),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::deployment::Usage;

    #[test]
    fn shares_need_a_limit_and_a_figure() {
        let mut service = Service::default();
        assert_eq!((cpu_share(&service), memory_share(&service)), (None, None));
        assert_eq!(cpu_text(&service), format::UNKNOWN);
        service.usage = Usage {
            cpu_percent: Some(330.0),
            memory_bytes: Some(1 << 30),
            ..Usage::default()
        };
        assert_eq!(cpu_text(&service), "3.3");
        service.cpu_limit = Some(4.0);
        service.memory_limit_bytes = Some(4 << 30);
        assert_eq!(cpu_share(&service), Some(0.825));
        assert_eq!(memory_share(&service), Some(0.25));
        assert_eq!(memory_text(&service), "1.0 GiB / 4.0 GiB");
        service.cpu_limit = Some(0.0);
        assert_eq!(cpu_share(&service), None);
    }
}
