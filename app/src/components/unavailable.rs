//! A button that may not be pressed now, and says why beside it: to a pointer, a thumb, a keyboard, and to those who
//! listen. The style sheet shows it, so that it needs no script.

use leptos::prelude::*;

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
    view! {
        <span class="unavailable">
            <button class="btn" type="button" aria-disabled="true" aria-label=label aria-description=why.clone()>
                {text}
            </button>
            // Read out as the button's description already.
            <span class="why" aria-hidden="true">
                {why}
            </span>
        </span>
    }
}
