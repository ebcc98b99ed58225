//! The password again, where an act needs a proof of it within the last five minutes.

use leptos::prelude::*;
use time::OffsetDateTime;
use types::Error;

use crate::components::{
    clock::Clock,
    effect::memo,
    field::{Failure, Field},
    viewer::Viewer,
};

/// Whether the password is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Asked {
    is_asked: bool,
    /// Until when the last proof counts.
    proof_until: Option<OffsetDateTime>,
}

impl Asked {
    /// Asked once, it stays asked until there is a newer proof: a field must not vanish while someone types in it.
    fn next(
        before: Option<&Self>,
        proof_until: Option<OffsetDateTime>,
        now: OffsetDateTime,
        is_refused: bool,
    ) -> Self {
        let is_old = proof_until <= Some(now);
        let stays =
            before.is_some_and(|before| before.is_asked && proof_until <= before.proof_until);
        Self {
            is_asked: is_refused || is_old || stays,
            proof_until,
        }
    }
}

/// Asks for the password, and of those who have a second factor for its code, inside a form when the last proof is too old, or the server says so.
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
    let asked = Memo::new(move |before: Option<&Asked>| {
        let is_refused = matches!(
            failure.get(),
            Some(Error::StepUpRequired | Error::WrongCredentials | Error::SecondFactor { .. })
        );
        let proof_until = viewer.with(|viewer| viewer.as_ref()?.proof_until);
        Asked::next(before, proof_until, clock.now(), is_refused)
    });
    let is_asked = memo(move || asked.read().is_asked);
    // The server may know of a second factor that this page has not heard of yet.
    let needs_code = memo(move || {
        viewer.with(|viewer| {
            viewer
                .as_ref()
                .is_some_and(|viewer| viewer.has_second_factor)
        }) || matches!(failure.get(), Some(Error::SecondFactor { .. }))
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
                        {move || needs_code
                            .get()
                            .then(|| {
                                view! {
                                    <Field
                                        form
                                        name="code"
                                        label="Code of your authenticator app"
                                        hint="A recovery code works as well."
                                        autocomplete="one-time-code"
                                        maxlength=40
                                        failure
                                    />
                                }
                            })}
                    }
                })
        }}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::Duration;

    #[test]
    fn a_field_stays_until_there_is_a_newer_proof() {
        let start = OffsetDateTime::UNIX_EPOCH + Duration::days(20_000);
        let until = |minutes| Some(start + Duration::minutes(minutes));
        let fresh = Asked::next(None, until(5), start, false);
        assert!(!fresh.is_asked);
        assert!(Asked::next(None, None, start, false).is_asked);

        let old = Asked::next(Some(&fresh), until(5), start + Duration::minutes(6), false);
        assert!(old.is_asked);
        // The clock was set back: someone may be typing.
        let same = Asked::next(Some(&old), until(5), start, false);
        assert!(same.is_asked);
        let proved = Asked::next(Some(&same), until(11), start + Duration::minutes(6), false);
        assert!(!proved.is_asked);
        let refused = Asked::next(Some(&proved), until(11), start, true);
        assert!(refused.is_asked);
    }
}
