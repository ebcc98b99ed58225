//! What is chosen above the charts: host, view, range, and with what it is compared. All of it by links and plain forms, so
//! that each choice is an address.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use types::{
    charts::{Range, View},
    samples::StoredHost,
};

use crate::{
    charts::times,
    components::{
        board::{
            asked::misread,
            wanted::{ALL_HOSTS, COMPARED, RANGES, Shown, Wanted},
        },
        clock::Clock,
        effect::memo,
        facts::Facts,
        written::{Written, written},
    },
};

/// All choices.
#[component]
pub fn Choices(
    /// What is shown.
    wanted: Memo<Wanted>,
    /// What was read of it first: it names the hosts.
    first: Facts<Shown>,
) -> impl IntoView {
    view! {
        <nav class="choices" aria-label="What is shown">
            <Transition>
                {move || Suspend::new(async move {
                    let shown = first.await.ok()?;
                    let charts = shown.panels.first()?;
                    let (hosts, own) = (charts.hosts.clone(), charts.own.clone());
                    (hosts.len() > 1).then(|| view! { <Hosts wanted hosts own /> })
                })}
            </Transition>
            <div class="seg" role="group" aria-label="Charts">
                {View::ALL
                    .into_iter()
                    .map(|view| {
                        let of = move |wanted: &Wanted| Wanted { view, ..wanted.clone() };
                        link(wanted, view.label().to_owned(), Box::new(of))
                    })
                    .collect_view()}
            </div>
        </nav>
        <Ranges wanted />
    }
}

/// The same with something changed.
type Changed = Box<dyn Fn(&Wanted) -> Wanted + Send + Sync>;

/// A link to the same with something changed, marked where nothing would change.
fn link(wanted: Memo<Wanted>, text: String, changed: Changed) -> AnyView {
    let target = memo(move || changed(&wanted.read()));
    let href = move || target.read().query();
    let is_it = move || (*target.read() == *wanted.read()).then_some("true");
    view! {
        <a href=href aria-current=is_it data-noscroll>
            {text}
        </a>
    }
    .into_any()
}

#[component]
fn Hosts(wanted: Memo<Wanted>, hosts: Vec<StoredHost>, own: String) -> impl IntoView {
    let all = (ALL_HOSTS.to_owned(), "All hosts".to_owned());
    let mut others: Vec<_> = hosts.into_iter().map(|host| host.name).collect();
    others.retain(|name| *name != own);
    let others = others.into_iter().map(|name| (name.clone(), name));
    // The console's own is called by no name or by its own.
    let this = move |wanted: &Wanted| {
        let host = if wanted.host == own {
            own.clone()
        } else {
            String::new()
        };
        Wanted {
            host,
            ..wanted.clone()
        }
    };
    view! {
        <div class="seg" role="group" aria-label="Host">
            {link(wanted, "This host".to_owned(), Box::new(this))}
            {[all]
                .into_iter()
                .chain(others)
                .map(|(host, text)| {
                    let of = move |wanted: &Wanted| Wanted { host: host.clone(), ..wanted.clone() };
                    link(wanted, text, Box::new(of))
                })
                .collect_view()}
        </div>
    }
}

/// The range and its comparison, as links; other ranges by a form.
#[component]
pub fn Ranges(
    /// What is shown.
    wanted: Memo<Wanted>,
) -> impl IntoView {
    let ranges = RANGES.map(|(seconds, text)| {
        let of = move |wanted: &Wanted| wanted.over(Range::Last(seconds));
        link(wanted, text.to_owned(), Box::new(of))
    });
    let compared = COMPARED.map(|(before_s, text)| {
        let of = move |wanted: &Wanted| Wanted {
            before_s,
            ..wanted.clone()
        };
        link(wanted, text.to_owned(), Box::new(of))
    });
    view! {
        <div class="choices">
            <div class="seg" role="group" aria-label="Range">
                {ranges.collect_view()}
            </div>
            <Between wanted />
            <span class="sp"></span>
            <span class="row">
                <small id="compared">"Compare with"</small>
                <span class="seg" role="group" aria-labelledby="compared">
                    {compared.collect_view()}
                </span>
            </span>
        </div>
        <Misread wanted />
    }
}

