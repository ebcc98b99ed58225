//! One backup set: how it is, what can be done, its history.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_navigate, use_params_map};
use types::{
    Capability,
    backups::{BackupSet, SetPage as Page, Trend as TrendFacts},
    live::Topic,
};

use super::{
    history::{History, Work},
    restores::Restores,
    trend::Trend,
    words,
};
use crate::{
    api::{
        self,
        backups::{RunBackup, RunDrill, operation_page},
    },
    components::{
        action::{ActionForm, ServerAction, Value},
        clock::Ago,
        effect::{effect, memo},
        facts::Facts,
        field::{FormError, failure},
        format,
        live::Live,
        loaded::LoadedOf,
        status::{Badge, Tone},
        unavailable::Unavailable,
        viewer::Viewer,
    },
};

/// The number in the page's address.
pub fn id_here() -> Memo<i64> {
    let params = use_params_map();
    memo(move || {
        let id = params.read().get("id");
        id.and_then(|id| id.parse().ok()).unwrap_or(0)
    })
}

/// Goes to the page of an operation once it was asked for.
pub fn lead_on(begun: Value<i64>) {
    lead(begun, operation_page);
}

/// Goes to the page of what was begun.
pub fn lead(begun: Value<i64>, page: fn(i64) -> String) {
    let navigate = use_navigate();
    effect(move || {
        if let Some(Ok(id)) = begun.get() {
            navigate(&page(id), leptos_router::NavigateOptions::default());
        }
    });
}

/// The page.
#[component]
pub fn SetPage() -> impl IntoView {
    let id = id_here();
    let changed = Live::here().version(&[Topic::Backups, Topic::Operations]);
    let page = Facts::new(
        move || (id.get(), changed.get()),
        |(id, _)| api::backups::backup_set(id),
    );
    // Ninety days move slowly: read once.
    let trend = Facts::new(move || id.get(), api::backups::backup_trend);
    let subject = Signal::derive(move || id.get().to_string());
    view! {
        <LoadedOf
            subject
            facts=page
            more=trend
            view=|page, trend| view! { <Shown page trend=trend.ok() /> }.into_any()
        />
    }
}

#[component]
fn Shown(page: Signal<Page>, trend: Option<TrendFacts>) -> impl IntoView {
    let set = memo(move || page.read().set.clone());
    let backups = memo(move || page.read().backups.clone());
    let operations = memo(move || page.read().operations.clone());
    let restores = memo(move || page.read().restores.clone());
    let name = memo(move || set.read().settings.name.clone());
    let id = set.with_untracked(|set| set.id);
    view! {
        <Title text=move || name.get() />
        <div class="head">
            <div class="min-w-0">
                <small>
                    <a href="/backups">"Backups"</a>
                </small>
                <h1>{name}</h1>
            </div>
            <span class="sp"></span>
            <Acts set />
        </div>
        <Verdict set />
        <div class="grid items-start mb-3 desk:grid-cols-2">
            <Settings set />
            <Figures set />
        </div>
        {trend.filter(|trend| trend.set == id).map(|trend| view! { <Trend trend /> })}
        <Restores restores set />
        <History backups set />
        <Work operations />
    }
}

/// What can be done, or why not.
#[component]
fn Acts(set: Memo<BackupSet>) -> impl IntoView {
    let viewer = Viewer::here();
    let why_not = memo(move || {
        let set = set.read();
        viewer.with(|viewer| {
            let team = &set.settings.team;
            let refused = viewer
                .as_ref()
                .and_then(|viewer| viewer.may_not(Capability::TakeBackups, team));
            let busy = || "Something is under way on it: see below.".to_owned();
            refused.or_else(|| set.operation.map(|_| busy()))
        })
    });
    let may_edit = memo(move || {
        let set = set.read();
        viewer.with(|viewer| {
            viewer.as_ref().is_some_and(|viewer| {
                viewer
                    .may_not(Capability::TakeBackups, &set.settings.team)
                    .is_none()
            })
        })
    });
    let run = ServerAction::<RunBackup>::new();
    let drill = ServerAction::<RunDrill>::new();
    lead_on(run.into());
    lead_on(drill.into());
    let id = set.with_untracked(|set| set.id);
    let no_backup = memo(move || {
        let why = why_not.get();
        why.or_else(|| {
            let none = set.read().last_success.is_none();
            none.then(|| "It was not backed up yet: there is nothing to prove.".to_owned())
        })
    });
    view! {
        <div class="actions">
            {move || {
                may_edit
                    .get()
                    .then(|| {
                        view! {
                            <a class="btn" href=format!("/backups/{id}/edit")>
                                "Change"
                            </a>
                        }
                    })
            }}
            {move || match no_backup.get() {
                Some(why) => view! { <Unavailable text="Run a drill" why /> }.into_any(),
                None => {
                    view! {
                        <ActionForm action=drill>
                            <input type="hidden" name="id" value=id.to_string() />
                            <button class="btn" type="submit" disabled=move || drill.pending().get()>
                                "Run a drill"
                            </button>
                        </ActionForm>
                    }
                        .into_any()
                }
            }}
            {move || match why_not.get() {
                Some(why) => view! { <Unavailable text="Back up now" why /> }.into_any(),
                None => {
                    view! {
                        <ActionForm action=run>
                            <input type="hidden" name="id" value=id.to_string() />
                            <button class="btn pri" type="submit" disabled=move || run.pending().get()>
                                "Back up now"
                            </button>
                        </ActionForm>
                    }
                        .into_any()
                }
            }}
        </div>
        <div class="w-full empty:hidden">
            <FormError failure=failure(run.into()) />
            <FormError failure=failure(drill.into()) />
        </div>
    }
}

