//! A project's services: a table on a desk, cards on a phone.
//!
//! A page may hold hundreds of rows, so a row is plain elements: no resource and no action of its own.

use leptos::prelude::*;
use types::{
    Capability,
    deployment::{EngineFault, Project, Service, State},
};

use crate::{
    components::{
        clock::{Ago, Since},
        format,
        meter::Meter,
        status::{Badge, Tone, service_state},
        viewer::Viewer,
    },
    pages::service::{address, drift::Differences},
};

/// A project with its services.
pub fn project(
    project: &Project,
    viewer: Option<&Viewer>,
    fault: Option<EngineFault>,
) -> impl IntoView + use<> {
    let drifted: Vec<_> = project
        .services
        .iter()
        .filter(|service| !service.drift.is_empty())
        .collect();
    let id = format!("project-{}", project.name);
    let rows: Vec<_> = project
        .services
        .iter()
        .map(|service| row(service, viewer, fault))
        .collect();
    view! {
        <section class="card mb-3" aria-labelledby=id.clone()>
            <header>
                <h2 id=id.clone()>{project.name.clone()}</h2>
                <small>{format!("compose project, {}", format::count(project.services.len(), "service", "services"))}</small>
                <span class="sp"></span>
                {(!drifted.is_empty())
                    .then(|| {
                        let verb = if drifted.len() == 1 { "differs" } else { "differ" };
                        let text = format!(
                            "{} {verb} from the file",
                            format::count(drifted.len(), "service", "services"),
                        );
                        view! { <Badge tone=Tone::Warn text /> }
                    })}
            </header>
            {project
                .drift_unknown
                .clone()
                .map(|why| view! { <p class="hint px-4 py-2 border-b">{format!("Drift is not known: {why}")}</p> })}
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
                <tbody>{rows}</tbody>
            </table>
            {(!drifted.is_empty())
                .then(|| {
                    let differences: Vec<_> = drifted
                        .iter()
                        .map(|service| {
                            view! {
                                <h3 class="px-4 pt-3">{service.name.clone()}</h3>
                                <Differences drift=service.drift.clone() />
                            }
                        })
                        .collect();
                    view! {
                        <details class="border-t">
                            <summary class="px-4 py-3 text-accent">"What differs from the compose file"</summary>
                            {differences}
                        </details>
                    }
                })}
        </section>
    }
}

fn row(
    service: &Service,
    viewer: Option<&Viewer>,
    fault: Option<EngineFault>,
) -> impl IntoView + use<> {
    let (tone, word) = service_state(service);
    let href = address(&service.project, &service.name);
    let refused = match fault {
        None => {
            viewer.and_then(|viewer| viewer.may_not(Capability::OperateServices, &service.team))
        }
        Some(fault) => Some(format!("{}.", fault.as_sentence())),
    };
    let restart = match refused {
        None => view! {
            <a class="btn" href=format!("{href}?confirm=restart") aria-label=format!("Restart {}", service.name)>
                "Restart"
            </a>
        }
        .into_any(),
        Some(why) => view! {
            <button class="btn" type="button" disabled title=why aria-label=format!("Restart {}", service.name)>
                "Restart"
            </button>
        }
        .into_any(),
    };
    let usage = &service.usage;
    let restarts = match service.restarts {
        0 => format::UNKNOWN.to_owned(),
        many => many.to_string(),
    };
    view! {
        <tr>
            <td>
                <a class="font-semibold" href=href>
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
            <td class="hide">
                <Meter share=cpu_share(service) text=cpu_text(service) />
            </td>
            <td class="hide">
                <Meter share=memory_share(service) text=memory_text(service) />
            </td>
            <td class="num hide">{restart}</td>
            <td class="wide phone text-muted">
                {usage.memory_bytes.map(|_| format!("CPU {}, memory {}", cpu_text(service), memory_text(service)))}
            </td>
        </tr>
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
