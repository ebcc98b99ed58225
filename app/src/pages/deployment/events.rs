//! What the engine told, the newest first.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use time::OffsetDateTime;
use types::{deployment::EngineEvent, live::Topic};

use crate::{
    api,
    components::{
        clock::Clock,
        effect::{effect, memo},
        error_view::ErrorView,
        facts::Facts,
        html::Html,
        live::Live,
        loaded::Loaded,
        status::Tone,
        written::{Written, written},
    },
    pages::service::address,
};

use super::timeline::{Line, lines};

/// As many events as the server gives at once; fewer means that there are no older ones.
const PAGE: usize = 50;

/// The timeline: the newest events, and older ones on demand.
#[component]
pub fn Events() -> impl IntoView {
    let query = use_query_map();
    let before = memo(move || {
        query
            .read()
            .get_str("before")
            .and_then(|id| id.parse::<i64>().ok())
    });
    let changed = Live::here().version(&[Topic::Deployment]);
    let newest = Facts::new(
        move || (before.get(), changed.get()),
        |(before, _)| api::deployment::events(before),
    );
    view! {
        <section class="card" id="events" aria-labelledby="events-title">
            <header>
                <h2 id="events-title">"Events"</h2>
                <small>"from the engine"</small>
            </header>
            <Loaded facts=newest view=|events| view! { <Timeline events /> }.into_any() />
        </section>
    }
}

/// The events that the page knows, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Known(Vec<EngineEvent>);

impl Known {
    /// Adds the newest page. Where so much happened since the last one that events between the two may lack, the old
    /// ones are forgotten: they can be asked for again.
    fn add_newest(&mut self, page: Vec<EngineEvent>) {
        let joins = page.iter().any(|event| self.place(event.id).is_ok());
        if page.len() >= PAGE && !joins {
            self.0.clear();
        }
        self.add(page);
    }

    fn add(&mut self, page: Vec<EngineEvent>) {
        for event in page {
            match self.place(event.id) {
                Ok(at) => self.0[at] = event,
                Err(at) => self.0.insert(at, event),
            }
        }
    }

    /// Where the event of that id is, or where it would be.
    fn place(&self, id: i64) -> Result<usize, usize> {
        self.0.binary_search_by(|known| id.cmp(&known.id))
    }

    fn oldest(&self) -> Option<i64> {
        self.0.last().map(|event| event.id)
    }
}

#[component]
fn Timeline(events: Signal<Vec<EngineEvent>>) -> impl IntoView {
    let first = events.get_untracked();
    // A page that is not full holds all there is.
    let has_older = RwSignal::new(first.len() >= PAGE);
    let mut known = Known::default();
    known.add(first);
    let known = RwSignal::new(known);
    effect(move || {
        let page = events.get();
        known.update(|known| known.add_newest(page));
    });
    let more = Action::new(|before: &i64| {
        let before = *before;
        async move { api::deployment::events(Some(before)).await }
    });
    effect(move || {
        if let Some(Ok(page)) = more.value().get() {
            has_older.set(page.len() >= PAGE);
            known.update(|known| known.add(page));
        }
    });
    let all = Signal::derive(move || known.read().0.clone());
    let oldest = move || has_older.get().then(|| known.read().oldest()).flatten();
    view! {
        <EventList events=all />
        {move || more.value().get().and_then(Result::err).map(|error| view! { <ErrorView error /> })}
        {move || {
            oldest()
                .map(|id| {
                    view! {
                        <footer>
                            <a
                                class="btn"
                                href=format!("/deployment?before={id}#events")
                                on:click=move |event| {
                                    event.prevent_default();
                                    more.dispatch(id);
                                }
                            >
                                "Show older events"
                            </a>
                        </footer>
                    }
                })
        }}
    }
}

/// A line, below the heading of its day where it is the first of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Dated {
    day: Option<String>,
    line: Line,
}

