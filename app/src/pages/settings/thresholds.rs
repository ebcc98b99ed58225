//! Thresholds of checks and preflight, and where verification asks.

use leptos::{form::ActionForm, prelude::*};
use types::{live::Topic, preflight::Thresholds};

use super::Head;
use crate::{
    api::{self, health::SetThresholds},
    components::{
        field::{Failure, Field, FormError, Submit, failure},
        live::Live,
        loaded::Loaded,
        toast::Toasts,
    },
};

/// The page.
#[component]
pub fn ThresholdsPage() -> impl IntoView {
    let changed = Live::here().version(&[Topic::Settings]);
    let thresholds = Resource::new(move || changed.get(), |_| api::health::thresholds());
    view! {
        <Head title="Thresholds and targets" />
        <div class="grid desk:grid-cols-2">
            <Loaded facts=thresholds view=|thresholds| view! { <Form thresholds /> }.into_any() />
        </div>
    }
}

#[component]
fn Form(thresholds: Signal<Thresholds>) -> impl IntoView {
    let action = ServerAction::<SetThresholds>::new();
    let failure = failure(action.into());
    Toasts::here().follow(action.into(), |()| "The thresholds were saved.".to_owned());
    let first = thresholds.get_untracked();
    view! {
        <section class="card">
            <header>
                <h2>"Thresholds"</h2>
            </header>
            <div class="body">
                <ActionForm action=action>
                    <div class="form">
                        <FormError failure />
                        <Number name="max_response_ms" label="A slower answer warns, milliseconds" value=first.max_response_ms failure />
                        <Number name="max_error_percent" label="More failed answers warn, per cent" value=first.max_error_rate * 100.0 failure />
                        <Number name="max_disk_percent" label="A fuller disk warns, per cent" value=first.max_disk_usage * 100.0 failure />
                        <Number name="max_memory_percent" label="Fuller memory warns, per cent" value=first.max_memory_usage * 100.0 failure />
                        <Number name="min_cores" label="Cores the machine must have" value=f64::from(first.min_cores) failure />
                        <Number name="min_memory_gib" label="Memory the machine must have, GiB" value=f64::from(first.min_memory_gib) failure />
                        <Number name="min_storage_tb" label="Storage below which preflight warns, TB" value=first.min_storage_tb failure />
                        <Submit text="Save" pending=action.pending() />
                    </div>
                </ActionForm>
            </div>
        </section>
    }
}

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