/// How it is, in a sentence, and what is under way.
#[component]
fn Verdict(set: Memo<BackupSet>) -> impl IntoView {
    let shown = memo(move || {
        let set = set.read();
        (set.status, set.reason.clone(), set.operation)
    });
    view! {
        <div role="status" class="mb-3">
            {move || {
                let (status, reason, operation) = shown.get();
                let tone = Tone::from(status);
                view! {
                    <section class=tone.card()>
                        <div class="body row">
                            <Badge tone text=status.as_str() />
                            <span>{reason}</span>
                            {operation
                                .map(|id| {
                                    view! {
                                        <a class="underline" href=operation_page(id)>
                                            "See what is under way"
                                        </a>
                                    }
                                })}
                        </div>
                    </section>
                }
            }}
        </div>
    }
}

/// What is set of it.
#[component]
fn Settings(set: Memo<BackupSet>) -> impl IntoView {
    let facts = move || {
        let set = set.get();
        let settings = set.settings.clone();
        let keep = settings.keep;
        let kept = [
            (keep.within_days, "all of the last", "days"),
            (keep.daily, "one a day of", "days"),
            (keep.weekly, "one a week of", "weeks"),
            (keep.monthly, "one a month of", "months"),
        ];
        let kept: Vec<String> = kept
            .into_iter()
            .filter(|(number, ..)| *number > 0)
            .map(|(number, what, unit)| format!("{what} {number} {unit}"))
            .collect();
        let schedule = if settings.schedule.is_empty() {
            "by hand alone".to_owned()
        } else if settings.is_enabled {
            format!("{} ({})", settings.schedule, settings.time_zone)
        } else {
            format!(
                "{} ({}), switched off",
                settings.schedule, settings.time_zone
            )
        };
        view! {
            <dl class="facts">
                <dt>"Holds"</dt>
                <dd>{words::what(&set)}</dd>
                <dt>"Schedule"</dt>
                <dd>
                    <span class="mono">{schedule}</span>
                </dd>
                <dt>"Next"</dt>
                <dd>
                    {match set.next_run.filter(|_| settings.is_enabled) {
                        Some(at) => view! { <Ago at /> }.into_any(),
                        None => "by hand".into_any(),
                    }}
                </dd>
                <dt>"Kept"</dt>
                <dd>{kept.join(", ")}</dd>
                <dt>"Team"</dt>
                <dd>{settings.team}</dd>
            </dl>
        }
    };
    view! {
        <section class="card">
            <header>
                <h2>"Settings"</h2>
            </header>
            <div class="body">{facts}</div>
        </section>
    }
}

/// What would be lost and how long it would take, against what is allowed.
#[component]
fn Figures(set: Memo<BackupSet>) -> impl IntoView {
    let facts = move || {
        let set = set.get();
        let settings = &set.settings;
        view! {
            <dl class="facts">
                <dt>"Last good"</dt>
                <dd>
                    {when(set.good_as_of)}
                    <span class="text-muted">
                        {format!("; {} may be lost (RPO)", format::duration(settings.rpo_s.into()))}
                    </span>
                </dd>
                <dt>"Last proven"</dt>
                <dd>{when(set.proven_as_of)}</dd>
                <dt>"Last drill"</dt>
                <dd>
                    {when(set.drilled_at)}
                    {set.drill_s.map(|took| format!(", took {}", words::took(took)))}
                    <span class="text-muted">
                        {format!("; a restore may take {} (RTO)", format::duration(settings.rto_s.into()))}
                    </span>
                    {set.drill_failure.clone().map(|why| view! { <p class="note crit mt-3">{why}</p> })}
                </dd>
                <dt>"Next drill"</dt>
                <dd>{when(set.next_drill)}</dd>
            </dl>
        }
    };
    view! {
        <section class="card">
            <header>
                <h2>"What a loss would cost"</h2>
            </header>
            <div class="body">{facts}</div>
        </section>
    }
}

fn when(at: Option<time::OffsetDateTime>) -> AnyView {
    match at {
        Some(at) => view! { <Ago at /> }.into_any(),
        None => "none yet".into_any(),
    }
}
