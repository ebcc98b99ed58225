//! Every compose project with the true state of its services, the checks, and what happened.

mod cells;
mod checks;
pub mod engine;
pub mod events;
mod table;
mod timeline;
pub mod usage;
#[cfg(feature = "ssr")]
mod written;

use std::sync::Arc;

use leptos::prelude::*;
use leptos_meta::Title;
use types::{Capability, listing::Listing, live::Topic};

use crate::{
    api::{self, done, health::Verify},
    components::{
        action::{ActionForm, ServerAction},
        effect::{effect, memo},
        empty::Empty,
        facts::Facts,
        field::{FormError, failure},
        live::Live,
        loaded::Loaded,
        toast::Toasts,
        unavailable::Unavailable,
        viewer::Viewer,
    },
};

/// The page.
#[component]
pub fn DeploymentPage() -> impl IntoView {
    let live = Live::here();
    let changed = live.version(&[Topic::Deployment, Topic::Usage]);
    let checked = live.version(&[Topic::Health]);
    let listing = Facts::new(move || changed.get(), |_| api::deployment::stack());
    let health = Facts::new(move || checked.get(), |_| api::health::health());
    view! {
        <Title text="Deployment" />
        <div class="head">
            <h1>"Deployment"</h1>
            <span class="sp"></span>
            <VerifyNow />
        </div>
        <EngineBanner listing />
        <Loaded facts=health view=|health| view! { <checks::Checks health /> }.into_any() />
        <Loaded facts=listing view=|listing| view! { <Projects listing /> }.into_any() />
        <events::Events />
    }
}

/// What keeps the engine from being known, above all that follows from it. That the list itself could not be read is told
/// where it would stand.
#[component]
fn EngineBanner(listing: Facts<Arc<Listing>>) -> impl IntoView {
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let first = listing.await.ok()?;
                let engine = RwSignal::new(first.engine.clone());
                effect(move || {
                    if let Some(Ok(listing)) = listing.get() {
                        engine.maybe_update(|old| {
                            let is_new = *old != listing.engine;
                            old.clone_from(&listing.engine);
                            is_new
                        });
                    }
                });
                Some(view! { <engine::EngineState engine=engine.into() /> })
            })}
        </Transition>
    }
}

#[component]
fn Projects(listing: Signal<Arc<Listing>>) -> impl IntoView {
    let names = memo(move || -> Vec<Arc<str>> {
        let listing = listing.read();
        let names = listing.projects.iter();
        names
            .map(|project| Arc::from(project.name.as_str()))
            .collect()
    });
    let is_reachable = memo(move || listing.read().engine.reachable);
    view! {
        {move || {
            (is_reachable.get() && names.read().is_empty())
                .then(|| {
                    view! {
                        <section class="card mb-3">
                            <Empty title="No compose project">
                                <p>
                                    "Services appear by themselves once a project runs on this engine: "
                                    <code>"docker compose up -d"</code>
                                </p>
                            </Empty>
                        </section>
                    }
                })
        }}
        <div class="loaded" class:stale=move || !is_reachable.get()>
            <For each=move || names.get() key=ToString::to_string let:name>
                <table::ProjectCard listing name />
            </For>
        </div>
    }
}

/// Runs every check at once.
#[component]
fn VerifyNow() -> impl IntoView {
    let action = ServerAction::<Verify>::new();
    let failure = failure(action.into());
    let viewer = Viewer::here();
    let refused = memo(move || {
        viewer.with(|viewer| match viewer {
            Some(viewer) if viewer.is_lead_of_nothing() => {
                Some("You lead no team yet. Ask a CTO to add you to one.")
            }
            Some(viewer) if viewer.may_at_any_time(Capability::OperateServices) => None,
            _ => Some("Your role may not run verification. Ask a team lead or a CTO."),
        })
    });
    Toasts::here().follow(action.into(), done::verified);
    view! {
        {move || match refused.get() {
            Some(why) => view! { <Unavailable text="Verify now" why /> }.into_any(),
            None => {
                view! {
                    <ActionForm action=action>
                        <button class="btn" type="submit" disabled=move || action.pending().get()>
                            {move || if action.pending().get() { "Verifying…" } else { "Verify now" }}
                        </button>
                    </ActionForm>
                }
                    .into_any()
            }
        }}
        <div class="w-full empty:hidden">
            <FormError failure />
        </div>
    }
}
