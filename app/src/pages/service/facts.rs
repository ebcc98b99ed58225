//! What a service is and what it uses.

use leptos::prelude::*;
use types::deployment::{LastEnd, Mount, Port, Service, ServiceDetail};

use crate::{
    components::{
        clock::{Ago, Since},
        effect::memo,
        format,
        meter::Meter,
    },
    pages::deployment::usage as used,
};

/// CPU, memory, network and block I/O now.
#[component]
pub fn Usage(service: Memo<Service>) -> impl IntoView {
    let body = move || {
        let service = service.get();
        let usage = &service.usage;
        let rate =
            |figure: Option<f64>| figure.map_or_else(|| format::UNKNOWN.to_owned(), format::rate);
        view! {
            <dl class="facts body">
                <dt>"CPU"</dt>
                <dd>
                    <Meter
                        share=used::share(usage.cpu_percent, used::cpu_limit(service.cpu_limit))
                        text=format!("{} cores", used::cpu(usage.cpu_percent, service.cpu_limit))
                    />
                </dd>
                <dt>"Memory"</dt>
                <dd>
                    <Meter
                        share=used::memory_share(usage.memory_bytes, service.memory_limit_bytes)
                        text=used::memory(usage.memory_bytes, service.memory_limit_bytes)
                    />
                </dd>
                <dt>"Network"</dt>
                <dd>{format!("{} in, {} out", rate(usage.network_rx_bytes_s), rate(usage.network_tx_bytes_s))}</dd>
                <dt>"Block I/O"</dt>
                <dd>
                    {format!("{} read, {} written", rate(usage.block_read_bytes_s), rate(usage.block_write_bytes_s))}
                </dd>
                <dt>"Processes"</dt>
                <dd>{usage.pids.map_or_else(|| format::UNKNOWN.to_owned(), |pids| pids.to_string())}</dd>
            </dl>
        }
    };
    view! {
        <section class="card">
            <header>
                <h2>"Usage now"</h2>
            </header>
            {body}
        </section>
    }
}

/// Image, times, restarts, ports, mounts, limits.
#[component]
pub fn Facts(detail: Signal<ServiceDetail>) -> impl IntoView {
    let detail = memo(move || {
        let mut detail = detail.get();
        // Usage moves every few seconds and shows elsewhere.
        detail.service.usage = types::deployment::Usage::default();
        detail.events.clear();
        detail
    });
    view! {
        <section class="card">
            <header>
                <h2>"Facts"</h2>
            </header>
            {move || view! { <dl class="facts body">{rows(&detail.read())}</dl> }}
        </section>
    }
}

fn rows(detail: &ServiceDetail) -> impl IntoView + use<> {
    let service = &detail.service;
    let text = |text: &str| {
        if text.is_empty() {
            format::UNKNOWN.to_owned()
        } else {
            text.to_owned()
        }
    };
    let ports: Vec<_> = service
        .ports
        .iter()
        .map(|port| view! { <li class="mono">{port_text(port)}</li> })
        .collect();
    let mounts: Vec<_> = detail
        .mounts
        .iter()
        .map(|mount| view! { <li class="mono">{mount_text(mount)}</li> })
        .collect();
    view! {
        <dt>"Container"</dt>
        <dd class="mono">{text(&service.container)}</dd>
        <dt>"Image"</dt>
        <dd class="mono">{text(&service.image)}</dd>
        <dt>"Digest"</dt>
        <dd class="mono">{text(&service.image_digest)}</dd>
        {service.started_at.map(|at| view! { <dt>"Started"</dt> <dd><Ago at /></dd> })}
        {(service.exit_code.is_some() || service.oom_killed)
            .then(|| {
                let code = service.exit_code.map_or_else(String::new, |code| format!("exit code {code}"));
                let oom = if service.oom_killed { ", killed by the kernel: out of memory" } else { "" };
                view! {
                    <dt>"Ended"</dt>
                    <dd>
                        {service.finished_at.map(|at| view! { <Since at /> " ago, " })} {code} {oom}
                    </dd>
                }
            })}
        {service.last_end.as_ref().filter(|_| service.is_up()).map(last_end)}
        <dt>"Restarts"</dt>
        <dd>{service.restarts} ", policy " {text(&service.restart_policy)}</dd>
        <dt>"Limits"</dt>
        <dd>{limits(service)}</dd>
        <dt>"Command"</dt>
        <dd class="mono">{text(&detail.command)}</dd>
        <dt>"Ports"</dt>
        <dd>{list(ports, "none published")}</dd>
        <dt>"Mounts"</dt>
        <dd>{list(mounts, "none")}</dd>
    }
}

/// How it ended before it was started again.
fn last_end(end: &LastEnd) -> impl IntoView + use<> {
    let code = end
        .exit_code
        .filter(|_| end.oom_killed || end.is_deliberate || end.exit_code == Some(137))
        .map(|code| format!(", exit code {code}"));
    let text = end.as_predicate();
    let at = end.at;
    view! {
        <dt>"Last end"</dt>
        <dd class:text-warn=end.is_warning>{text} {code} ", " <Ago at /></dd>
    }
}

fn list(items: Vec<impl IntoView + 'static>, none: &'static str) -> AnyView {
    if items.is_empty() {
        none.into_any()
    } else {
        view! { <ul>{items}</ul> }.into_any()
    }
}

fn limits(service: &Service) -> String {
    let cpu = service.cpu_limit.map_or_else(
        || "no CPU limit".to_owned(),
        |limit| format!("{} cores", format::core_limit(limit)),
    );
    let memory = service
        .memory_limit_bytes
        .map_or_else(|| "no memory limit".to_owned(), format::bytes);
    format!("{cpu}, {memory}")
}

fn port_text(port: &Port) -> String {
    let inside = format!("{}/{}", port.container_port, port.protocol);
    match port.host_port {
        Some(outside) if port.host_ip.contains(':') => {
            format!("[{}]:{outside} to {inside}", port.host_ip)
        }
        Some(outside) => format!("{}:{outside} to {inside}", port.host_ip),
        None => format!("{inside}, not published"),
    }
}

fn mount_text(mount: &Mount) -> String {
    let mode = if mount.writable { "" } else { ", read only" };
    format!(
        "{} {} at {}{mode}",
        mount.kind, mount.source, mount.destination
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_say_where_they_listen() {
        let mut port = Port {
            host_ip: "::1".to_owned(),
            host_port: Some(80),
            container_port: 8080,
            protocol: "tcp".to_owned(),
        };
        assert_eq!(port_text(&port), "[::1]:80 to 8080/tcp");
        port.host_ip = "127.0.0.1".to_owned();
        assert_eq!(port_text(&port), "127.0.0.1:80 to 8080/tcp");
        port.host_port = None;
        assert_eq!(port_text(&port), "8080/tcp, not published");
    }

    #[test]
    fn limits_are_said_even_when_there_are_none() {
        let mut service = Service::default();
        assert_eq!(limits(&service), "no CPU limit, no memory limit");
        service.cpu_limit = Some(1.5);
        service.memory_limit_bytes = Some(512 << 20);
        assert_eq!(limits(&service), "1.5 cores, 512 MiB");
    }
}
