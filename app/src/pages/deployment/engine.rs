//! What keeps the Docker Engine from being known, and what to do about it.

use leptos::prelude::*;
use types::deployment::Engine;

use crate::components::clock::Ago;

/// Nothing while the engine is known as of now; else what is wrong, since when, why, and the line that fixes it.
#[component]
pub fn EngineState(
    /// The engine.
    engine: Signal<Engine>,
) -> impl IntoView {
    view! {
        <div role="status">
            {move || {
                let engine = engine.get();
                engine
                    .fault
                    .map(|fault| {
                        view! {
                            <div class="note crit mb-3">
                                <b>
                                    {fault.as_sentence()}
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
                                                "; it moves on by itself when that is over."
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
