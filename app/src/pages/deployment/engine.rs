//! Whether the Docker Engine answers, and what to do when it does not.

use crate::components::effect::memo;
use leptos::prelude::*;
use types::deployment::Engine;

use crate::components::clock::Ago;

/// Nothing while the engine answers; else since when it does not, why, and the line that fixes it.
#[component]
pub fn EngineState(
    /// The engine.
    engine: Signal<Engine>,
) -> impl IntoView {
    let is_away = memo(move || !engine.read().reachable);
    let reason = memo(move || engine.read().reason.clone());
    let times = memo(move || {
        let engine = engine.read();
        (engine.unreachable_since, engine.as_of)
    });
    let announced = move || {
        is_away.get().then(|| {
            view! {
                <b>"The Docker Engine does not answer."</b>
                {reason.get().map(|reason| view! { <p>{reason}</p> })}
            }
        })
    };
    // Beside what is announced: ages would be read out whenever they tick.
    let ages = move || {
        is_away.get().then(|| {
            let (since, as_of) = times.get();
            view! {
                <p class="hint">
                    {since.map(|at| view! { "It was first noticed " <Ago at /> ". " })}
                    {as_of.map(|at| view! { "What stands below was true " <Ago at /> ". " })}
                    "It moves on by itself when the engine is back."
                </p>
            }
        })
    };
    view! {
        <div class=move || if is_away.get() { "note crit mb-3" } else { "" }>
            <div role="status">{announced}</div>
            {ages}
        </div>
    }
}
