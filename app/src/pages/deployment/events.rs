//! What the engine told, the newest first.

use crate::components::effect::{effect, memo};
use crate::components::facts::Facts;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use types::{deployment::EngineEvent, live::Topic};

use crate::{
    api,
    components::{
        clock::TimeOfDay, empty::Empty, error_view::ErrorView, live::Live, loaded::Loaded,
        status::Tone,
    },
    pages::service::address,
};

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

#[component]
fn Timeline(events: Signal<Vec<EngineEvent>>) -> impl IntoView {
    let older = RwSignal::new(Vec::<EngineEvent>::new());
    let more = Action::new(|before: &i64| {
        let before = *before;
        async move { api::deployment::events(Some(before)).await }
    });
    let is_end = RwSignal::new(false);
    effect(move || {
        if let Some(Ok(page)) = more.value().get() {
            is_end.set(page.len() < PAGE);
            older.update(|older| older.extend(page));
        }
    });
    let all = Signal::derive(move || {
        let mut all = events.get();
        let last = all.last().map(|event| event.id);
        // New events push the old ones of the first page down; none is shown twice.
        all.extend(
            older
                .get()
                .into_iter()
                .filter(|event| last.is_none_or(|last| event.id < last)),
        );
        all
    });
    let oldest = move || {
        let is_whole = events.with(Vec::len) >= PAGE && !is_end.get();
        if is_whole {
            all.with(|all| all.last().map(|event| event.id))
        } else {
            None
        }
    };
    view! {
        <EventList events=all />
        {move || more.value().get().and_then(Result::err).map(|error| view! { <ErrorView error /> })}
        {move || {
            oldest()
                .map(|id| {
                    view! {
                        <footer class="p-3 border-t">
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

/// Events as rows of time and text.
#[component]
pub fn EventList(
    /// The events, the newest first.
    events: Signal<Vec<EngineEvent>>,
) -> impl IntoView {
    move || {
        let events = events.get();
        if events.is_empty() {
            return view! {
                <Empty title="No events yet">
                    <p>"Whatever happens to a container of a compose project is written here."</p>
                </Empty>
            }
            .into_any();
        }
        let rows: Vec<_> = events.into_iter().map(row).collect();
        view! { <ol class="events">{rows}</ol> }.into_any()
    }
}

fn row(event: EngineEvent) -> impl IntoView {
    let (tone, text) = describe(&event);
    let href = address(&event.project, &event.service);
    let class = match tone {
        Tone::Crit => "text-crit",
        Tone::Warn => "text-warn",
        Tone::Ok | Tone::Unk => "",
    };
    view! {
        <li>
            <TimeOfDay at=event.at />
            <span>
                <a class="font-semibold" href=href>
                    {event.service}
                </a>
                " "
                <span class=class>{text}</span>
            </span>
        </li>
    }
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
        "update" => (Tone::Unk, "got other limits".to_owned()),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn event(action: &str, exit_code: Option<i64>) -> EngineEvent {
        EngineEvent {
            id: 1,
            at: time::OffsetDateTime::UNIX_EPOCH,
            project: "shop".to_owned(),
            service: "web".to_owned(),
            action: action.to_owned(),
            exit_code,
            image: "web:1".to_owned(),
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
        assert_eq!(describe(&event("exec_create", None)).1, "exec create");
    }
}
