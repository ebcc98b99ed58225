//! Every compose project with the true state of its services, the checks, and what happened.

mod checks;
pub mod engine;
pub mod events;
pub mod table;

use crate::components::effect::memo;
use crate::components::{
    action::{ActionForm, ServerAction},
    facts::Facts,
};
use leptos::prelude::*;
use leptos_meta::Title;
use types::{Capability, deployment::Stack, live::Topic};

use crate::{
    api::{self, health::Verify},
    components::{
        empty::Empty,
        field::{FormError, failure},
        live::Live,
        loaded::Loaded,
        toast::Toasts,
        viewer::Viewer,
    },
};

/// The page.
#[component]
pub fn DeploymentPage() -> impl IntoView {
    let live = Live::here();
    let changed = live.version(&[Topic::Deployment, Topic::Usage]);
    let checked = live.version(&[Topic::Health]);
    let stack = Facts::new(move || changed.get(), |_| api::deployment::stack());
    let health = Facts::new(move || checked.get(), |_| api::health::health());
    view! {
        <Title text="Deployment" />
        <div class="head">
            <h1>"Deployment"</h1>
            <span class="sp"></span>
            <VerifyNow />
        </div>
        <Loaded facts=health view=|health| view! { <checks::Checks health /> }.into_any() />
        <Loaded facts=stack view=|stack| view! { <Projects stack /> }.into_any() />
        <events::Events />
    }
}

#[component]
fn Projects(stack: Signal<Stack>) -> impl IntoView {
    let viewer = Viewer::here();
    view! {
        <engine::EngineState engine=Signal::derive(move || stack.read().engine.clone()) />
        {move || {
            let stack = stack.read();
            if stack.projects.is_empty() && stack.engine.reachable {
                return view! {
                    <section class="card mb-3">
                        <Empty title="No compose project">
                            <p>
                                "Services appear by themselves once a project runs on this engine: "
                                <code>"docker compose up -d"</code>
                            </p>
                        </Empty>
                    </section>
                }
                    .into_any();
            }
            let viewer = viewer.get();
            stack
                .projects
                .iter()
                .map(|project| table::project(project, viewer.as_ref(), stack.engine.fault))
                .collect_view()
                .into_any()
        }}
    }
}

/// Runs every check at once.
#[component]
fn VerifyNow() -> impl IntoView {
    let action = ServerAction::<Verify>::new();
    let failure = failure(action.into());
    let viewer = Viewer::here();
    let refused = memo(move || {
        viewer.with(|viewer| {
            let may = viewer
                .as_ref()
                .is_some_and(|viewer| viewer.may(Capability::OperateServices));
            (!may).then_some("Your role may not run verification. Ask a CTO if you need to.")
        })
    });
    Toasts::here().follow(action.into(), |health| {
        let passed = health.checks.iter().filter(|check| check.ok).count();
        format!(
            "Verified: {passed} of {} checks passed.",
            health.checks.len()
        )
    });
    view! {
        <ActionForm action=action>
            <button
                class="btn"
                type="submit"
                title=move || refused.get()
                disabled=move || refused.get().is_some() || action.pending().get()
            >
                {move || if action.pending().get() { "Verifying…" } else { "Verify now" }}
            </button>
        </ActionForm>
        <div class="w-full empty:hidden">
            <FormError failure />
        </div>
    }
}
