//! What a service is and what it uses.

use leptos::prelude::*;
use types::deployment::{LastEnd, Mount, Port, Service, ServiceDetail, State};

use crate::{
    components::{
        clock::Clock,
        effect::memo,
        format,
        html::Html,
        meter,
        written::{Written, written},
    },
    pages::deployment::usage as used,
};

/// CPU, memory, network and block I/O now.
#[component]
pub fn Usage(service: Memo<Service>) -> impl IntoView {
    card(
        "Usage now",
        written(Box::new(move || usage(&service.read()))),
    )
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
    let clock = Clock::here();
    card(
        "Facts",
        written(Box::new(move || facts(&detail.read(), clock))),
    )
}

fn card(title: &'static str, body: AnyView) -> AnyView {
    view! {
        <section class="card">
            <header>
                <h2>{title}</h2>
            </header>
            {body}
        </section>
    }
    .into_any()
}

/// A list of terms and what is said of each.
struct Terms(Written);

impl Terms {
    fn new() -> Self {
        Self(Written::new("dl", "facts body", &[]))
    }

    fn add(&mut self, term: &str, class: &'static str, write: &dyn Fn(&mut Html)) {
        self.0.element("dt", "", term);
        self.0.add(&|html| {
            html.start("dd", class, &[]);
            write(html);
            html.end("dd");
        });
    }

    /// A dash where the text is empty.
    fn text(&mut self, term: &str, class: &'static str, text: &str) {
        let text = if text.is_empty() {
            format::UNKNOWN
        } else {
            text
        };
        self.add(term, class, &|html| {
            html.text(text);
        });
    }

    fn list(&mut self, term: &str, items: &[String], none: &str) {
        if items.is_empty() {
            return self.text(term, "", none);
        }
        self.add(term, "", &|html| {
            html.start("ul", "", &[]);
            for item in items {
                html.start("li", "mono", &[]).text(item).end("li");
            }
            html.end("ul");
        });
    }
}

fn usage(service: &Service) -> Written {
    let usage = &service.usage;
    let rate =
        |figure: Option<f64>| figure.map_or_else(|| format::UNKNOWN.to_owned(), format::rate);
    let mut terms = Terms::new();
    let cpu = used::cpu(usage.cpu_percent, service.cpu_limit) + " cores";
    let share = used::share(usage.cpu_percent, used::cpu_limit(service.cpu_limit));
    terms.add("CPU", "", &|html| meter::write(html, share, &cpu));
    let memory = used::memory(usage.memory_bytes, service.memory_limit_bytes);
    let share = used::memory_share(usage.memory_bytes, service.memory_limit_bytes);
    terms.add("Memory", "", &|html| meter::write(html, share, &memory));
    let (rx, tx) = (
        rate(usage.network_rx_bytes_s),
        rate(usage.network_tx_bytes_s),
    );
    terms.text("Network", "", &format!("{rx} in, {tx} out"));
    let (read, write) = (
        rate(usage.block_read_bytes_s),
        rate(usage.block_write_bytes_s),
    );
    terms.text("Block I/O", "", &format!("{read} read, {write} written"));
    let pids = usage.pids.map(|pids| pids.to_string());
    terms.text("Processes", "", &pids.unwrap_or_default());
    terms.0
}

fn facts(detail: &ServiceDetail, clock: Clock) -> Written {
    let service = &detail.service;
    let mut terms = Terms::new();
    terms.text("Container", "mono", &service.container);
    // What it takes to have something to operate.
    if service.state == State::Missing
        && let Some(how) = &detail.may_not_operate
    {
        terms.text("How to make it", "", how);
    }
    terms.text("Image", "mono", &service.image);
    terms.text("Digest", "mono", &service.image_digest);
    if let Some(at) = service.started_at {
        terms.add("Started", "", &|html| {
            clock.write(html, at, &format::ago(at, clock.now()));
        });
    }
    if service.exit_code.is_some() || service.oom_killed {
        terms.add("Ended", "", &|html| ended(html, service, clock));
    }
    if let Some(end) = service.last_end.as_ref().filter(|_| service.is_up()) {
        let class = if end.is_warning { "text-warn" } else { "" };
        terms.add("Last end", class, &|html| last_end(html, end, clock));
    }
    let policy = if service.restart_policy.is_empty() {
        format::UNKNOWN
    } else {
        &service.restart_policy
    };
    let restarts = format!("{}, policy {policy}", service.restarts);
    terms.text("Restarts", "", &restarts);
    terms.text("Limits", "", &limits(service));
    terms.text("Command", "mono", &detail.command);
    let ports: Vec<_> = service.ports.iter().map(port_text).collect();
    terms.list("Ports", &ports, "none published");
    let mounts: Vec<_> = detail.mounts.iter().map(mount_text).collect();
    terms.list("Mounts", &mounts, "none");
    terms.0
}

/// How long ago it ended, and how.
fn ended(html: &mut Html, service: &Service, clock: Clock) {
    if let Some(at) = service.finished_at {
        let seconds = (clock.now() - at).whole_seconds();
        clock.write(html, at, &format::duration(seconds));
        html.text(" ago, ");
    }
    if let Some(code) = service.exit_code {
        html.text(&format!("exit code {code}"));
    }
    if service.oom_killed {
        html.text(", killed by the kernel: out of memory");
    }
}

/// How it ended before it was started again.
fn last_end(html: &mut Html, end: &LastEnd, clock: Clock) {
    html.text(&end.as_predicate());
    let tells = end.oom_killed || end.is_deliberate || end.exit_code == Some(137);
    if let Some(code) = end.exit_code.filter(|_| tells) {
        html.text(&format!(", exit code {code}"));
    }
    html.text(", ");
    clock.write(html, end.at, &format::ago(end.at, clock.now()));
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

#[cfg(all(test, feature = "ssr"))]
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

    #[test]
    fn hostile_facts_stay_text() {
        let owner = Owner::new();
        owner.set();
        let clock = Clock::provide();
        let evil = "</dd><script>alert('x')</script>\"&\u{1b}[31m";
        let mut detail = ServiceDetail {
            command: evil.to_owned(),
            ..ServiceDetail::default()
        };
        detail.service.container = evil.to_owned();
        detail.service.restart_policy = evil.to_owned();
        detail.mounts = vec![Mount {
            kind: "bind".to_owned(),
            source: evil.to_owned(),
            destination: evil.to_owned(),
            writable: true,
        }];
        let html = facts(&detail, clock).to_html();
        assert!(
            !html.contains("<script") && !html.contains('\u{1b}'),
            "{html}"
        );
        let text = "&lt;/dd&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp; [31m";
        assert_eq!(html.matches(text).count(), 5, "{html}");
        assert_eq!(html.matches("</dd>").count(), html.matches("<dd").count());
    }
}
