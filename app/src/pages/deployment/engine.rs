//! What keeps the Docker Engine from being known, and what to do about it.

use leptos::prelude::*;
use types::deployment::Engine;

use crate::components::{clock::Ago, effect::memo};

/// Nothing while the engine is known as of now; else what is wrong, since when, why, and the line that fixes it.
#[component]
pub fn EngineState(
    /// The engine.
    engine: Signal<Engine>,
) -> impl IntoView {
    let fault = memo(move || engine.read().fault);
    let is_away = move || fault.get().is_some();
    let reason = memo(move || engine.read().reason.clone());
    let times = memo(move || {
        let engine = engine.read();
        (engine.unreachable_since, engine.as_of)
    });
    let announced = move || {
        fault.get().map(|fault| {
            view! {
                <b>{fault.as_sentence()} "."</b>
                {reason.get().map(|reason| view! { <p>{reason}</p> })}
            }
        })
    };
    // Beside what is announced: ages would be read out whenever they tick.
    let ages = move || {
        is_away().then(|| {
            let (since, as_of) = times.get();
            view! {
                <p class="hint">
                    {since.map(|at| view! { "It was first noticed " <Ago at /> ". " })}
                    {as_of.map(|at| view! { "What stands below was true " <Ago at /> ". " })}
                    "It moves on by itself when that is over."
                </p>
            }
        })
    };
    view! {
        <div class=move || if is_away() { "note crit mb-3" } else { "" }>
            <div role="status">{announced}</div>
            {ages}
        </div>
    }
}
