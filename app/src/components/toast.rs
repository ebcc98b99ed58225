//! Results that pass: said once, in a corner, and announced.

use std::time::Duration;

use crate::components::effect::effect;
use leptos::prelude::*;
use serde::de::DeserializeOwned;

use crate::components::{
    action::Value,
    status::{Badge, Tone},
};

/// How long a result stands.
const STANDS: Duration = Duration::from_secs(6);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Toast {
    id: u64,
    tone: Tone,
    text: String,
}

/// Where results are said.
#[derive(Clone, Copy, Debug)]
pub struct Toasts(RwSignal<Vec<Toast>>);

impl Toasts {
    /// Makes the corner and gives it to everything below.
    pub fn provide() -> Self {
        let toasts = Self(RwSignal::new(Vec::new()));
        provide_context(toasts);
        toasts
    }

    /// The corner of this page.
    pub fn here() -> Self {
        use_context::<Self>().unwrap_or_else(Self::provide)
    }

    /// Says a result.
    pub fn say(self, tone: Tone, text: impl Into<String>) {
        let text = text.into();
        let Some(id) = self.0.try_update(|toasts| {
            let id = toasts.last().map_or(0, |last| last.id + 1);
            toasts.push(Toast { id, tone, text });
            id
        }) else {
            return;
        };
        set_timeout(
            move || {
                let _ = self
                    .0
                    .try_update(|toasts| toasts.retain(|toast| toast.id != id));
            },
            STANDS,
        );
    }

    /// Says `text` each time the action ends well.
    pub fn follow<T: DeserializeOwned + 'static>(
        self,
        action: Value<T>,
        text: impl Fn(&T) -> String + 'static,
    ) {
        let version = action.version();
        effect(move || {
            // The first value is what the server rendered, not a result.
            if version.get() > 0
                && let Some(Ok(done)) = action.get_untracked()
            {
                self.say(Tone::Ok, text(&done));
            }
        });
    }
}

const fn word(tone: Tone) -> &'static str {
    match tone {
        Tone::Ok => "done",
        Tone::Unk => "goes on",
        Tone::Warn | Tone::Crit => "failed",
    }
}

/// The corner itself.
#[component]
pub fn ToastCorner() -> impl IntoView {
    let toasts = Toasts::here().0;
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.get() key=|toast| toast.id let:toast>
                <p class="toast">
                    <Badge tone=toast.tone text=word(toast.tone) />
                    <span>{toast.text}</span>
                </p>
            </For>
        </div>
    }
}
