//! The step whose turn it is: what it does, and one button.

use leptos::prelude::*;
use types::{
    Error,
    runbooks::{Act, Run, Step, StepKind, StepPhase, WouldRestore},
};

use super::words;
use crate::{
    api::backups::{RunbookStep, operation_page},
    components::{
        action::{ActionForm, ServerAction},
        clock::Ago,
        effect::memo,
        field::{Failure, Field, FormError, Submit, failure},
        proof::Proof,
        status::Badge,
        unavailable::Unavailable,
    },
    pages::backups::operation::Row,
};

/// The fields that say their own refusal.
const FIELDS: &[&str] = &["note", "password", "code"];

/// The step; nothing where the run is over.
#[component]
pub fn Now(
    /// The run.
    run: Signal<Run>,
    /// What acts on its steps.
    step: ServerAction<RunbookStep>,
    /// Why the viewer may not.
    refused: Memo<Option<String>>,
) -> impl IntoView {
    // Built anew when another step is to be done, or this one in another way: what is being typed survives the rest.
    let turn = memo(move || {
        let run = run.read();
        let current = run.current();
        current.map(|current| (current.place, current.phase))
    });
    move || {
        let _ = turn.get()?;
        let (current, would, is_rehearsal, id) = run.with_untracked(|run| {
            let current = run.current().cloned()?;
            let would = run
                .would_restore
                .iter()
                .find(|would| would.place == current.place)
                .cloned();
            Some((current, would, run.listed.is_rehearsal, run.listed.id))
        })?;
        let doing = Doing {
            id,
            is_rehearsal,
            action: step,
            refused,
        };
        Some(view! { <Shown run current would doing /> })
    }
}

/// What is needed to do a step.
#[derive(Clone, Copy)]
struct Doing {
    id: i64,
    is_rehearsal: bool,
    action: ServerAction<RunbookStep>,
    refused: Memo<Option<String>>,
}

impl Doing {
    /// The refusal of one of the forms, which have one action.
    fn failure(self, act: Act) -> Failure {
        let failure = failure(self.action.into());
        Signal::derive(move || -> Option<Error> {
            let error = failure.get()?;
            let sent = self.action.sent();
            let is_other = sent.is_some_and(|sent| sent.get("act") != Some(act.as_str()));
            (!is_other).then_some(error)
        })
    }
}

#[component]
fn Shown(
    run: Signal<Run>,
    current: Step,
    would: Option<WouldRestore>,
    doing: Doing,
) -> impl IntoView {
    let (tone, word) = words::phase(current.phase);
    let is_running = current.phase == StepPhase::Running;
    let covers = current.covers.iter().cloned();
    let covers: Vec<_> = covers.map(|line| view! { <li>{line}</li> }).collect();
    let has_covers = !covers.is_empty() && !is_running;
    let failed = (current.phase == StepPhase::Failed).then(|| current.detail.clone());
    view! {
        <section class=format!("{} mb-3", tone.card()) id="now">
            <header>
                <Badge tone text=word />
                <h2>{format!("{}. {}", current.place, current.title)}</h2>
            </header>
            <div class="body grid gap-3">
                <p>{current.about.clone()}</p>
                {has_covers.then(|| view! { <ol class="list-decimal pl-6">{covers}</ol> })}
                {would.map(|would| view! { <Would would /> })}
                {failed.map(|why| view! { <p class="note crit break-words"><b>{why}</b></p> })}
                {if is_running {
                    view! { <UnderWay run place=current.place /> }.into_any()
                } else {
                    view! { <Forms current doing /> }.into_any()
                }}
            </div>
        </section>
    }
}

/// Which backup would be restored.
#[component]
fn Would(would: WouldRestore) -> impl IntoView {
    let Some(at) = would.taken_at else {
        return view! {
            <p class="note warn">
                <b>"There is no backup of it that can be relied upon."</b>
            </p>
        }
        .into_any();
    };
    let how = if would.is_proven {
        "proven restorable"
    } else {
        "read back, and not proven yet"
    };
    view! {
        <p>
            "The backup of " <b><Ago at /></b> {format!(" is restored: {how}.")}
            {would
                .newer_at
                .map(|at| {
                    view! {
                        " A newer one, of " <Ago at />
                        ", was read back and not proven: a drill would prove it first."
                    }
                })}
        </p>
    }
    .into_any()
}

/// The stages of what the console does, as they go.
#[component]
fn UnderWay(run: Signal<Run>, place: i16) -> impl IntoView {
    let of = move |run: &Run| run.steps.iter().find(|step| step.place == place).cloned();
    let stages = memo(move || of(&run.read()).map(|step| step.stages).unwrap_or_default());
    let progress = memo(move || of(&run.read()).and_then(|step| step.progress));
    let operation = memo(move || of(&run.read()).and_then(|step| step.operation));
    view! {
        <ol class="rows">
            {move || stages.get().into_iter().map(|stage| view! { <Row stage progress /> }).collect_view()}
        </ol>
        {move || {
            operation
                .get()
                .map(|id| {
                    view! {
                        <p>
                            <a class="underline" href=operation_page(id)>
                                "Its log, and to cancel it"
                            </a>
                        </p>
                    }
                })
        }}
    }
}

/// One button, and the way to leave the step out.
#[component]
fn Forms(current: Step, doing: Doing) -> impl IntoView {
    let is_person = current.kind == StepKind::Person;
    let act = if is_person { Act::Check } else { Act::Begin };
    let needs_proof = current.kind.changes() && !doing.is_rehearsal;
    let text = words::button(&current, doing.is_rehearsal);
    let weight = if needs_proof { "btn dan" } else { "btn pri" };
    let place = current.place;
    let (failure, skipped) = (doing.failure(act), doing.failure(Act::Skip));
    move || {
        if let Some(why) = doing.refused.get() {
            return view! { <Unavailable text why /> }.into_any();
        }
        view! {
            <ActionForm action=doing.action>
                <div class="form">
                    <FormError failure fields=FIELDS />
                    <Hidden id=doing.id place act />
                    {is_person
                        .then(|| {
                            view! {
                                <Field
                                    form="check"
                                    name="note"
                                    label="Note"
                                    hint="What was done and seen; it may be left empty."
                                    maxlength=2_000
                                    failure
                                />
                            }
                        })}
                    {needs_proof.then(|| view! { <Proof form="begin" failure /> })}
                    <Submit text weight_class=weight pending=doing.action.pending() />
                </div>
            </ActionForm>
            <details>
                <summary class="hint">"Skip this step"</summary>
                <ActionForm action=doing.action>
                    <div class="form">
                        <FormError failure=skipped fields=FIELDS />
                        <Hidden id=doing.id place act=Act::Skip />
                        <Field
                            form="skip"
                            name="note"
                            label="Why it is skipped"
                            maxlength=2_000
                            required=true
                            failure=skipped
                        />
                        <Submit text="Skip it" weight_class="btn" pending=doing.action.pending() />
                    </div>
                </ActionForm>
            </details>
        }
        .into_any()
    }
}

/// Which step, and what is done with it.
#[component]
fn Hidden(id: i64, place: i16, act: Act) -> impl IntoView {
    view! {
        <input type="hidden" name="id" value=id.to_string() />
        <input type="hidden" name="place" value=place.to_string() />
        <input type="hidden" name="act" value=act.as_str() />
    }
}
