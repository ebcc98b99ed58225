//! What stands in the cells of a service's row.

use time::OffsetDateTime;
use types::listing::ListedService;

use super::usage;
use crate::{
    components::{clock::Clock, format, html::Html, meter, rows::Rows, status::Tone},
    pages::service::address,
};

/// The class of each column's cells.
pub const COLUMNS: [&str; 9] = [
    "",
    "",
    "hide",
    "hide whitespace-nowrap",
    "num hide",
    "hide",
    "hide",
    "phone text-muted",
    "num",
];

/// When the table is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Now.
    pub now: OffsetDateTime,
    /// Tells instants.
    pub clock: Clock,
}

impl Moment {
    fn since(self, at: OffsetDateTime) -> String {
        format::duration((self.now - at).whole_seconds())
    }
}

/// Adds the row of a service of `project`; `refused` says why it may not be restarted now.
pub fn add(
    rows: &mut Rows,
    project: &str,
    service: &ListedService,
    refused: Option<&str>,
    moment: Moment,
) {
    let address = address(project, &service.name);
    rows.add(
        &service.name,
        [
            &|html| name(html, service, &address),
            &|html| state(html, service),
            &|html| image(html, service),
            &|html| uptime(html, service, moment),
            &|html| restarts(html, service),
            &|html| {
                let limit = usage::cpu_limit(service.cpu_limit);
                let text = usage::cpu(service.cpu_percent, service.cpu_limit);
                meter::write(html, usage::share(service.cpu_percent, limit), &text);
            },
            &|html| {
                let (used, limit) = (service.memory_bytes, service.memory_limit_bytes);
                meter::write(
                    html,
                    usage::memory_share(used, limit),
                    &usage::memory(used, limit),
                );
            },
            &|html| on_a_phone(html, service, moment),
            &|html| restart(html, service, &address, refused),
        ],
    );
}

fn name(html: &mut Html, service: &ListedService, address: &str) {
    html.start("a", "font-semibold", &[("href", address)])
        .text(&service.name)
        .end("a")
        .start("small", "block", &[])
        .text(&service.team)
        .end("small");
}

fn state(html: &mut Html, service: &ListedService) {
    html.start("span", Tone::from(service.status).badge(), &[])
        .text(&service.word)
        .end("span");
}

fn image(html: &mut Html, service: &ListedService) {
    html.start("span", "mono", &[])
        .text(&service.image)
        .end("span")
        .start("small", "mono block text-faint", &[])
        .text(&service.digest)
        .end("small");
}

/// Since when it runs, or how long ago it ended.
fn uptime(html: &mut Html, service: &ListedService, moment: Moment) {
    if let Some(at) = service.up_since {
        moment.clock.write(html, at, &moment.since(at));
    } else if let Some(at) = service.ended_at {
        html.start("span", "text-muted", &[]).text("ended ");
        moment.clock.write(html, at, &format::ago(at, moment.now));
        html.end("span");
    } else {
        html.text(format::UNKNOWN);
    }
}

fn restarts(html: &mut Html, service: &ListedService) {
    match service.restarts {
        Some(count) => html.text(&count.to_string()),
        None => html.text(format::UNKNOWN),
    };
}

/// What the hidden columns say, for narrow screens.
fn on_a_phone(html: &mut Html, service: &ListedService, moment: Moment) {
    let mut parts = Vec::new();
    if let Some(at) = service.up_since {
        parts.push(format!("up {}", moment.since(at)));
    } else if let Some(at) = service.ended_at {
        parts.push(format!("ended {}", format::ago(at, moment.now)));
    }
    match service.restarts {
        None | Some(0) => {}
        Some(1) => parts.push("1 restart".to_owned()),
        Some(count) => parts.push(format!("{count} restarts")),
    }
    if service.cpu_percent.is_some() {
        let cpu = usage::cpu(service.cpu_percent, service.cpu_limit);
        parts.push(format!("CPU {cpu}"));
    }
    if service.memory_bytes.is_some() {
        parts.push(usage::memory(
            service.memory_bytes,
            service.memory_limit_bytes,
        ));
    }
    html.text(&parts.join(", "))
        .start("small", "mono block break-all text-faint", &[])
        .text(&service.image)
        .end("small");
}

fn restart(html: &mut Html, service: &ListedService, address: &str, refused: Option<&str>) {
    // Without a container there is nothing to start.
    if service.restarts.is_none() {
        return;
    }
    let (verb, confirm) = if service.up_since.is_none() && service.ended_at.is_some() {
        ("Start", "start")
    } else {
        ("Restart", "restart")
    };
    let label = format!("{verb} {}", service.name);
    match refused {
        None => {
            let href = format!("{address}?confirm={confirm}");
            html.start("a", "btn", &[("href", &href), ("aria-label", &label)])
                .text(verb)
                .end("a");
        }
        // As `unavailable::Unavailable` shows one.
        Some(why) => {
            let attributes = [
                ("type", "button"),
                ("aria-disabled", "true"),
                ("aria-label", &label),
                ("aria-description", why),
            ];
            html.start("span", "unavailable", &[])
                .start("button", "btn", &attributes)
                .text(verb)
                .end("button")
                .start("span", "why", &[("aria-hidden", "true")])
                .text(why)
                .end("span")
                .end("span");
        }
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use leptos::prelude::*;
    use types::health::Status;

    use super::*;

    fn texts(service: &ListedService, refused: Option<&str>) -> Vec<String> {
        let owner = Owner::new();
        owner.set();
        let clock = Clock::provide();
        let mut rows = Rows::new(&COLUMNS);
        let moment = Moment {
            now: clock.now(),
            clock,
        };
        add(&mut rows, "shop", service, refused, moment);
        let cells = (0..COLUMNS.len()).map(|column| rows.cell(0, column).to_owned());
        cells.collect()
    }

    #[test]
    fn a_hostile_name_stays_text() {
        let service = ListedService {
            name: "<img src=x onerror=alert(1)>".to_owned(),
            team: "\"><script>".to_owned(),
            word: "<b>".to_owned(),
            image: "</td>".to_owned(),
            ..ListedService::default()
        };
        let all = texts(&service, Some("\" autofocus onfocus=\"x")).concat();
        for tag in ["<img", "<script", "<b>", "</td>", "\" autofocus"] {
            assert!(!all.contains(tag), "{tag} in {all}");
        }
        assert!(all.contains("&lt;img src=x"));
    }

    #[test]
    fn who_may_gets_a_link_and_who_may_not_the_reason() {
        let service = ListedService {
            name: "web".to_owned(),
            status: Status::Ok,
            restarts: Some(0),
            ..ListedService::default()
        };
        let may = texts(&service, None).pop().unwrap_or_default();
        assert!(may.contains("href=\"/deployment/shop/web?confirm=restart\""));
        let may_not = texts(&service, Some("Not yours."))
            .pop()
            .unwrap_or_default();
        assert!(may_not.contains("aria-disabled=\"true\"") && may_not.contains("Not yours."));
        assert!(!may_not.contains("href"));
    }

    #[test]
    fn what_has_no_container_has_no_button() {
        let missing = ListedService {
            restarts: None,
            ..ListedService::default()
        };
        let last = texts(&missing, None).pop().unwrap_or_default();
        assert!(!last.contains("Restart"), "{last}");
    }

    #[test]
    fn what_is_not_known_is_not_a_zero() {
        let cells = texts(&ListedService::default(), None);
        assert_eq!(cells[3], format::UNKNOWN);
        assert_eq!(cells[4], format::UNKNOWN);
        assert!(cells[5].contains(format::UNKNOWN));
    }
}
