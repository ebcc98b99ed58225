//! The open sessions, each endable.

use leptos::prelude::*;
use types::{identity::SessionInfo, live::Topic};

use crate::{
    api::{
        self, done,
        identity::{EndOtherSessions, EndSession},
    },
    components::{
        action::{ActionForm, ServerAction},
        clock::Ago,
        effect::memo,
        facts::Facts,
        field::{FormError, Submit, failure},
        live::Live,
        loaded::Loaded,
        status::{Badge, Tone},
        toast::Toasts,
        unavailable::Unavailable,
    },
};

/// One's own sessions.
#[component]
pub fn Sessions() -> impl IntoView {
    let changed = Live::here().version(&[Topic::Identity]);
    let sessions = Facts::new(move || changed.get(), |_| api::identity::sessions(None));
    view! {
        <Loaded
            facts=sessions
            view=|sessions| {
                view! {
                    <SessionsCard sessions />
                    <EndOthers sessions />
                }
                    .into_any()
            }
        />
    }
}

const END_OTHERS: &str = "End all my other sessions";

/// The button that ends all of one's sessions but this one.
#[component]
fn EndOthers(sessions: Signal<Vec<SessionInfo>>) -> impl IntoView {
    let action = ServerAction::<EndOtherSessions>::new();
    let failure = failure(action.into());
    Toasts::here().follow(action.into(), |()| {
        "Every other session was ended.".to_owned()
    });
    let is_alone = memo(move || sessions.read().iter().all(|session| session.current));
    view! {
        <ActionForm action=action>
            <FormError failure />
            {move || {
                if is_alone.get() {
                    view! { <Unavailable text=END_OTHERS why="No other session of yours is open." /> }.into_any()
                } else {
                    view! { <Submit text=END_OTHERS weight_class="btn" pending=action.pending() /> }.into_any()
                }
            }}
        </ActionForm>
    }
}

/// Sessions, each with the button that ends it.
#[component]
pub fn SessionsCard(
    /// The sessions.
    #[prop(into)]
    sessions: Signal<Vec<SessionInfo>>,
) -> impl IntoView {
    let action = ServerAction::<EndSession>::new();
    let failure = failure(action.into());
    Toasts::here().follow(action.into(), |()| done::SESSION_ENDED.to_owned());
    view! {
        <section class="card">
            <header>
                <h2>"Open sessions"</h2>
            </header>
            <FormError failure />
            {move || {
                sessions
                    .read()
                    .is_empty()
                    .then(|| view! { <p class="body hint">"None: nobody is signed in to this account."</p> })
            }}
            <ul class="rows">
                {move || {
                    sessions
                        .get()
                        .into_iter()
                        .map(|session| view! { <Session session action /> })
                        .collect_view()
                }}
            </ul>
        </section>
    }
}

#[component]
fn Session(session: SessionInfo, action: ServerAction<EndSession>) -> impl IntoView {
    let browser = browser_of(&session.user_agent);
    let label = format!("End the session of {browser} at {}", session.address);
    view! {
        <li class="row flex-nowrap">
            <div class="min-w-0">
                <b title=session.user_agent>{browser}</b>
                <small class="block">
                    {session.address} ", opened " <Ago at=session.created_at /> ", used " <Ago at=session.last_seen_at />
                </small>
            </div>
            <span class="sp"></span>
            {if session.current {
                view! { <Badge tone=Tone::Ok text="this one" /> }.into_any()
            } else {
                view! {
                    <ActionForm action=action>
                        <input type="hidden" name="handle" value=session.handle />
                        <button class="btn" type="submit" aria-label=label>
                            "End"
                        </button>
                    </ActionForm>
                }
                    .into_any()
            }}
        </li>
    }
}

/// Browser and system as people call them, from how the browser names itself.
pub fn browser_of(user_agent: &str) -> String {
    let first = |names: &[(&str, &'static str)]| {
        names
            .iter()
            .find(|(mark, _)| user_agent.contains(mark))
            .map(|(_, name)| *name)
    };
    // Every browser claims to be the ones after it in this list.
    let browser = first(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) if user_agent.is_empty() => "unknown program".to_owned(),
        (None, None) => user_agent.chars().take(40).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_by_what_they_alone_say() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36";
        assert_eq!(browser_of(chrome), "Chrome on Linux");
        assert_eq!(browser_of(&format!("{chrome} Edg/126.0")), "Edge on Linux");
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1";
        assert_eq!(browser_of(phone), "Safari on iPhone");
        assert_eq!(browser_of(""), "unknown program");
        assert_eq!(browser_of("thing/1"), "thing/1");
    }
}
