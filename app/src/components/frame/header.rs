//! The header: how everything is, how the connection is, and who is signed in.

use leptos::prelude::*;
use types::{health::Status, overview::Overview};

use super::{Overall, menu::Menu, palette::OpenPalette};
use crate::components::{
    clock::{Ago, Clock},
    format,
    live::{Connection, Live},
    status::{Badge, Tone},
};

/// The header of every page.
#[component]
pub fn Header() -> impl IntoView {
    view! {
        <header class="top">
            <Verdict />
            <span class="sp"></span>
            <ConnectionState />
            <OpenPalette />
            <Menu />
        </header>
    }
}

/// The verdict on everything; leads to the sentence behind it.
#[component]
fn Verdict() -> impl IntoView {
    let facts = use_context::<Overall>().map(|overall| overall.0);
    view! {
        <div role="status" aria-label="Overall status" class="min-w-0">
            <Transition>
                {move || Suspend::new(async move {
                    let overview = match facts {
                        Some(facts) => facts.await.ok(),
                        None => None,
                    };
                    let (tone, text) = verdict(overview.as_ref());
                    view! {
                        <a href="/">
                            <Badge tone text />
                        </a>
                    }
                })}
            </Transition>
        </div>
    }
}

fn verdict(overview: Option<&Overview>) -> (Tone, String) {
    let Some(overview) = overview else {
        return (Tone::Unk, "unknown".to_owned());
    };
    let tone = Tone::from(overview.status);
    let text = match (overview.status, overview.problems.len()) {
        (Status::Ok, _) => "all well".to_owned(),
        (status, 0) => status.as_str().to_owned(),
        (Status::Unknown, count) => format!("{count} unknown"),
        (Status::Warning, count) => format::count(count, "warning", "warnings"),
        (Status::Critical, count) => format::count(count, "problem", "problems"),
    };
    (tone, text)
}

/// How the event stream is. Without scripts nothing moves by itself, and nothing is claimed.
#[component]
fn ConnectionState() -> impl IntoView {
    let connection = Live::here().connection();
    let clock = Clock::here();
    let state = move || match connection.get() {
        Connection::Starting => ().into_any(),
        Connection::Live => view! {
            <span class="text-muted" title="Facts move by themselves.">
                "Live"
            </span>
        }
        .into_any(),
        Connection::Cut { since } => lost("Connection lost ", since, clock).into_any(),
        Connection::Offline { since } => lost("Offline since ", since, clock).into_any(),
    };
    view! {
        <div role="status" aria-label="Connection" class="min-w-8 text-right">
            {state}
        </div>
    }
}

fn lost(what: &'static str, since: time::OffsetDateTime, clock: Clock) -> impl IntoView {
    let title = format!(
        "The connection to the console is cut since {}. What you see is from then; it catches up by itself.",
        clock.exact(since)
    );
    view! {
        <span class="st warn" title=title>
            <span>{what} <Ago at=since /></span>
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::overview::Problem;

    #[test]
    fn what_is_not_known_is_not_green() {
        assert_eq!(verdict(None).0, Tone::Unk);
        assert_eq!(
            verdict(Some(&Overview::default())),
            (Tone::Unk, "unknown".to_owned())
        );
    }

    #[test]
    fn problems_are_counted() {
        let problem = Problem {
            status: Status::Critical,
            text: String::new(),
            since: None,
            href: "/".to_owned(),
        };
        let overview = Overview {
            status: Status::Critical,
            problems: vec![problem.clone(), problem],
            ..Overview::default()
        };
        assert_eq!(
            verdict(Some(&overview)),
            (Tone::Crit, "2 problems".to_owned())
        );
    }
}
