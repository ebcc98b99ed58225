//! The recovery plans: when to use each, how its last run and rehearsal went, and how one is begun.

mod now;
pub mod run;
pub mod start;
mod steps;
mod words;

use leptos::prelude::*;
use leptos_meta::Title;
use types::{
    Capability, Role,
    live::Topic,
    runbooks::{Plan, PlanListed, RunListed, Subject},
};

use super::set::lead;
use crate::{
    api::{
        self,
        backups::{RehearseRunbook, run_page, start_page},
    },
    components::{
        action::{ActionForm, ServerAction},
        clock::Ago,
        effect::memo,
        facts::Facts,
        field::{Choice, Failure, FormError, Submit, failure},
        live::Live,
        loaded::Loaded,
        status::Badge,
        unavailable::Unavailable,
        viewer::Viewer,
    },
};

/// The page.
#[component]
pub fn RunbooksPage() -> impl IntoView {
    let rehearse = ServerAction::<RehearseRunbook>::new();
    lead(rehearse.into(), run_page);
    let changed = Live::here().version(&[Topic::Backups]);
    let plans = Facts::new(move || changed.get(), |_| api::backups::runbooks());
    view! {
        <Title text="Runbooks" />
        <div class="head">
            <div class="min-w-0">
                <small>
                    <a href="/backups">"Backups"</a>
                </small>
                <h1>"Runbooks"</h1>
            </div>
        </div>
        <FormError failure=failure(rehearse.into()) fields=&["of"] />
        <Loaded
            facts=plans
            view=move |plans| {
                Plan::ALL
                    .map(|plan| view! { <Card plan plans rehearse /> }.into_any())
                    .into_iter()
                    .collect_view()
                    .into_any()
            }
        />
    }
}

/// Why the viewer may not carry a plan out at all.
pub(super) fn refusal(viewer: Option<&Viewer>, plan: Plan) -> Option<String> {
    let viewer = viewer?;
    if plan == Plan::CompleteFailure && viewer.role != Role::Cto {
        return Some("A whole project is recovered by a CTO.".to_owned());
    }
    (!viewer.may(Capability::Restore))
        .then(|| viewer.may_not(Capability::Restore, "").unwrap_or_default())
}

/// What of a plan's subjects the viewer may recover, as a form's choice has it.
pub(super) fn choices(viewer: Option<&Viewer>, subjects: &[Subject]) -> Vec<(String, String)> {
    let may = |subject: &&Subject| {
        viewer.is_some_and(|viewer| viewer.may_not(Capability::Restore, &subject.team).is_none())
    };
    let chosen = subjects.iter().filter(may);
    chosen
        .map(|subject| (subject.value.clone(), subject.name.clone()))
        .collect()
}

#[component]
fn Card(
    plan: Plan,
    plans: Signal<Vec<PlanListed>>,
    rehearse: ServerAction<RehearseRunbook>,
) -> impl IntoView {
    let listed = memo(move || {
        let plans = plans.read();
        plans.iter().find(|listed| listed.plan == plan).cloned()
    });
    let open = memo(move || listed.get().map(|listed| listed.open).unwrap_or_default());
    let last_run = memo(move || listed.get().and_then(|listed| listed.last_run));
    let last_rehearsal = memo(move || listed.get().and_then(|listed| listed.last_rehearsal));
    view! {
        <section class="card mb-3" id=plan.as_str()>
            <header>
                <h2>{plan.title()}</h2>
            </header>
            <div class="body grid gap-3">
                <p>{plan.when()}</p>
                {move || open.get().into_iter().map(goes_on).collect_view()}
                <dl class="facts">
                    <dt>"Last run"</dt>
                    <dd>{move || last(last_run.get())}</dd>
                    <dt>"Last rehearsal"</dt>
                    <dd>{move || last(last_rehearsal.get())}</dd>
                </dl>
                <Buttons plan listed rehearse />
            </div>
        </section>
    }
}

fn goes_on(run: RunListed) -> impl IntoView {
    let what = if run.is_rehearsal { "rehearsal" } else { "run" };
    view! {
        <p class=if run.is_rehearsal { "note unk" } else { "note warn" }>
            <a class="font-semibold underline" href=run_page(run.id)>
                {format!("A {what} for {} goes on", run.subject)}
            </a>
        </p>
    }
}

/// How a run went, against the time that it may take.
fn last(run: Option<RunListed>) -> AnyView {
    let Some(run) = run else {
        return "none yet".into_any();
    };
    let (tone, told) = words::verdict(&run);
    view! {
        <Badge tone text=told />
        " "
        <a class="underline" href=run_page(run.id)>
            {run.subject.clone()}
        </a>
        " "
        <small class="text-muted">
            <Ago at=run.started_at />
        </small>
    }
    .into_any()
}

/// Rehearses or starts a plan, or says why that can't be.
#[component]
fn Buttons(
    plan: Plan,
    listed: Memo<Option<PlanListed>>,
    rehearse: ServerAction<RehearseRunbook>,
) -> impl IntoView {
    let viewer = Viewer::here();
    let failure: Failure = failure(rehearse.into());
    let shown = memo(move || {
        viewer.with(|viewer| {
            let viewer = viewer.as_ref();
            let subjects = listed
                .get()
                .map(|listed| listed.subjects)
                .unwrap_or_default();
            let choices = choices(viewer, &subjects);
            let none = || {
                let is_empty = choices.is_empty();
                is_empty.then(|| "There is nothing here yet that it could be made for.".to_owned())
            };
            (refusal(viewer, plan).or_else(none), choices)
        })
    });
    move || {
        match shown.get() {
        (Some(why), _) => view! {
            <div class="row">
                <Unavailable text="Rehearse" why=why.clone() />
                <Unavailable text="Start" why />
            </div>
        }
        .into_any(),
        (None, options) => view! {
            <ActionForm action=rehearse>
                <div class="form">
                    <input type="hidden" name="plan" value=plan.as_str() />
                    <Choice form=plan.as_str() name="of" label="For" options failure />
                    <div class="row">
                        <Submit text="Rehearse" weight_class="btn" pending=rehearse.pending() />
                        <a class="btn" href=start_page(plan) aria-label=format!("Start: {}", plan.title())>
                            "Start"
                        </a>
                    </div>
                </div>
            </ActionForm>
        }
        .into_any(),
    }
    }
}
