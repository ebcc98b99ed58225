//! An operation: its stages as they go, how far the one under way is, and its log.

use leptos::prelude::*;
use leptos_meta::Title;
use types::{
    Capability,
    live::Topic,
    operations::{Kind, Operation, Phase, Progress, Stage},
};

use super::{set::id_here, words};
use crate::{
    api::{self, backups::CancelOperation, done},
    components::{
        action::{ActionForm, ServerAction},
        clock::{Ago, TimeOfDay},
        effect::memo,
        facts::Facts,
        field::{FormError, failure},
        format,
        live::Live,
        loaded::LoadedOf,
        status::Badge,
        toast::Toasts,
        viewer::Viewer,
    },
};

/// The page.
#[component]
pub fn OperationPage() -> impl IntoView {
    let id = id_here();
    let subject = Signal::derive(move || id.get().to_string());
    let changed = Live::here().version_of(&[Topic::Operations], subject);
    let operation = Facts::new(
        move || (id.get(), changed.get()),
        |(id, _)| api::backups::operation(id),
    );
    let more = Facts::new(|| (), |()| async { Ok(0_i64) });
    view! {
        <LoadedOf
            subject
            facts=operation
            more
            view=|operation, _| view! { <Shown operation /> }.into_any()
        />
    }
}

#[component]
fn Shown(operation: Signal<Operation>) -> impl IntoView {
    let title = memo(move || {
        let operation = operation.read();
        format!("{}: {}", words::does(operation.kind), operation.target)
    });
    let set = memo(move || operation.read().set);
    let stages = memo(move || operation.read().stages.clone());
    let progress = memo(move || operation.read().progress);
    view! {
        <Title text=move || title.get() />
        <div class="head">
            <div class="min-w-0">
                <small>
                    <a href="/backups">"Backups"</a>
                </small>
                <h1>{title}</h1>
            </div>
            <span class="sp"></span>
            <div class="actions">
                <Cancelling operation />
                {move || {
                    set.get()
                        .map(|set| {
                            view! {
                                <a class="btn" href=format!("/backups/{set}")>
                                    "The backup set"
                                </a>
                            }
                        })
                }}
            </div>
        </div>
        <Verdict operation />
        <section class="card mb-3">
            <header>
                <h2>"Stages"</h2>
            </header>
            <ol class="rows">
                {move || stages.get().into_iter().map(|stage| view! { <Row stage progress /> }).collect_view()}
            </ol>
        </section>
        <Log operation />
    }
}

/// How it stands, in a sentence.
#[component]
fn Verdict(operation: Signal<Operation>) -> impl IntoView {
    let shown = memo(move || {
        let operation = operation.read();
        (
            operation.phase,
            operation.is_cancelling,
            sentence(&operation),
        )
    });
    let asked = operation.with_untracked(|one| (one.asked_by.clone(), one.asked_at));
    view! {
        <div role="status" class="mb-3">
            {move || {
                let (phase, is_cancelling, sentence) = shown.get();
                let (tone, word) = words::phase(phase);
                let word = if is_cancelling { "stopping" } else { word };
                view! {
                    <section class=tone.card()>
                        <div class="body row">
                            <Badge tone text=word />
                            <span>{sentence}</span>
                        </div>
                    </section>
                }
            }}
        </div>
        <p class="hint mb-3">"Asked for by " {asked.0} " " <Ago at=asked.1 /></p>
    }
}

fn sentence(operation: &Operation) -> String {
    match (operation.phase, operation.kind) {
        (Phase::Queued, _) => "It waits for its turn.".to_owned(),
        (Phase::Running, _) => (operation.stages.iter())
            .find(|stage| stage.phase == Phase::Running)
            .map_or_else(
                || "It goes on.".to_owned(),
                |stage| format!("{}.", stage.name),
            ),
        (Phase::Failed, _) => (operation.failure.clone())
            .unwrap_or_else(|| "It came to no end; what it had changed is undone.".to_owned()),
        (Phase::Cancelled, _) => "It was cancelled; what it had changed is undone.".to_owned(),
        (Phase::Succeeded, Kind::Restore) if operation.is_beside() => {
            "It is restored beside what is live, which stays as it is. The last stage says where it is.".to_owned()
        }
        (Phase::Succeeded, Kind::Restore) => {
            "It is restored. What was live before is kept; the backup set's page has the undo."
                .to_owned()
        }
        (Phase::Succeeded, Kind::Undo) => {
            "What was live before the restore is live again.".to_owned()
        }
        (Phase::Succeeded, Kind::Drill) => "The backup can be restored.".to_owned(),
        (Phase::Succeeded, Kind::Verify) => "What was read back is whole.".to_owned(),
        (Phase::Succeeded, Kind::Runbook) => "The step is done.".to_owned(),
        (Phase::Succeeded, Kind::Backup) => "It is backed up and was read back.".to_owned(),
    }
}

