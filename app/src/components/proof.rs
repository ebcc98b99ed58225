//! The password again, where an act needs a proof of it within the last five minutes.

use leptos::prelude::*;
use types::Error;

use crate::components::{
    clock::Clock,
    field::{Failure, Field},
    viewer::Viewer,
};

/// Asks for password and code inside a form when the last proof is too old, or the server says so.
///
/// The fields are sent as `password` and `code`.
#[component]
pub fn Proof(
    /// The form it belongs to.
    form: &'static str,
    /// The form's failure.
    failure: Failure,
) -> impl IntoView {
    let viewer = Viewer::here();
    let clock = Clock::here();
    // Asked once, it stays asked until the form is sent: a field must not vanish while someone types in it.
    let is_asked = Memo::new(move |asked: Option<&bool>| {
        let is_refused = matches!(
            failure.get(),
            Some(Error::StepUpRequired | Error::WrongCredentials | Error::SecondFactor { .. })
        );
        let is_old = viewer
            .get()
            .is_none_or(|viewer| viewer.proof_until <= Some(clock.now()));
        is_refused || is_old || asked.copied().unwrap_or_default()
    });
    view! {
        {move || {
            is_asked
                .get()
                .then(|| {
                    view! {
                        <div class="note unk">
                            <b>"Confirm that it is you"</b>
                            <p>"Your password is asked for again because this can't be taken back lightly."</p>
                        </div>
                        <Field
                            form
                            name="password"
                            label="Your password"
                            kind="password"
                            autocomplete="current-password"
                            maxlength=1_000
                            failure
                        />
                        <Field
                            form
                            name="code"
                            label="Code of your authenticator app"
                            hint="Only if you use one; a recovery code works as well."
                            autocomplete="one-time-code"
                            maxlength=40
                            failure
                        />
                    }
                })
        }}
    }
}
