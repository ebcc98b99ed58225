//! One service: what it is, what it uses, what it says, and what can be done to it.

pub mod drift;
mod facts;
mod log;
mod operate;
mod team;
mod used;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};
use types::{
    Error,
    deployment::{Drift, ServiceDetail},
    identity::Team,
    live::Topic,
    overview::When,
};

use crate::{
    api,
    components::{
        board::wanted::{Shown, Wanted},
        clock::{Ago, HowLong},
        effect::memo,
        facts::Facts,
        live::Live,
        loaded::LoadedOf,
        status::{Badge, Tone},
        written::{Written, written},
    },
    pages::deployment::{engine::EngineState, events::EventList},
};

/// The address of a service's page. Names come from labels, so anything may stand in them.
pub fn address(project: &str, service: &str) -> String {
    format!("/deployment/{}/{}", segment(project), segment(service))
}

/// A path segment, percent-encoded.
pub fn segment(text: &str) -> String {
    use std::fmt::Write;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    // A segment of dots alone would be resolved away.
    if !encoded.is_empty() && encoded.bytes().all(|byte| byte == b'.') {
        encoded.replace('.', "%2E")
    } else {
        encoded
    }
}

/// On a phone parts of the page are screens apart.
const JUMPS: [(&str, &str); 3] = [
    ("#log-title", "Log"),
    ("#events", "Events"),
    ("#usage", "Charts"),
];

fn jumps() -> Written {
    let mut jumps = Written::new("nav", "jumps", &[("aria-label", "On this page")]);
    for (to, name) in JUMPS {
        jumps.add(&|html| {
            html.start("a", "btn", &[("rel", "external"), ("href", to)]);
            html.text(name).end("a");
        });
    }
    jumps
}

/// The page.
#[component]
pub fn ServicePage() -> impl IntoView {
    let params = use_params_map();
    // A browser leaves NUL out of what it reads, and would not find the text that the server wrote.
    let part = move |name| {
        let part = params.read().get(name).unwrap_or_default();
        part.replace('\0', "\u{fffd}")
    };
    let project = memo(move || part("project"));
    let service = memo(move || part("service"));
    let key = Signal::derive(move || format!("{}/{}", project.read(), service.read()));
    let live = Live::here();
    let changed = live.version_of(&[Topic::Deployment], key);
    let used = live.version(&[Topic::Usage]);
    // One that is gone uses nothing: it is not asked for again until something happens to it.
    let gone = RwSignal::new(false);
    let moved = move || {
        let used = if gone.get_untracked() { 0 } else { used.get() };
        changed.get() + used
    };
    let detail = Facts::new(
        move || (project.get(), service.get(), moved()),
        move |(project, service, _)| async move {
            let read = api::deployment::service(project, service).await;
            // Nobody follows it: what reads it runs again when something changes.
            gone.try_update_untracked(|gone| *gone = matches!(read, Err(Error::NotFound { .. })));
            read
        },
    );
    let wanted = used::wanted(project, service);
    let more = More::read(wanted);
    view! {
        <Title text=move || service.get() />
        <div class="head">
            <div class="min-w-0">
                <small>
                    <a href="/deployment">"Deployment"</a>
                    " / "
                    {project}
                </small>
                <h1>{service}</h1>
            </div>
        </div>
        {written(Box::new(jumps))}
        <LoadedOf
            subject=key
            facts=detail
            more
            view=move |detail, more| view! { <Detail detail more wanted /> }.into_any()
        />
    }
}

/// What the page shows beside the service itself.
#[derive(Clone, Serialize, Deserialize)]
struct More {
    /// The teams that the one who looks may give it to.
    teams: Result<Option<Vec<Team>>, Error>,
    /// What it used, up to now.
    charts: Shown,
}

impl More {
    fn read(wanted: Memo<Wanted>) -> Facts<Self> {
        let may = team::may_choose();
        // The range is followed by the charts themselves.
        let of = memo(move || (wanted.read().project.clone(), wanted.read().service.clone()));
        Facts::new(
            move || (of.get(), may.get(), wanted.get_untracked()),
            |(_, may, wanted)| async move {
                Ok(Self {
                    teams: team::choices(may).await,
                    charts: wanted.read().await?,
                })
            },
        )
    }
}

