//! How long samples are kept, and what they take on disk.

use leptos::prelude::*;
use time::OffsetDateTime;
use types::{
    live::Topic,
    samples::{Retention, SampleSizes, TierSize},
};

use super::{Head, refusal};
use crate::{
    api::{self, done, resources::SetRetention},
    components::{
        action::{ActionForm, ServerAction},
        facts::Facts,
        field::{Failure, Field, FormError, Submit, failure},
        format,
        live::Live,
        loaded::Loaded,
        toast::Toasts,
    },
};

/// The page.
#[component]
pub fn SamplesPage() -> impl IntoView {
    if let Some(refusal) = refusal() {
        return view! {
            <Head title="Samples" />
            {refusal}
        }
        .into_any();
    }
    let changed = Live::here().version(&[Topic::Settings]);
    let keep = Facts::new(move || changed.get(), |_| api::resources::retention());
    let sizes = Facts::new(move || changed.get(), |_| api::resources::sample_sizes());
    view! {
        <Head title="Samples" />
        <div class="grid items-start desk:grid-cols-2">
            <div>
                <Loaded facts=keep view=|keep| view! { <Form keep /> }.into_any() />
            </div>
            <div>
                <Loaded facts=sizes view=|sizes| view! { <Sizes sizes /> }.into_any() />
            </div>
        </div>
    }
    .into_any()
}

const FIELDS: &[&str] = &["second_days", "minute_days", "hour_days"];

#[component]
fn Form(keep: Signal<Retention>) -> impl IntoView {
    let action = ServerAction::<SetRetention>::new();
    let failure = failure(action.into());
    Toasts::here().follow(action.into(), |()| done::RETENTION_SAVED.to_owned());
    let first = keep.get_untracked();
    view! {
        <section class="card">
            <header>
                <h2>"Kept for"</h2>
            </header>
            <div class="body">
                <ActionForm action=action>
                    <div class="form">
                        <FormError failure fields=FIELDS />
                        <Days name="second_days" label="Samples of each second, days" value=first.second_days failure />
                        <Days name="minute_days" label="Summaries by the minute, days" value=first.minute_days failure />
                        <Days name="hour_days" label="Summaries by the hour, days" value=first.hour_days failure />
                        <p class="hint">"What is older goes within the hour, and does not come back."</p>
                        <Submit text="Save" pending=action.pending() />
                    </div>
                </ActionForm>
            </div>
        </section>
    }
}

#[component]
fn Days(name: &'static str, label: &'static str, value: u32, failure: Failure) -> impl IntoView {
    view! {
        <Field
            form="retention"
            name
            label
            value=value.to_string()
            inputmode="numeric"
            maxlength=5
            required=true
            failure
        />
    }
}

#[component]
fn Sizes(sizes: Signal<SampleSizes>) -> impl IntoView {
    let rows = move || {
        let sizes = sizes.get();
        sizes.tiers.into_iter().map(row).collect_view()
    };
    view! {
        <section class="card">
            <header>
                <h2>"Room in the database"</h2>
            </header>
            <table class="cards">
                <thead>
                    <tr>
                        <th>"What"</th>
                        <th>"Takes now"</th>
                        <th>"Since"</th>
                        <th>"Grows until"</th>
                        <th>"Takes then"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}

fn row(tier: TierSize) -> impl IntoView {
    let name = match tier.every_s {
        1 => "Every second",
        60 => "By the minute",
        _ => "By the hour",
    };
    let room = |bytes: i64| format::bytes(bytes.unsigned_abs());
    view! {
        <tr>
            <td>
                <b>{name}</b>
            </td>
            <td data-label="Takes now">{room(tier.bytes)}</td>
            <td data-label="Since">{day(tier.oldest)}</td>
            <td data-label="Grows until">{day(tier.full_at)}</td>
            <td data-label="Takes then">
                {tier.full_bytes.map_or_else(|| "known after a day".to_owned(), room)}
            </td>
        </tr>
    }
}

/// The day of a time in milliseconds since 1970.
fn day(at: Option<i64>) -> String {
    at.and_then(|at| OffsetDateTime::from_unix_timestamp(at / 1_000).ok())
        .map_or_else(|| format::UNKNOWN.to_owned(), format::day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_told_as_days() {
        assert_eq!(day(Some(1_764_000_000_000)), "Mon, 24 Nov 2025");
        assert_eq!(day(None), "–");
        assert_eq!(day(Some(i64::MAX)), "–");
    }
}
