//! A run of a plan, before it is begun: what it is for, and the name typed to confirm.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use types::{
    Capability,
    runbooks::{Plan, PlanListed},
};

use super::{choices, refusal};
use crate::{
    api::{
        self,
        backups::{StartRunbook, run_page},
    },
    components::{
        action::{ActionForm, ServerAction},
        effect::memo,
        empty::Empty,
        facts::Facts,
        field::{Choice, Field, FormError, Submit, failure},
        loaded::Loaded,
        proof::Proof,
        viewer::Viewer,
    },
    pages::{backups::set::lead, settings::refusal_of},
};

/// The page.
#[component]
pub fn StartPage() -> impl IntoView {
    let params = use_params_map();
    let plan = memo(move || {
        let name = params.read().get("plan");
        name.and_then(|name| Plan::parse(&name))
    });
    // Read once: what is being typed must survive a change.
    let plans = Facts::new(|| (), |()| api::backups::runbooks());
    let title = move || plan.get().map_or("Runbook", |plan| plan.title()).to_owned();
    let refused = refusal_of(Capability::Restore);
    let is_refused = refused.is_some();
    view! {
        <Title text=title />
        <div class="head">
            <div class="min-w-0">
                <small>
                    <a href="/backups">"Backups"</a>
                    " / "
                    <a href="/backups/runbooks">"Runbooks"</a>
                </small>
                <h1>{title}</h1>
            </div>
        </div>
        {refused}
        <section class="card max-w-[720px]" hidden=is_refused>
            <Loaded
                facts=plans
                view=move |plans| {
                    let found = plan.get_untracked();
                    let listed = plans
                        .get_untracked()
                        .into_iter()
                        .find(|listed| Some(listed.plan) == found);
                    match listed {
                        Some(listed) => view! { <Confirm listed /> }.into_any(),
                        None => {
                            view! {
                                <Empty title="There is no such plan">
                                    <p>
                                        <a class="underline" href="/backups/runbooks">
                                            "The plans"
                                        </a>
                                    </p>
                                </Empty>
                            }
                                .into_any()
                        }
                    }
                }
            />
        </section>
    }
}

#[component]
fn Confirm(listed: PlanListed) -> impl IntoView {
    let action = ServerAction::<StartRunbook>::new();
    let failure = failure(action.into());
    lead(action.into(), run_page);
    let viewer = Viewer::here();
    let plan = listed.plan;
    let (why, options) = viewer.with_untracked(|viewer| {
        let viewer = viewer.as_ref();
        (refusal(viewer, plan), choices(viewer, &listed.subjects))
    });
    view! {
        <ActionForm action=action>
            <div class="body grid gap-3">
                <p>{plan.when()}</p>
                <p>
                    "The clock begins to run. Nothing is done before its step is begun, and each step that changes something says \
                     what before."
                </p>
                {why.map(|why| view! { <p class="note warn"><b>{why}</b></p> })}
                <div class="form">
                    <FormError failure fields=&["of", "typed_name", "password", "code"] />
                    <input type="hidden" name="plan" value=plan.as_str() />
                    <Choice form="runbook" name="of" label="What is to be recovered" options failure />
                    <Field
                        form="runbook"
                        name="typed_name"
                        label="Type its name to confirm"
                        hint="As it is written above."
                        required=true
                        failure
                    />
                    <Proof form="runbook" failure />
                    <div class="row">
                        <Submit text="Start" weight_class="btn dan" pending=action.pending() />
                        <a class="btn" href="/backups/runbooks">
                            "Cancel"
                        </a>
                    </div>
                </div>
            </div>
        </ActionForm>
    }
}