#[component]
fn Detail(
    detail: Signal<ServiceDetail>,
    more: Result<More, Error>,
    wanted: Memo<Wanted>,
) -> impl IntoView {
    let (teams, charts) = match more {
        Ok(more) => (more.teams, Ok(more.charts)),
        Err(error) => (Err(error.clone()), Err(error)),
    };
    let service = memo(move || detail.read().service.clone());
    let state = memo(move || service.read().verdict());
    let since =
        memo(move || service.with(|service| (service.since, When::began(service.began_before))));
    let run = memo(move || service.with(log::Run::of));
    let drift = memo(move || service.read().drift.clone());
    let differs = memo(move || !drift.read().is_empty());
    let drift_since = memo(move || {
        service.with(|service| (service.drift_since, When::began(service.drift_began_before)))
    });
    let is_chosen = memo(move || detail.read().team_chosen);
    let events = Signal::derive(move || detail.read().events.clone());
    let as_of = memo(move || detail.read().engine.as_of);
    let is_reachable = memo(move || detail.read().engine.reachable);
    view! {
        <EngineState engine=Signal::derive(move || detail.read().engine.clone()) />
        <div class="row mb-3">
            <div role="status" aria-label="State">
                {move || {
                    let (status, text) = state.get();
                    view! { <Badge tone=Tone::from(status) text /> }
                }}
            </div>
            <span class="text-muted">
                {move || {
                    let (since, when) = since.get();
                    since.map(|at| view! { <HowLong at when /> })
                }}
            </span>
            <small>{move || as_of.get().map(|at| view! { "as of " <Ago at /> })}</small>
            <span class="sp"></span>
            <operate::Operations detail />
        </div>
        {move || {
            differs
                .get()
                .then(|| {
                    view! {
                        <section class="card warn mb-3">
                            <header>
                                <h2>"Differs from the compose file"</h2>
                                <small>
                                    {move || {
                                        let (since, when) = drift_since.get();
                                        since.map(|at| view! { <HowLong at when /> })
                                    }}
                                </small>
                            </header>
                            {written(Box::new(move || differences(&drift.read())))}
                        </section>
                    }
                })
        }}
        <div class="grid desk:grid-cols-2 mb-3" class:stale=move || !is_reachable.get()>
            <facts::Usage service />
            <facts::Facts detail />
        </div>
        <used::Used wanted charts />
        <log::Log run />
        <div class="grid items-start desk:grid-cols-2 mt-3">
            <section class="card">
                <header>
                    <h2 id="events">"Events"</h2>
                </header>
                <EventList events />
            </section>
            <div class="grid content-start">
                <Environment detail />
                <team::Owner service is_chosen teams />
            </div>
        </div>
    }
}

fn differences(drift: &[Drift]) -> Written {
    let mut differences = Written::new("div", "", &[]);
    differences.add(&|html| drift::write(html, drift));
    differences
}

/// Names of environment variables; no value ever leaves the engine.
#[component]
fn Environment(detail: Signal<ServiceDetail>) -> impl IntoView {
    let names = memo(move || detail.read().environment.clone());
    view! {
        <section class="card">
            <header>
                <h2>"Environment"</h2>
                <small>"values are not shown to anyone"</small>
            </header>
            {written(Box::new(move || variables(&names.read())))}
        </section>
    }
}

fn variables(names: &[String]) -> Written {
    if names.is_empty() {
        return Written::empty(
            "No variables",
            "What the compose file sets under environment is named here.",
        );
    }
    let mut list = Written::new("ul", "body grid gap-1 break-all", &[]);
    for name in names {
        list.add(&|html| {
            html.start("li", "mono", &[]).text(name).text(" ");
            html.start("span", "text-faint", &[("aria-hidden", "true")])
                .text(" = ••••••")
                .end("span")
                .end("li");
        });
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_in_their_segment() {
        assert_eq!(address("shop", "web"), "/deployment/shop/web");
        assert_eq!(
            address("a/b", "<i>?#%"),
            "/deployment/a%2Fb/%3Ci%3E%3F%23%25"
        );
        assert_eq!(address("..", "ü"), "/deployment/%2E%2E/%C3%BC");
    }
}
