//! Whether the Docker Engine answers, and what to do when it does not.

use leptos::prelude::*;
use types::deployment::Engine;

use crate::components::clock::Ago;

/// Nothing while the engine answers; else since when it does not, why, and the line that fixes it.
#[component]
pub fn EngineState(
    /// The engine.
    engine: Signal<Engine>,
) -> impl IntoView {
    view! {
        <div role="status">
            {move || {
                let engine = engine.get();
                (!engine.reachable)
                    .then(|| {
                        view! {
                            <div class="note crit mb-3">
                                <b>
                                    "The Docker Engine does not answer"
                                    {engine
                                        .unreachable_since
                                        .map(|at| view! { ", for the first time " <Ago at /> })} "."
                                </b>
                                {engine.reason.map(|reason| view! { <p>{reason}</p> })}
                                {engine
                                    .as_of
                                    .map(|at| {
                                        view! {
                                            <p class="hint">
                                                "What stands below was true " <Ago at />
                                                "; it moves on by itself when the engine is back."
                                            </p>
                                        }
                                    })}
                            </div>
                        }
                    })
            }}
        </div>
    }
}
