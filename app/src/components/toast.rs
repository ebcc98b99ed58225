//! Results that pass: said once, in a corner, and announced.

use std::time::Duration;

use leptos::prelude::*;
use serde::de::DeserializeOwned;

use crate::components::{
    action::Value,
    effect::effect,
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

impl Toast {
    /// The word in its badge.
    const fn word(&self) -> &'static str {
        match self.tone {
            Tone::Ok => "done",
            Tone::Unk => "note",
            Tone::Warn | Tone::Crit => "failed",
        }
    }
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

    /// Says a result; one that stands there already is not said twice.
    pub fn say(self, tone: Tone, text: impl Into<String>) {
        let text = text.into();
        let said = self.0.try_update(|toasts| {
            let id = toasts.last().map_or(0, |last| last.id + 1);
            toasts.retain(|toast| toast.text != text);
            toasts.push(Toast { id, tone, text });
            id
        });
        let Some(id) = said else { return };
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
        text: impl Fn(&T) -> String + Send + Sync + 'static,
    ) {
        let said = move || Some(text(&action.get_untracked()?.ok()?));
        self.follow_version(action.version(), Box::new(said));
    }

    /// What of [`Toasts::follow`] is the same for every action: compiled once, it weighs once.
    fn follow_version(self, version: Signal<usize>, said: Said) {
        effect(move || {
            // The first value is what the server rendered, not a result.
            if version.get() > 0
                && let Some(text) = said()
            {
                self.say(Tone::Ok, text);
            }
        });
    }
}

/// What to say of an action's result, if it ended well.
type Said = Box<dyn Fn() -> Option<String> + Send + Sync>;

/// The corner itself.
#[component]
pub fn ToastCorner() -> impl IntoView {
    let toasts = Toasts::here().0;
    view! {
        <div class="toasts" role="status" aria-live="polite" aria-atomic="false">
            <For each=move || toasts.get() key=|toast| toast.id let:toast>
                <p class="toast">
                    <Badge tone=toast.tone text=toast.word() />
                    <span>{toast.text}</span>
                </p>
            </For>
        </div>
    }
}