/// What of the address was not understood, and what is shown instead.
#[component]
pub fn Misread(
    /// What is shown.
    wanted: Memo<Wanted>,
) -> impl IntoView {
    let query = use_query_map();
    written(Box::new(move || {
        let is_of_host = wanted.read().service.is_empty();
        let mut told = Written::new("div", "", &[("role", "status")]);
        for note in misread(&query.read(), is_of_host) {
            told.element("p", "note warn mb-3", &note);
        }
        told
    }))
}

/// Any range: two instants in the reader's zone, or in UTC where there is no script.
#[component]
fn Between(wanted: Memo<Wanted>) -> impl IntoView {
    let clock = Clock::here();
    let text = move || match wanted.read().range {
        Range::Between(from, to) => times::range(from, to, clock.zone()),
        Range::Last(_) => "Other range".to_owned(),
    };
    let ends = move || match wanted.read().range {
        Range::Between(from, to) => (from, to),
        Range::Last(seconds) => {
            let now = clock.now_untracked().unix_timestamp() * 1_000;
            (now - i64::from(seconds) * 1_000, now)
        }
    };
    let zone_note = move || {
        if clock.is_local() {
            "In your time."
        } else {
            "In UTC."
        }
    };
    // What the form keeps of the rest, without a script.
    let kept = move || {
        let wanted = wanted.get();
        [
            ("host", wanted.host),
            ("view", wanted.view.as_str().to_owned()),
            ("before", wanted.before_s.to_string()),
        ]
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect_view()
    };
    let submit = submit(wanted);
    view! {
        <details class="menu between" class:chosen=move || !wanted.read().is_live()>
            <summary class="btn">{text}</summary>
            <form class="sheet form" method="get" on:submit=submit>
                {kept}
                <label class="field">
                    "From"
                    <input
                        class="input"
                        type="datetime-local"
                        step="1"
                        name="from"
                        required
                        prop:value=move || times::field(ends().0, clock.zone())
                        value=times::field(untrack(ends).0, times::UTC)
                    />
                </label>
                <label class="field">
                    "To"
                    <input
                        class="input"
                        type="datetime-local"
                        step="1"
                        name="to"
                        required
                        prop:value=move || times::field(ends().1, clock.zone())
                        value=times::field(untrack(ends).1, times::UTC)
                    />
                </label>
                <p class="hint">{zone_note}</p>
                <button class="btn pri" type="submit">
                    "Show"
                </button>
            </form>
        </details>
    }
}

#[cfg(feature = "ssr")]
fn submit(_: Memo<Wanted>) -> impl Fn(leptos::ev::SubmitEvent) {
    |_| ()
}

/// Goes to the range that was typed, read in the zone of whoever typed it.
#[cfg(not(feature = "ssr"))]
fn submit(wanted: Memo<Wanted>) -> impl Fn(leptos::ev::SubmitEvent) {
    use leptos::{
        wasm_bindgen::JsCast,
        web_sys::{FormData, HtmlFormElement},
    };

    use crate::components::frame::menu;

    let navigate = leptos_router::hooks::use_navigate();
    move |event| {
        event.prevent_default();
        let form = event
            .target()
            .and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
        let data = form
            .as_ref()
            .and_then(|form| FormData::new_with_form(form).ok());
        let read = |name: &str| {
            let ms = js_sys::Date::parse(&data.as_ref()?.get(name).as_string()?);
            #[expect(
                clippy::cast_possible_truncation,
                reason = "milliseconds since 1970, far below 2^52"
            )]
            ms.is_finite().then_some(ms as i64)
        };
        let (Some(from), Some(to)) = (read("from"), read("to")) else {
            return;
        };
        let range = Range::Between(from, to);
        let path = window().location().pathname().unwrap_or_default();
        let target = path + &wanted.get_untracked().over(range).query();
        if let Some(form) = form {
            menu::close(&form);
        }
        let options = leptos_router::NavigateOptions {
            scroll: false,
            ..Default::default()
        };
        navigate(&target, options);
    }
}
