//! How a running service differs from the compose file, as a diff.

use leptos::prelude::*;
use types::deployment::Drift;

/// The differences.
#[component]
pub fn Differences(
    /// The differences.
    drift: Vec<Drift>,
) -> impl IntoView {
    let lines: Vec<_> = drift
        .into_iter()
        .map(|drift| {
            let side = |text: String| (!text.is_empty()).then_some(text);
            let what = drift.what;
            view! {
                {side(drift.file).map(|file| view! { <del>{format!("- {what}: {file}")}</del> })}
                {side(drift.running).map(|running| view! { <ins>{format!("+ {what}: {running}")}</ins> })}
            }
        })
        .collect();
    view! {
        <pre class="diff" aria-label="minus: the file; plus: what runs" role="group">
            {lines}
        </pre>
    }
}
