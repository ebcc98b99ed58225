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
            <LastBackup />
            <span class="sp"></span>
            <ConnectionState />
            <OpenPalette />
            <Menu />
        </header>
    }
}

/// How old the last good backup is, of the set whose last good one is the oldest.
#[component]
fn LastBackup() -> impl IntoView {
    let facts = use_context::<Overall>().map(|overall| overall.0);
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let overview = facts?.await.ok()?;
                overview.backups?;
                Some(
                    view! {
                        <span class="hide">
                            <a class="text-muted" href="/backups">
                                "Last good backup "
                                <b>
                                    {match overview.last_backup {
                                        Some(at) => view! { <Ago at /> }.into_any(),
                                        None => "none yet".into_any(),
                                    }}
                                </b>
                            </a>
                        </span>
                    },
                )
            })}
        </Transition>
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
///
/// The ages stand beside what is announced, not in it: they would be read out whenever they tick.
#[component]
fn ConnectionState() -> impl IntoView {
    let live = Live::here();
    let (connection, stale) = (live.connection(), live.is_stale());
    let clock = Clock::here();
    let words = move || words(connection.get(), stale.get());
    let class = move || match connection.get() {
        Connection::Live if stale.get() => "st warn",
        Connection::Cut { .. } | Connection::Offline { .. } => "st warn",
        // Said only where it takes a while: a word that flashes by at every visit is noise.
        Connection::Connecting { .. } => "text-muted late",
        Connection::Starting | Connection::Live => "text-muted",
    };
    let title = move || match connection.get() {
        Connection::Starting => None,
        Connection::Live => Some("Facts move by themselves.".to_owned()),
        Connection::Connecting { since }
        | Connection::Cut { since }
        | Connection::Offline { since } => Some(format!(
            "What you see is from {}. It catches up by itself when the console is heard from again.",
            clock.exact(since)
        )),
    };
    let age = move || match connection.get() {
        Connection::Cut { since } | Connection::Offline { since } => {
            Some(view! { <span class="hide">" "<Ago at=since /></span> })
        }
        Connection::Starting | Connection::Connecting { .. } | Connection::Live => None,
    };
    view! {
        <span class=class title=title>
            <span role="status" aria-label="Connection">
                {words}
            </span>
            {age}
        </span>
    }
}

const fn words(connection: Connection, is_stale: bool) -> &'static str {
    match connection {
        Connection::Live if is_stale => "Facts are stale",
        Connection::Starting => "",
        Connection::Connecting { .. } => "Connecting…",
        Connection::Live => "Live",
        Connection::Cut { .. } => "Connection lost",
        Connection::Offline { .. } => "Offline",
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
    fn a_stream_without_a_database_is_not_live() {
        assert_eq!(words(Connection::Live, false), "Live");
        assert_eq!(words(Connection::Live, true), "Facts are stale");
        let cut = Connection::Cut {
            since: types::OffsetDateTime::UNIX_EPOCH,
        };
        assert_eq!(words(cut, true), "Connection lost");
    }

    #[test]
    fn problems_are_counted() {
        let problem = Problem {
            status: Status::Critical,
            text: String::new(),
            since: None,
            when: types::overview::When::Since,
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