/// Puts a heading at the first line of each day, as `day` names it.
fn dated(lines: Vec<Line>, day: impl Fn(OffsetDateTime) -> String) -> Vec<Dated> {
    let mut last = String::new();
    let dated = lines.into_iter().map(|line| {
        let day = day(line.at());
        let begins = day != last;
        last.clone_from(&day);
        Dated {
            day: begins.then_some(day),
            line,
        }
    });
    dated.collect()
}

/// Events as rows of time and text, day by day; what belongs together in one row.
#[component]
pub fn EventList(
    /// The events, the newest first.
    events: Signal<Vec<EngineEvent>>,
    /// The most rows.
    #[prop(default = usize::MAX)]
    most: usize,
) -> impl IntoView {
    let clock = Clock::here();
    written(Box::new(move || list(events.get(), most, clock)))
}

fn list(events: Vec<EngineEvent>, most: usize, clock: Clock) -> Written {
    let mut projects = events.iter().map(|event| &event.project);
    let first = projects.next();
    let names_projects = projects.any(|other| Some(other) != first);
    let mut lines = lines(events);
    lines.truncate(most);
    if lines.is_empty() {
        return Written::empty(
            "No events yet",
            "Whatever happens to a container of a compose project is written here.",
        );
    }
    let mut list = Written::new("ol", "events", &[]);
    for Dated { day, line } in dated(lines, |at| clock.day(at)) {
        if let Some(day) = day {
            list.element("li", "day", &day);
        }
        list.add(&|html| row(html, &line, names_projects, clock));
    }
    list
}

fn row(html: &mut Html, line: &Line, names_project: bool, clock: Clock) {
    let (tone, text) = line.describe();
    let event = &line.event;
    let href = address(&event.project, &event.service);
    let class = match tone {
        Tone::Crit => "text-crit",
        Tone::Warn => "text-warn",
        Tone::Ok | Tone::Unk => "",
    };
    html.start("li", "", &[]);
    clock.write(html, line.at(), &clock.time_of_day(line.at()));
    html.start("span", "", &[])
        .start("a", "font-semibold", &[("href", &href)])
        .text(&event.service)
        .end("a");
    if names_project {
        html.text(" of ").text(&event.project);
    }
    html.text(" ")
        .start("span", class, &[])
        .text(&text)
        .end("span")
        .end("span")
        .end("li");
}

