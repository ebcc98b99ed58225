//! A button that may not be pressed now, and says why: on hover, to those who listen, and when it is pressed.

use leptos::prelude::*;

use crate::components::{status::Tone, toast::Toasts};

/// The button. It takes focus, as one that is `disabled` does not, so that keyboard and touch reach the reason.
#[component]
pub fn Unavailable(
    /// What it would do.
    #[prop(into)]
    text: String,
    /// What tells it from others of that text, e.g. `Restart backend`.
    #[prop(optional, into)]
    label: Option<String>,
    /// Why it may not be pressed, in a sentence.
    #[prop(into)]
    why: String,
) -> impl IntoView {
    let toasts = Toasts::here();
    let title = why.clone();
    view! {
        <button
            class="btn"
            type="button"
            aria-disabled="true"
            aria-label=label
            title=title
            on:click=move |_| toasts.say(Tone::Unk, why.clone())
        >
            {text}
        </button>
    }
}