/// A stage, and how far the one under way is.
#[component]
pub fn Row(
    /// The stage.
    stage: Stage,
    /// Of the one under way.
    progress: Memo<Option<Progress>>,
) -> impl IntoView {
    let (tone, word) = words::phase(stage.phase);
    let word = if stage.phase == Phase::Queued {
        "to come"
    } else {
        word
    };
    let took = stage.finished_at.zip(stage.started_at);
    let took = took.map(|(end, start)| words::took((end - start).as_seconds_f64()));
    let is_running = stage.phase == Phase::Running;
    view! {
        <li>
            <div class="row">
                <Badge tone text=word />
                <b>{stage.name}</b>
                <span class="sp"></span>
                <span class="text-muted">{took}</span>
            </div>
            {(!stage.detail.is_empty()).then(|| view! { <p class="hint break-words">{stage.detail}</p> })}
            {is_running.then_some(move || progress.get().map(|progress| view! { <Far progress /> }))}
        </li>
    }
}

/// How far the stage under way is.
#[component]
fn Far(progress: Progress) -> impl IntoView {
    let share = progress
        .total_bytes
        .filter(|total| *total > 0)
        .map(|total| {
            #[expect(clippy::cast_precision_loss, reason = "a share needs no more")]
            let share = progress.done_bytes as f64 / total as f64;
            share.clamp(0.0, 1.0)
        });
    let done = format::bytes(progress.done_bytes);
    let mut text = match progress.total_bytes {
        Some(total) => format!("{done} of {}", format::bytes(total)),
        None => done,
    };
    if progress.bytes_per_s > 0.0 {
        text = format!("{text}, {}", format::rate(progress.bytes_per_s));
    }
    if let Some(left) = progress.left_s() {
        text = format!("{text}, {} left", format::duration(format::whole(left)));
    }
    let bar = share.map(|share| {
        let width = format!("width:{}%", format::whole(share * 100.0));
        view! {
            <i aria-hidden="true">
                <b style=width></b>
            </i>
        }
    });
    view! {
        <span class="meter">
            {bar}
            <span>{text}</span>
        </span>
    }
}

#[component]
fn Log(operation: Signal<Operation>) -> impl IntoView {
    let lines = memo(move || operation.read().log.clone());
    let is_empty = memo(move || lines.read().is_empty());
    let rows = move || {
        let row = |line: types::operations::Line| {
            view! {
                <li>
                    <TimeOfDay at=line.at />
                    <span class="break-words">{line.text}</span>
                </li>
            }
        };
        lines.get().into_iter().map(row).collect_view()
    };
    move || {
        (!is_empty.get()).then(|| {
            view! {
                <section class="card mb-3">
                    <header>
                        <h2>"Log"</h2>
                    </header>
                    <ol class="events">{rows}</ol>
                </section>
            }
        })
    }
}

/// Asks for its end, for whoever may.
#[component]
fn Cancelling(operation: Signal<Operation>) -> impl IntoView {
    let action = ServerAction::<CancelOperation>::new();
    Toasts::here().follow(action.into(), |()| done::CANCEL_ASKED.to_owned());
    let viewer = Viewer::here();
    let id = operation.with_untracked(|operation| operation.id);
    let may = memo(move || {
        let operation = operation.read();
        let needs = match operation.kind {
            Kind::Restore | Kind::Undo | Kind::Runbook => Capability::Restore,
            Kind::Backup | Kind::Verify | Kind::Drill => Capability::TakeBackups,
        };
        let may = viewer.with(|viewer| {
            let viewer = viewer.as_ref();
            viewer.is_some_and(|viewer| viewer.may_not(needs, &operation.team).is_none())
        });
        may && !operation.phase.is_over() && !operation.is_cancelling
    });
    view! {
        {move || {
            may.get()
                .then(|| {
                    view! {
                        <ActionForm action=action>
                            <input type="hidden" name="id" value=id.to_string() />
                            <button class="btn" type="submit" disabled=move || action.pending().get()>
                                "Cancel it"
                            </button>
                        </ActionForm>
                    }
                })
        }}
        <FormError failure=failure(action.into()) />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_is_told_in_a_sentence() {
        for kind in Kind::ALL {
            for phase in Phase::ALL {
                let operation = Operation {
                    id: 1,
                    kind,
                    target: "app".to_owned(),
                    team: "platform".to_owned(),
                    set: None,
                    phase,
                    asked_by: "schedule".to_owned(),
                    asked_at: time::OffsetDateTime::UNIX_EPOCH,
                    started_at: None,
                    finished_at: None,
                    is_cancelling: false,
                    progress: None,
                    failure: None,
                    stages: Vec::new(),
                    log: Vec::new(),
                };
                assert!(sentence(&operation).ends_with('.'), "{kind:?} {phase:?}");
            }
        }
    }
}
