//! An error as a person reads it: what failed, why, and what to do next.

use leptos::prelude::*;
use types::Error;

/// The next step that the error's own sentence does not say, if there is one.
fn next_step(error: &Error) -> Option<&'static str> {
    match error {
        Error::Internal { .. } => {
            Some("Try again; if it stays, give that id to whoever runs the console.")
        }
        Error::NotFound { .. } => Some("It is gone, has another name by now, or was never there."),
        Error::Malformed { .. } => Some("Reload the page and try again."),
        _ => None,
    }
}

/// The error, announced when it appears.
#[component]
#[expect(
    clippy::needless_pass_by_value,
    reason = "a component owns what it is given"
)]
pub fn ErrorView(
    /// What failed.
    error: Error,
) -> impl IntoView {
    let text = error.to_string();
    let sign_in = matches!(error, Error::Unauthenticated)
        .then(|| view! { <p><a href="/sign-in" rel="external">"Sign in"</a></p> });
    let step = next_step(&error).map(|step| view! { <p>{step}</p> });
    view! {
        <div class="note crit mb-3" role="alert">
            <b>{text}</b>
            {step}
            {sign_in}
        </div>
    }
}