/// An event in a person's words, to follow the service's name, and how much it matters.
pub fn describe(event: &EngineEvent) -> (Tone, String) {
    let image = if event.image.is_empty() {
        String::new()
    } else {
        format!(" from {}", event.image)
    };
    let (tone, text) = match event.action.as_str() {
        "create" => (Tone::Unk, format!("was made{image}")),
        "start" => (Tone::Unk, format!("started{image}")),
        "restart" => (Tone::Unk, "was restarted".to_owned()),
        "rename" => (Tone::Unk, "was renamed".to_owned()),
        "stop" => (Tone::Unk, "was stopped".to_owned()),
        "kill" => (Tone::Unk, "was sent a signal to end".to_owned()),
        "pause" => (Tone::Warn, "was paused".to_owned()),
        "unpause" => (Tone::Unk, "goes on".to_owned()),
        "update" if event.detail.is_empty() => (Tone::Unk, "was updated".to_owned()),
        "update" => (Tone::Unk, format!("was updated: {}", event.detail)),
        "destroy" => (Tone::Unk, "was removed".to_owned()),
        "oom" => (Tone::Crit, "ran out of memory".to_owned()),
        "die" => match event.exit_code {
            Some(0) => (Tone::Unk, "ended".to_owned()),
            Some(code) => (Tone::Crit, format!("ended with exit code {code}")),
            None => (Tone::Crit, "ended".to_owned()),
        },
        "health_status: healthy" => (Tone::Ok, "is healthy".to_owned()),
        "health_status: unhealthy" => (Tone::Crit, "fails its health check".to_owned()),
        other => (Tone::Unk, other.replace('_', " ")),
    };
    (tone, text)
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn hostile_events_stay_text() {
        let owner = Owner::new();
        owner.set();
        let clock = Clock::provide();
        let mut hostile = event("<img src=x onerror=alert(1)>", None);
        "\"><script>'".clone_into(&mut hostile.service);
        let html = list(vec![hostile], 5, clock).to_html();
        assert!(
            !html.contains("<img") && !html.contains("<script"),
            "{html}"
        );
        assert!(
            html.contains("&lt;img src=x onerror=alert(1)&gt;"),
            "{html}"
        );
        assert!(
            html.contains(">&quot;&gt;&lt;script&gt;&#39;</a>"),
            "{html}"
        );
        let none = list(Vec::new(), 5, clock).to_html();
        assert!(none.starts_with("<div class=\"empty\">"), "{none}");
    }

    #[test]
    fn of_several_projects_each_event_names_its_own() {
        let owner = Owner::new();
        owner.set();
        let clock = Clock::provide();
        let of = |id, project: &str| EngineEvent {
            id,
            project: project.to_owned(),
            ..event("start", None)
        };
        let html = list(vec![of(2, "shop"), of(1, "blog")], 5, clock).to_html();
        assert!(html.contains("web</a> of shop ") && html.contains("web</a> of blog "));
        let html = list(vec![of(2, "shop"), of(1, "shop")], 5, clock).to_html();
        assert!(
            !html.contains(" of shop"),
            "one project goes without saying"
        );
    }

    fn event(action: &str, exit_code: Option<i64>) -> EngineEvent {
        let id = 1;
        EngineEvent {
            id,
            at: OffsetDateTime::UNIX_EPOCH,
            project: "shop".to_owned(),
            service: "web".to_owned(),
            action: action.to_owned(),
            exit_code,
            image: "web:1".to_owned(),
            container_id: id.to_string(),
            asked_by: None,
            detail: String::new(),
        }
    }

    #[test]
    fn events_read_as_sentences() {
        assert_eq!(describe(&event("start", None)).1, "started from web:1");
        assert_eq!(
            describe(&event("die", Some(137))),
            (Tone::Crit, "ended with exit code 137".to_owned())
        );
        assert_eq!(describe(&event("die", Some(0))).0, Tone::Unk);
        let mut update = event("update", None);
        assert_eq!(describe(&update).1, "was updated");
        "memory limit from 32.0 MiB to 64.0 MiB".clone_into(&mut update.detail);
        let told = "was updated: memory limit from 32.0 MiB to 64.0 MiB";
        assert_eq!(describe(&update).1, told);
        assert_eq!(describe(&event("exec_create", None)).1, "exec create");
    }

    fn page(ids: std::ops::Range<i64>) -> Vec<EngineEvent> {
        let newest_first = ids.rev();
        newest_first
            .map(|id| EngineEvent {
                id,
                ..event("start", None)
            })
            .collect()
    }

    fn ids(known: &Known) -> Vec<i64> {
        known.0.iter().map(|event| event.id).collect()
    }

    #[test]
    fn new_events_leave_no_hole_before_the_older_ones() {
        let mut known = Known::default();
        known.add_newest(page(100..150));
        known.add(page(50..100));
        // Twenty happened since: they push as many out of the newest page.
        known.add_newest(page(120..170));
        let expected: Vec<_> = (50..170).rev().collect();
        assert_eq!(ids(&known), expected);
        assert_eq!(known.oldest(), Some(50));
        // More than a page holds happened: what is between is not known, and nothing pretends that it is.
        known.add_newest(page(300..350));
        assert_eq!(known.oldest(), Some(300));
    }

    #[test]
    fn each_day_has_one_heading() {
        let at = |id, days| EngineEvent {
            id,
            at: OffsetDateTime::UNIX_EPOCH + time::Duration::days(days),
            ..event("start", None)
        };
        let rows = dated(lines(vec![at(3, 2), at(2, 2), at(1, 0)]), |at| {
            at.date().to_string()
        });
        let days: Vec<_> = rows.iter().map(|row| row.day.as_deref()).collect();
        assert_eq!(days, [Some("1970-01-03"), None, Some("1970-01-01")]);
    }
}
