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
        effect::memo,
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
        let at = sizes.at;
        let row = |tier| row(tier, at);
        sizes.tiers.into_iter().map(row).collect_view()
    };
    let outlook = memo(move || outlook(&sizes.read()));
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
                        <th>"Full on"</th>
                        <th>"Takes then"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <div class="body">
                {move || {
                    let (class, text) = outlook.get();
                    view! { <p class=class>{text}</p> }
                }}
            </div>
        </section>
    }
}

/// What becomes of the room, in a sentence, and how it is shown.
fn outlook(sizes: &SampleSizes) -> (&'static str, String) {
    let together = match sizes.levels_off() {
        Some((bytes, at)) if at <= sizes.at => {
            format!("All are full: they take {}, and go on so.", room(bytes))
        }
        Some((bytes, at)) => format!(
            "On {} all are full: from then on they take {}.",
            day(Some(at)),
            room(bytes)
        ),
        None => "How much room all take is known once each of these is a day old.".to_owned(),
    };
    match (sizes.free_bytes, sizes.disk_full_at) {
        (Some(free), Some(full_at)) => (
            "note warn",
            format!(
                "The disk is full on {} if samples go on growing as they do: {} are free. Keep them for fewer days, or \
                 give the database more room. {together}",
                day(Some(full_at)),
                room(free)
            ),
        ),
        (Some(free), None) if sizes.levels_off().is_some() => (
            "hint",
            format!(
                "{together} {} are free: samples alone never fill the disk.",
                room(free)
            ),
        ),
        (Some(free), None) => ("hint", format!("{together} {} are free.", room(free))),
        (None, _) => (
            "hint",
            format!(
                "{together} How much is free is not known here: the database is on another machine, or its role may not \
                 ask (GRANT pg_read_all_settings)."
            ),
        ),
    }
}

/// Bytes for people.
fn room(bytes: i64) -> String {
    format::bytes(bytes.unsigned_abs())
}

fn row(tier: TierSize, now: i64) -> impl IntoView {
    let name = match tier.every_s {
        1 => "Every second",
        60 => "By the minute",
        _ => "By the hour",
    };
    let full = match tier.full_at {
        Some(at) if at <= now => "is full".to_owned(),
        at => day(at),
    };
    let then = match (tier.full_bytes, tier.oldest) {
        (Some(bytes), _) => room(bytes),
        (None, Some(_)) => "known after a day".to_owned(),
        (None, None) => format::UNKNOWN.to_owned(),
    };
    view! {
        <tr>
            <td>
                <b>{name}</b>
            </td>
            <td data-label="Takes now">{room(tier.bytes)}</td>
            <td data-label="Since">{day(tier.oldest)}</td>
            <td data-label="Full on">{full}</td>
            <td data-label="Takes then">{then}</td>
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

    #[test]
    fn whether_the_disk_fills_is_told_only_where_it_is_known() {
        const DAY: i64 = 86_400_000;
        let mut sizes = SampleSizes {
            at: 20_416 * DAY,
            tiers: vec![TierSize {
                every_s: 1,
                keep_days: 14,
                bytes: 1 << 30,
                oldest: Some(20_409 * DAY),
                full_at: Some(20_423 * DAY),
                full_bytes: Some(2 << 30),
            }],
            free_bytes: Some(5 << 30),
            disk_full_at: None,
        };
        let told = |sizes: &SampleSizes| outlook(sizes).1;
        assert_eq!(
            told(&sizes),
            "On Mon, 1 Dec 2025 all are full: from then on they take 2.0 GiB. 5.0 GiB are free: samples alone never fill the \
             disk."
        );
        sizes.disk_full_at = Some(20_418 * DAY);
        assert!(told(&sizes).starts_with("The disk is full on "));
        assert_eq!(outlook(&sizes).0, "note warn");
        sizes.free_bytes = None;
        assert!(told(&sizes).contains("not known here"));
        sizes.tiers[0].full_bytes = None;
        assert!(told(&sizes).contains("once each of these is a day old"));
        sizes.tiers[0].full_bytes = Some(1 << 30);
        sizes.tiers[0].full_at = Some(sizes.at);
        assert!(told(&sizes).starts_with("All are full: they take 1.0 GiB"));
    }
}
