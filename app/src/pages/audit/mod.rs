//! The audit log: who did what, when, from where, and how it ended. Filters are a plain GET form.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use serde_json::Value;
use types::{
    Capability,
    audit::{AuditEntry, AuditFilter, AuditPage, AuditResult},
    live::Topic,
};

use crate::{
    api,
    components::{
        clock::Clock,
        effect::memo,
        empty::Empty,
        facts::Facts,
        format,
        live::Live,
        loaded::Loaded,
        status::{Badge, Tone},
        viewer::Viewer,
    },
    pages::{account::sessions::browser_of, settings::refusal_of},
};

/// The fields that say what is wrong with them.
const FIELDS: [&str; 3] = ["actor", "action", "target"];

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
        <form method="get" action="/audit" class="card filters mb-3" role="search">
            {text("actor", "Who", first.actor, "e-mail")}
            {text("action", "Action", first.action, "service.restart")}
            {text("target", "On what", first.target, "backend")}
            <div class="field">
                <label for="audit-result">"Result"</label>
                <select id="audit-result" name="result">
                    {options}
                </select>
            </div>
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

#[component]
fn Entries(page: Signal<AuditPage>, filter: Memo<AuditFilter>) -> impl IntoView {
    let rows = move || page.read().entries.iter().map(row).collect_view();
    let older = move || {
        page.read().next.map(|next| {
            let href = format!("/audit{}", address_query(&filter.get(), Some(next)));
            view! {
                <a class="btn" href=href rel="next">
                    "Older entries"
                </a>
            }
        })
    };
    let newest = move || {
        filter.read().before.is_some().then(|| {
            let href = format!("/audit{}", address_query(&filter.get(), None));
            view! {
                <a class="btn" href=href>
                    "Newest entries"
                </a>
            }
        })
    };
    let is_empty = memo(move || page.read().entries.is_empty());
    view! {
        <section class="card" aria-label="Entries">
            {move || {
                if is_empty.get() {
                    // Read here, not by what is inside: that follows nothing, and another filter may be as empty.
                    let (title, why) = why_empty(&filter.get());
                    view! {
                        <Empty title=title>
                            <p>{why}</p>
                        </Empty>
                    }
                        .into_any()
                } else {
                    view! {
                        <table class="cards">
                            <thead>
                                <tr>
                                    <th>"When"</th>
                                    <th>"Result"</th>
                                    <th>"Who"</th>
                                    <th>"Action"</th>
                                    <th>"On what"</th>
                                    <th>"From"</th>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </table>
                    }
                        .into_any()
                }
            }}
            <footer class="row p-3 border-t empty:hidden">{newest} {older}</footer>
        </section>
    }
}

/// What a field was given can't be looked for.
fn is_refused(filter: &AuditFilter) -> bool {
    let refused = filter.refused();
    refused
        .iter()
        .any(|refused| FIELDS.contains(&refused.field.as_str()))
}

/// That the list is empty, and what would fill it.
fn why_empty(filter: &AuditFilter) -> (&'static str, &'static str) {
    let sees_nothing =
        Viewer::here().with(|viewer| viewer.as_ref().is_some_and(Viewer::is_lead_of_nothing));
    let nothing = "No entry matches";
    if is_refused(filter) {
        ("Nothing was looked for", "See the marked fields.")
    } else if sees_nothing {
        (
            nothing,
            "A team lead sees what was done to what belongs to their teams, and you are in none. Ask a CTO to add you to one.",
        )
    } else if *filter == AuditFilter::default() {
        (
            nothing,
            "Everything that is done, tried or refused is written here.",
        )
    } else {
        (
            nothing,
            "Everything that is done, tried or refused is written here. Widen the filter to see more.",
        )
    }
}

fn row(entry: &AuditEntry) -> impl IntoView + use<> {
    let clock = Clock::here();
    let at = entry.at;
    let tone = match entry.result {
        AuditResult::Success => Tone::Ok,
        AuditResult::Failure => Tone::Crit,
        AuditResult::Refused => Tone::Warn,
    };
    let from = (!entry.address.is_empty()).then(|| {
        let browser = browser_of(&entry.user_agent);
        view! {
            <span>
                {entry.address.clone()}
                <small class="block desk:whitespace-nowrap" title=entry.user_agent.clone()>
                    {browser}
                </small>
            </span>
        }
    });
    view! {
        <tr>
            <td class="whitespace-nowrap">
                <time datetime=format::machine(at)>{move || clock.exact(at)}</time>
                <small class="block text-faint">{format!("entry {}", entry.id)}</small>
            </td>
            <td>
                <Badge tone text=entry.result.as_str() />
            </td>
            <td data-label="Who">{entry.actor.clone()}</td>
            <td class="mono" data-label="Action">
                {entry.action.clone()}
            </td>
            <td class="break-words" data-label="On what">
                <span>
                    {entry.target.clone()} {words(&entry.detail).map(|detail| view! { <small class="block">{detail}</small> })}
                </span>
            </td>
            <td data-label="From">{from}</td>
        </tr>
    }
}

/// What is told beside an entry's action, `reason: wrong-credentials, wait s: 60`; none where nothing is.
fn words(detail: &Value) -> Option<String> {
    let word = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(all) if all.is_empty() => "none".to_owned(),
        other => other.to_string(),
    };
    match detail {
        Value::Null => None,
        Value::Object(fields) => {
            let words: Vec<_> = fields
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| match name.strip_suffix("_s") {
                    Some(name) => format!("{}: {} s", name.replace('_', " "), word(value)),
                    None => format!("{}: {}", name.replace('_', " "), word(value)),
                })
                .collect();
            (!words.is_empty()).then(|| words.join(", "))
        }
        other => Some(word(other)),
    }
}

/// The filter as an address's query, `?` included; empty for no filter.
fn address_query(filter: &AuditFilter, before: Option<i64>) -> String {
    let before = before.map(|id| id.to_string()).unwrap_or_default();
    let parts = [
        ("actor", &filter.actor),
        ("action", &filter.action),
        ("target", &filter.target),
        ("result", &filter.result),
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
    fn details_are_read_as_words() {
        let detail = serde_json::json!({ "known_device": false, "reason": "wrong", "teams": [], "wait_s": null });
        assert_eq!(
            words(&detail).as_deref(),
            Some("known device: false, reason: wrong, teams: none")
        );
        assert_eq!(words(&serde_json::json!({})), None);
        assert_eq!(words(&Value::Null), None);
    }

    #[test]
    fn a_filter_survives_in_an_address() {
        let filter = AuditFilter {
            actor: "a&b c".to_owned(),
            ..AuditFilter::default()
        };
        assert_eq!(address_query(&filter, Some(7)), "?actor=a%26b%20c&before=7");
        assert_eq!(address_query(&AuditFilter::default(), None), "");
    }
}
