//! What stands in the cells of a service's row.

use time::OffsetDateTime;
use types::listing::ListedService;

use super::usage;
use crate::{
    components::{
        clock::Clock,
        format,
        html::Html,
        meter::heat,
        rows::Row,
        status::Tone,
    },
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

/// The row of a service of `project`; `refused` says why it may not be restarted now.
pub fn row(project: &str, service: &ListedService, refused: Option<&str>, clock: Clock) -> Row {
    let address = address(project, &service.name);
    Row {
        key: service.name.clone(),
        cells: vec![
            name(service, &address),
            state(service),
            image(service),
            uptime(service, clock),
            restarts(service),
            meter(
                usage::share(service.cpu_percent, usage::cpu_limit(service.cpu_limit)),
                &usage::cpu(service.cpu_percent, service.cpu_limit),
            ),
            meter(
                usage::memory_share(service.memory_bytes, service.memory_limit_bytes),
                &usage::memory(service.memory_bytes, service.memory_limit_bytes),
            ),
            on_a_phone(service, clock),
            restart(service, &address, refused),
        ],
    }
}

fn name(service: &ListedService, address: &str) -> Html {
    let mut html = Html::default();
    html.start("a", "font-semibold", &[("href", address)])
        .text(&service.name)
        .end("a")
        .start("small", "block", &[])
        .text(&service.team)
        .end("small");
    html
}

fn state(service: &ListedService) -> Html {
    let mut html = Html::default();
    html.start("span", Tone::from(service.status).badge(), &[])
        .text(&service.word)
        .end("span");
    html
}

fn image(service: &ListedService) -> Html {
    let mut html = Html::default();
    html.start("span", "mono", &[])
        .text(&service.image)
        .end("span")
        .start("small", "mono block text-faint", &[])
        .text(&service.digest)
        .end("small");
    html
}

/// Since when it runs, or how long ago it ended.
fn uptime(service: &ListedService, clock: Clock) -> Html {
    let mut html = Html::default();
    if let Some(at) = service.up_since {
        instant(&mut html, clock, at, &lasted(at, clock));
    } else if let Some(at) = service.ended_at {
        html.start("span", "text-muted", &[]).text("ended ");
        instant(&mut html, clock, at, &format::ago(at, clock.now()));
        html.end("span");
    } else {
        html.text(format::UNKNOWN);
    }
    html
}

fn lasted(since: OffsetDateTime, clock: Clock) -> String {
    format::duration((clock.now() - since).whole_seconds())
}

/// As `clock::Ago` and `clock::Since` show one.
fn instant(html: &mut Html, clock: Clock, at: OffsetDateTime, text: &str) {
    let (machine, exact) = (format::machine(at), clock.exact(at));
    html.start("time", "", &[("datetime", &machine), ("title", &exact)])
        .text(text)
        .end("time");
}

fn restarts(service: &ListedService) -> Html {
    let count = service.restarts.map(|count| count.to_string());
    let mut html = Html::default();
    html.text(count.as_deref().unwrap_or(format::UNKNOWN));
    html
}

/// As `meter::Meter` shows one.
fn meter(share: Option<f64>, text: &str) -> Html {
    let mut html = Html::default();
    match share.filter(|share| share.is_finite()) {
        Some(share) => {
            let width = format!("width:{:.0}%", share.clamp(0.0, 1.0) * 100.0);
            html.start("span", heat(share), &[])
                .start("i", "", &[("aria-hidden", "true")])
                .start("b", "", &[("style", &width)])
                .end("b")
                .end("i")
                .start("span", "", &[])
                .text(text)
                .end("span")
                .end("span");
        }
        None => {
            html.start("span", "whitespace-nowrap text-muted", &[])
                .text(text)
                .end("span");
        }
    }
    html
}

/// What the hidden columns say, for narrow screens.
fn on_a_phone(service: &ListedService, clock: Clock) -> Html {
    let mut parts = Vec::new();
    if let Some(at) = service.up_since {
        parts.push(format!("up {}", lasted(at, clock)));
    } else if let Some(at) = service.ended_at {
        parts.push(format!("ended {}", format::ago(at, clock.now())));
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
    let mut html = Html::default();
    html.text(&parts.join(", "))
        .start("small", "mono block break-all text-faint", &[])
        .text(&service.image)
        .end("small");
    html
}

fn restart(service: &ListedService, address: &str, refused: Option<&str>) -> Html {
    let label = format!("Restart {}", service.name);
    let mut html = Html::default();
    match refused {
        None => {
            let href = format!("{address}?confirm=restart");
            html.start("a", "btn", &[("href", &href), ("aria-label", &label)])
                .text("Restart")
                .end("a");
        }
        // As `unavailable::Unavailable` shows one; the table says the reason when it is pressed.
        Some(why) => {
            let attributes = [
                ("type", "button"),
                ("aria-disabled", "true"),
                ("aria-label", &label),
                ("title", why),
            ];
            html.start("button", "btn", &attributes)
                .text("Restart")
                .end("button");
        }
    }
    html
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use leptos::prelude::*;
    use types::health::Status;

    use super::*;

    fn texts(service: &ListedService, refused: Option<&str>) -> Vec<String> {
        let owner = Owner::new();
        owner.set();
        let row = row("shop", service, refused, Clock::provide());
        assert_eq!(row.cells.len(), COLUMNS.len());
        row.cells.into_iter().map(Html::into_string).collect()
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
            ..ListedService::default()
        };
        let may = texts(&service, None).pop().unwrap_or_default();
        assert!(may.contains("href=\"/deployment/shop/web?confirm=restart\""));
        let may_not = texts(&service, Some("Not yours.")).pop().unwrap_or_default();
        assert!(may_not.contains("aria-disabled=\"true\"") && may_not.contains("Not yours."));
        assert!(!may_not.contains("href"));
    }

    #[test]
    fn what_is_not_known_is_not_a_zero() {
        let cells = texts(&ListedService::default(), None);
        assert_eq!(cells[3], format::UNKNOWN);
        assert_eq!(cells[4], format::UNKNOWN);
        assert!(cells[5].contains(format::UNKNOWN));
    }
}
