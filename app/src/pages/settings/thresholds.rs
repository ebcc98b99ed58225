//! Thresholds of checks and preflight, and where verification asks.

use leptos::prelude::*;
use types::{live::Topic, preflight::Thresholds};

use super::{Head, refusal};
use crate::{
    api::{self, done, health::SetThresholds},
    components::{
        action::{ActionForm, ServerAction},
        facts::Facts,
        field::{Failure, Field, FormError, Submit, failure},
        live::Live,
        loaded::Loaded,
        toast::Toasts,
    },
};

/// The page.
#[component]
pub fn ThresholdsPage() -> impl IntoView {
    if let Some(refusal) = refusal() {
        return view! {
            <Head title="Thresholds and targets" />
            {refusal}
        }
        .into_any();
    }
    let changed = Live::here().version(&[Topic::Settings]);
    let thresholds = Facts::new(move || changed.get(), |_| api::health::thresholds());
    view! {
        <Head title="Thresholds and targets" />
        <div class="grid items-start desk:grid-cols-2">
            <div>
                <Loaded facts=thresholds view=|thresholds| view! { <Form thresholds /> }.into_any() />
            </div>
            <super::targets::Targets />
        </div>
    }
    .into_any()
}

#[component]
fn Form(thresholds: Signal<Thresholds>) -> impl IntoView {
    let action = ServerAction::<SetThresholds>::new();
    let failure = failure(action.into());
    Toasts::here().follow(action.into(), |()| done::THRESHOLDS_SAVED.to_owned());
    let first = thresholds.get_untracked();
    let cores = f64::from(first.min_cores);
    let memory = f64::from(first.min_memory_gib);
    view! {
        <section class="card">
            <header>
                <h2>"Thresholds"</h2>
            </header>
            <div class="body">
                <ActionForm action=action>
                    <div class="form">
                        <FormError failure fields=FIELDS />
                        <h3>"Checks warn when"</h3>
                        <Number name="max_response_ms" label="An answer takes longer, ms" value=first.max_response_ms failure />
                        <Number name="max_error_rate" label="More answers fail, %" value=100.0 * first.max_error_rate failure />
                        <Number name="max_disk_usage" label="The disk is fuller, %" value=100.0 * first.max_disk_usage failure />
                        <Number name="max_memory_usage" label="Memory is fuller, %" value=100.0 * first.max_memory_usage failure />
                        <label class="check">
                            <input type="checkbox" name="expect_gpu" value="yes" checked=first.expect_gpu />
                            <span>"A machine without a working NVIDIA GPU fails its check"</span>
                        </label>
                        <h3>"Charts draw a line where"</h3>
                        <Number name="max_cpu_usage" label="Processors are busier, %" value=100.0 * first.max_cpu_usage failure />
                        <h3>"Preflight wants"</h3>
                        <Number name="min_cores" label="Cores" value=cores failure />
                        <Number name="min_memory_gib" label="Memory, GiB" value=memory failure />
                        <Number name="min_storage_tb" label="Storage, TB; less is a warning" value=first.min_storage_tb failure />
                        <Submit text="Save" pending=action.pending() />
                    </div>
                </ActionForm>
            </div>
        </section>
    }
}

const FIELDS: &[&str] = &[
    "max_response_ms",
    "max_error_rate",
    "max_cpu_usage",
    "max_disk_usage",
    "max_memory_usage",
    "min_cores",
    "min_memory_gib",
    "min_storage_tb",
];

#[component]
fn Number(name: &'static str, label: &'static str, value: f64, failure: Failure) -> impl IntoView {
    view! {
        <Field
            form="thresholds"
            name
            label
            value=plain(value)
            inputmode="decimal"
            maxlength=12
            required=true
            failure
        />
    }
}

/// A number without needless digits.
fn plain(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_plain() {
        assert_eq!(plain(1_000.0), "1000");
        assert_eq!(plain(0.01 * 100.0), "1");
        assert_eq!(plain(2.5), "2.5");
    }
}
