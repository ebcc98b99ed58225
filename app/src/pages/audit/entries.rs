//! What was found in the log.

use leptos::prelude::*;
use serde_json::Value;
use types::audit::{AuditEntry, AuditFilter, AuditPage, AuditResult};

use super::{address_query, is_refused};
use crate::{
    components::{
        clock::Clock,
        effect::memo,
        empty::Empty,
        format,
        status::{Badge, Tone},
        viewer::Viewer,
    },
    pages::account::sessions::browser_of,
};

/// A page of entries.
#[component]
pub(super) fn Entries(
    /// The page.
    page: Signal<AuditPage>,
    /// What was looked for.
    filter: Memo<AuditFilter>,
) -> impl IntoView {
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
}
