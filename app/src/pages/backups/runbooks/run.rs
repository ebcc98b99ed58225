//! A run of a plan: the clock against the time that it may take, the step whose turn it is with one button, and all steps.

use leptos::prelude::*;
use leptos_meta::Title;
use types::{
    Capability,
    live::Topic,
    runbooks::{Run, RunListed, RunPhase},
};

use super::{now::Now, refusal, steps::Steps, words};
use crate::{
    api::{
        self,
        backups::{AbandonRunbook, RunbookStep},
    },
    components::{
        action::{ActionForm, ServerAction},
        clock::{Ago, Clock},
        effect::memo,
        facts::Facts,
        field::{Field, FormError, Submit, failure},
        format,
        live::Live,
        loaded::LoadedOf,
        status::{Badge, Tone},
        viewer::Viewer,
    },
    pages::backups::set::id_here,
};

/// The page.
#[component]
pub fn RunPage() -> impl IntoView {
    let id = id_here();
    let step = ServerAction::<RunbookStep>::new();
    let abandon = ServerAction::<AbandonRunbook>::new();
    let changed = Live::here().version(&[Topic::Operations, Topic::Backups]);
    let (stepped, abandoned) = (step.version(), abandon.version());
    let run = Facts::new(
        move || (id.get(), changed.get(), stepped.get(), abandoned.get()),
        |(id, ..)| api::backups::runbook_run(id),
    );
    let more = Facts::new(|| (), |()| async { Ok(0_i64) });
    let subject = Signal::derive(move || id.get().to_string());
    view! {
        <LoadedOf
            subject
            facts=run
            more
            view=move |run, _| view! { <Shown run step abandon /> }.into_any()
        />
    }
}

#[component]
fn Shown(
    run: Signal<Run>,
    step: ServerAction<RunbookStep>,
    abandon: ServerAction<AbandonRunbook>,
) -> impl IntoView {
    let listed = memo(move || run.read().listed.clone());
    let (plan, subject, is_rehearsal) = run.with_untracked(|run| {
        let listed = &run.listed;
        (listed.plan, listed.subject.clone(), listed.is_rehearsal)
    });
    let title = format!("{}: {subject}", plan.title());
    let page = if is_rehearsal {
        format!("Rehearsal of {title}")
    } else {
        title.clone()
    };
    let viewer = Viewer::here();
    let refused = memo(move || {
        let listed = listed.read();
        viewer.with(|viewer| {
            let viewer = viewer.as_ref();
            let of_team =
                || viewer.and_then(|viewer| viewer.may_not(Capability::Restore, &listed.team));
            refusal(viewer, plan).or_else(of_team)
        })
    });
    view! {
        <Title text=page />
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
        {is_rehearsal
            .then(|| {
                view! {
                    <div class="note unk mb-3">
                        <b>"Rehearsal"</b>
                        <p>
                            "Nothing of the platform is changed: restores are drills, and what would be restarted is only told. \
                             The checks are real."
                        </p>
                    </div>
                }
            })}
        <Verdict run listed />
        <Now run step refused />
        <Steps run />
        <Abandon listed abandon refused />
    }
}

/// The clock, or how it ended.
#[component]
fn Verdict(run: Signal<Run>, listed: Memo<RunListed>) -> impl IntoView {
    let clock = Clock::here();
    let far = memo(move || words::far(&run.read()));
    let started = listed.with_untracked(|listed| (listed.started_by.clone(), listed.started_at));
    let told = move || {
        let listed = listed.get();
        if listed.phase != RunPhase::Open {
            let (tone, told) = words::verdict(&listed);
            let by = listed.finished_by;
            let reason = (!listed.reason.is_empty()).then(|| format!("by {by}: {}", listed.reason));
            return (tone, told, reason.unwrap_or_else(|| far.get()));
        }
        let took = (clock.now() - listed.started_at).whole_seconds();
        let tone = if took > listed.rto_s {
            Tone::Crit
        } else {
            Tone::Unk
        };
        let rto = format::duration(listed.rto_s);
        (tone, format!("{} of {rto}", words::clock(took)), far.get())
    };
    view! {
        <section class="card mb-3" aria-label="Time against RTO">
            <div class="body row">
                {move || {
                    let (tone, time, rest) = told();
                    view! {
                        <Badge tone text=time />
                        <span class="break-words">{rest}</span>
                    }
                }}
            </div>
        </section>
        <p class="hint mb-3">"Begun by " {started.0} " " <Ago at=started.1 /></p>
    }
}

/// Gives the run up.
#[component]
fn Abandon(
    listed: Memo<RunListed>,
    abandon: ServerAction<AbandonRunbook>,
    refused: Memo<Option<String>>,
) -> impl IntoView {
    let failure = failure(abandon.into());
    let id = listed.with_untracked(|listed| listed.id);
    let may = memo(move || listed.read().phase == RunPhase::Open && refused.read().is_none());
    move || {
        may.get().then(|| {
            view! {
                <details class="card mb-3">
                    <summary class="body">"Give this run up"</summary>
                    <div class="body">
                        <ActionForm action=abandon>
                            <div class="form">
                                <p class="hint">"What its steps have done stays as it is."</p>
                                <FormError failure fields=&["reason"] />
                                <input type="hidden" name="id" value=id.to_string() />
                                <Field
                                    form="abandon"
                                    name="reason"
                                    label="Why"
                                    maxlength=2_000
                                    required=true
                                    failure
                                />
                                <Submit text="Give it up" weight_class="btn dan" pending=abandon.pending() />
                            </div>
                        </ActionForm>
                    </div>
                </details>
            }
        })
    }
}
