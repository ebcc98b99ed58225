//! The audit log: who did what, when, from where, and how it ended. Filters are a plain GET form.

mod entries;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use types::{
    Capability, OffsetDateTime,
    audit::{AuditFilter, AuditPage},
    live::Topic,
};

use self::entries::Entries;
use crate::{
    api,
    charts::times,
    components::{clock::Clock, effect::memo, facts::Facts, live::Live, loaded::Loaded},
    pages::settings::refusal_of,
};

/// The fields that say what is wrong with them.
const FIELDS: [&str; 5] = ["actor", "action", "target", "since", "until"];

/// The page.
#[component]
pub fn AuditLogPage() -> impl IntoView {
    if let Some(refusal) = refusal_of(Capability::SeeAudit) {
        return view! {
            <Title text="Audit" />
            <div class="head">
                <h1>"Audit log"</h1>
            </div>
            {refusal}
        }
        .into_any();
    }
    let query = use_query_map();
    let filter = memo(move || {
        let query = query.read();
        let part = |name: &str| query.get(name).unwrap_or_default();
        AuditFilter {
            actor: part("actor"),
            action: part("action"),
            target: part("target"),
            result: part("result"),
            since: part("since"),
            until: part("until"),
            // What is no number is refused as one that can't be, rather than forgotten.
            before: query
                .get_str("before")
                .map(|id| id.parse().unwrap_or_default()),
        }
    });
    let changed = Live::here().version(&[Topic::Audit]);
    let page = Facts::new(
        // An older page does not change: only the newest is read again.
        move || {
            (
                filter.get(),
                if filter.read().before.is_none() {
                    changed.get()
                } else {
                    0
                },
            )
        },
        |(filter, _)| async move {
            // The fields say why.
            if is_refused(&filter) {
                return Ok(AuditPage::default());
            }
            api::audit::audit(filter).await
        },
    );
    view! {
        <Title text="Audit" />
        <div class="head">
            <h1>"Audit log"</h1>
            <span class="sp"></span>
            <a class="btn" rel="external" download href=move || format!("/audit.csv{}", address_query(&filter.get(), None))>
                "Export as CSV"
            </a>
        </div>
        <Filters filter />
        <Loaded facts=page view=move |page| view! { <Entries page filter /> }.into_any() />
    }
    .into_any()
}

#[component]
fn Filters(filter: Memo<AuditFilter>) -> impl IntoView {
    let first = filter.get_untracked();
    let refused = memo(move || filter.read().refused());
    let message = move |name: &'static str| {
        let all = refused.read();
        let found = all.iter().find(|refused| refused.field == name);
        found.map(|refused| refused.message.clone())
    };
    let text = |name: &'static str, label: &'static str, value: String, hint: &'static str| {
        let is_refused = move || message(name).is_some();
        let error_id = format!("audit-{name}-error");
        let described = error_id.clone();
        view! {
            <div class="field">
                <label for=format!("audit-{name}")>{label}</label>
                <input
                    id=format!("audit-{name}")
                    name=name
                    value=value
                    maxlength="200"
                    placeholder=hint
                    aria-invalid=move || is_refused().then_some("true")
                    aria-describedby=move || is_refused().then(|| described.clone())
                />
                {move || {
                    message(name).map(|message| view! { <p class="error" id=error_id.clone()>{message}</p> })
                }}
            </div>
        }
    };
    let options: Vec<_> = [
        ("", "any"),
        ("success", "success"),
        ("failure", "failure"),
        ("refused", "refused"),
    ]
    .into_iter()
    .map(|(value, label)| {
        view! { <option value=value selected=first.result == value>{label}</option> }
    })
    .collect();
    view! {
        <form method="get" action="/audit" class="card filters mb-3" role="search" on:submit=submit()>
            {text("actor", "Who", first.actor, "e-mail")}
            {text("action", "Action", first.action, "service.restart")}
            {text("target", "On what", first.target, "backend")}
            <div class="field">
                <label for="audit-result">"Result"</label>
                <select id="audit-result" name="result">
                    {options}
                </select>
            </div>
            <Time
                name="since"
                label="From"
                at=memo(move || filter.read().since_at())
                message=Signal::derive(move || message("since"))
            />
            <Time
                name="until"
                label="To"
                at=memo(move || filter.read().until_at())
                message=Signal::derive(move || message("until"))
            />
            <div class="row">
                <button class="btn pri" type="submit">
                    "Filter"
                </button>
                <a class="btn" href="/audit">
                    "Clear"
                </a>
            </div>
        </form>
    }
}

/// A time, in the zone of whoever reads; in UTC where there is no script.
#[component]
fn Time(
    name: &'static str,
    label: &'static str,
    at: Memo<Option<OffsetDateTime>>,
    message: Signal<Option<String>>,
) -> impl IntoView {
    let clock = Clock::here();
    let id = format!("audit-{name}");
    let error_id = format!("{id}-error");
    let described = error_id.clone();
    let is_refused = move || message.with(Option::is_some);
    let shown = move |zone| {
        let text = |at: OffsetDateTime| times::field(at.unix_timestamp() * 1_000, zone);
        at.get().map(text).unwrap_or_default()
    };
    let served = untrack(|| shown(times::UTC));
    let zone = move || {
        if clock.is_local() {
            ", your time"
        } else {
            ", UTC"
        }
    };
    view! {
        <div class="field when">
            <label for=id.clone()>{label} {zone}</label>
            <input
                id=id
                name=name
                type="datetime-local"
                step="1"
                prop:value=move || shown(clock.zone())
                value=served
                aria-invalid=move || is_refused().then_some("true")
                aria-describedby=move || is_refused().then(|| described.clone())
            />
            {move || {
                message.get().map(|message| view! { <p class="error" id=error_id.clone()>{message}</p> })
            }}
        </div>
    }
}

#[cfg(feature = "ssr")]
fn submit() -> impl Fn(leptos::ev::SubmitEvent) {
    |_| ()
}

/// Asks for what was typed, as the form itself would; times are typed in the zone of whoever reads, and in the address they
/// are instants.
#[cfg(not(feature = "ssr"))]
fn submit() -> impl Fn(leptos::ev::SubmitEvent) {
    use leptos::{
        wasm_bindgen::JsCast,
        web_sys::{FormData, HtmlFormElement, UrlSearchParams},
    };

    |event| {
        let form = event
            .target()
            .and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
        let Some(data) = form.and_then(|form| FormData::new_with_form(&form).ok()) else {
            return;
        };
        for name in ["since", "until"] {
            let ms = js_sys::Date::parse(&data.get(name).as_string().unwrap_or_default());
            if ms.is_finite() {
                let at = js_sys::Date::new(&ms.into()).to_iso_string();
                let _ = data.set_with_str(name, &String::from(at));
            }
        }
        if let Ok(query) = UrlSearchParams::new_with_str_sequence_sequence(&data) {
            event.prevent_default();
            let query: String = query.to_string().into();
            let _ = window().location().set_href(&format!("/audit?{query}"));
        }
    }
}

/// What a field was given can't be looked for.
fn is_refused(filter: &AuditFilter) -> bool {
    let refused = filter.refused();
    refused
        .iter()
        .any(|refused| FIELDS.contains(&refused.field.as_str()))
}

/// The filter as an address's query, `?` included; empty for no filter.
fn address_query(filter: &AuditFilter, before: Option<i64>) -> String {
    let before = before.map(|id| id.to_string()).unwrap_or_default();
    let parts = [
        ("actor", &filter.actor),
        ("action", &filter.action),
        ("target", &filter.target),
        ("result", &filter.result),
        ("since", &filter.since),
        ("until", &filter.until),
        ("before", &before),
    ];
    let query: Vec<_> = parts
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", crate::pages::service::segment(value)))
        .collect();
    if query.is_empty() {
        String::new()
    } else {
        format!("?{}", query.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_survives_in_an_address() {
        let filter = AuditFilter {
            actor: "a&b c".to_owned(),
            since: "2026-11-24T10:00:00+01:00".to_owned(),
            ..AuditFilter::default()
        };
        assert_eq!(
            address_query(&filter, Some(7)),
            "?actor=a%26b%20c&since=2026-11-24T10%3A00%3A00%2B01%3A00&before=7"
        );
        assert_eq!(address_query(&AuditFilter::default(), None), "");
    }
}
