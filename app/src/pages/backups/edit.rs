//! The editor of a set.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_navigate;
use types::{
    Capability, Error,
    backups::{BackupTarget, Keep, SetKind, SetPage as Page, SetSettings},
};
use wasm_bindgen::JsCast;

use super::set::id_here;
use crate::{
    api::{
        self,
        backups::{CreateBackupSet, UpdateBackupSet},
        done,
    },
    components::{
        action::{ActionForm, ServerAction, Value},
        effect::effect,
        facts::Facts,
        field::{Failure, Field, FormError, Lines, Submit, failure},
        loaded::{Loaded, LoadedOf},
        status::Tone,
        toast::Toasts,
    },
    pages::settings::refusal_of,
};

/// A new set of folders.
#[component]
pub fn NewSetPage() -> impl IntoView {
    if let Some(refusal) = refusal_of(Capability::TakeBackups) {
        return view! {
            <Head title="Add folders".to_owned() />
            {refusal}
        }
        .into_any();
    }
    let targets = Facts::new(|| (), |()| api::backups::backup_targets());
    view! {
        <Head title="Add folders".to_owned() />
        <Loaded facts=targets view=|targets| view! { <New targets=targets.get_untracked() /> }.into_any() />
    }
    .into_any()
}

/// A set that there is.
#[component]
pub fn EditSetPage() -> impl IntoView {
    if let Some(refusal) = refusal_of(Capability::TakeBackups) {
        return view! {
            <Head title="Change a backup set".to_owned() />
            {refusal}
        }
        .into_any();
    }
    let id = id_here();
    let subject = Signal::derive(move || id.get().to_string());
    // Read once: what is being typed must survive a change.
    let page = Facts::new(move || id.get(), api::backups::backup_set);
    let targets = Facts::new(|| (), |()| api::backups::backup_targets());
    view! {
        <LoadedOf
            subject
            facts=page
            more=targets
            view=|page, targets| {
                view! { <Edit page=page.get_untracked() targets=targets.unwrap_or_default() /> }.into_any()
            }
        />
    }
    .into_any()
}

#[component]
fn Head(title: String) -> impl IntoView {
    let text = title.clone();
    view! {
        <Title text=text />
        <div class="head">
            <div class="min-w-0">
                <small>
                    <a href="/backups">"Backups"</a>
                </small>
                <h1>{title}</h1>
            </div>
        </div>
    }
}

/// Goes to the set's page once it was stored.
fn lead_to_set(stored: Value<i64>, said: &'static str) {
    let navigate = use_navigate();
    let toasts = Toasts::here();
    effect(move || {
        if let Some(Ok(id)) = stored.get() {
            toasts.say(Tone::Ok, said);
            navigate(
                &format!("/backups/{id}"),
                leptos_router::NavigateOptions::default(),
            );
        }
    });
}

#[component]
fn New(targets: Vec<BackupTarget>) -> impl IntoView {
    let action = ServerAction::<CreateBackupSet>::new();
    lead_to_set(action.value(), done::BACKUP_SET_MADE);
    let first = SetSettings {
        name: String::new(),
        team: "platform".to_owned(),
        is_enabled: true,
        schedule: "37 * * * *".to_owned(),
        time_zone: "UTC".to_owned(),
        keep: Keep {
            within_days: 3,
            daily: 14,
            weekly: 8,
            monthly: 12,
        },
        rpo_s: 7_200,
        rto_s: 1_440,
        checksum_up_to: 0,
        paths: Vec::new(),
        excludes: Vec::new(),
        targets: targets
            .first()
            .map(|target| target.id)
            .into_iter()
            .collect(),
    };
    let failure = failure(action.into());
    view! {
        <section class="card max-w-[720px]">
            <div class="body">
                <ActionForm action=action>
                    <Fields settings=first kind=SetKind::Directory targets failure />
                    <div class="row mt-3">
                        <Submit text="Make the set" pending=action.pending() />
                        <a class="btn" href="/backups">
                            "Cancel"
                        </a>
                    </div>
                </ActionForm>
            </div>
        </section>
    }
}

#[component]
fn Edit(page: Page, targets: Vec<BackupTarget>) -> impl IntoView {
    let action = ServerAction::<UpdateBackupSet>::new();
    lead_to_set(action.value(), done::BACKUP_SET_CHANGED);
    let failure = failure(action.into());
    let set = page.set;
    let (id, kind) = (set.id, set.kind);
    view! {
        <Head title=format!("Change {}", set.settings.name) />
        <section class="card max-w-[720px]">
            <div class="body">
                <ActionForm action=action>
                    <input type="hidden" name="id" value=id.to_string() />
                    <Fields settings=set.settings kind targets failure />
                    <div class="row mt-3">
                        <Submit text="Save" pending=action.pending() />
                        <a class="btn" href=format!("/backups/{id}")>
                            "Cancel"
                        </a>
                    </div>
                </ActionForm>
            </div>
        </section>
    }
}

/// The form.
const FORM: &str = "set";

/// The fields that say their own refusal.
const FIELDS: &[&str] = &[
    "name",
    "team",
    "schedule",
    "time_zone",
    "within_days",
    "daily",
    "weekly",
    "monthly",
    "rpo_minutes",
    "rto_minutes",
    "checksum_mib",
    "paths",
    "excludes",
];

#[component]
fn Fields(
    settings: SetSettings,
    kind: SetKind,
    targets: Vec<BackupTarget>,
    failure: Failure,
) -> impl IntoView {
    let keep = settings.keep;
    let mib = settings.checksum_up_to >> 20;
    let content = if kind.is_database() {
        view! {
            <Figure
                name="checksum_mib"
                label="Tables are compared by their content up to, MiB"
                hint="Larger ones by their number of rows."
                value=mib
                failure
            />
        }
        .into_any()
    } else {
        view! {
            <Lines
                form=FORM
                name="paths"
                label="Folders and files of this machine"
                hint="Whole paths, each on a line of its own."
                value=settings.paths.join("\n")
                failure
            />
            <Lines
                form=FORM
                name="excludes"
                label="Left out"
                hint="restic's patterns, each on a line of its own, e.g. *.tmp"
                value=settings.excludes.join("\n")
                failure
            />
        }
        .into_any()
    };
    view! {
        <div class="form">
            <FormError failure fields=FIELDS />
            <Field form=FORM name="name" label="Name" value=settings.name maxlength=100 required=true failure />
            <Field
                form=FORM
                name="team"
                label="Team"
                hint="Its leads back it up and restore it."
                value=settings.team
                maxlength=40
                required=true
                failure
            />
            {content}
            <When schedule=settings.schedule zone=settings.time_zone is_enabled=settings.is_enabled failure />
            <fieldset class="field">
                <legend>"Kept; the newest proven one always stays"</legend>
                <div class="grid gap-3 desk:grid-cols-2">
                    <Figure name="within_days" label="All of the last days" value=keep.within_days failure />
                    <Figure name="daily" label="One a day, days" value=keep.daily failure />
                    <Figure name="weekly" label="One a week, weeks" value=keep.weekly failure />
                    <Figure name="monthly" label="One a month, months" value=keep.monthly failure />
                </div>
            </fieldset>
            <Figure
                name="rpo_minutes"
                label="May be lost at most, minutes (RPO)"
                hint="A last good backup that is older is critical."
                value=settings.rpo_s / 60
                failure
            />
            <Figure
                name="rto_minutes"
                label="A restore may take at most, minutes (RTO)"
                value=settings.rto_s / 60
                failure
            />
            <Targets targets chosen=settings.targets />
        </div>
    }
}

#[component]
fn Figure(
    name: &'static str,
    label: &'static str,
    #[prop(optional)] hint: &'static str,
    #[prop(into)] value: u64,
    failure: Failure,
) -> impl IntoView {
    view! {
        <Field
            form=FORM
            name
            label
            hint
            value=value.to_string()
            inputmode="numeric"
            maxlength=9
            required=true
            failure
        />
    }
}

/// The schedule, and when it runs next, told while it is typed.
#[component]
fn When(schedule: String, zone: String, is_enabled: bool, failure: Failure) -> impl IntoView {
    let typed = RwSignal::new((schedule.clone(), zone.clone()));
    let told = RwSignal::new(None::<(bool, String)>);
    let hear = move |event: leptos::ev::Event| {
        let input: Option<web_sys::HtmlInputElement> =
            event.target().and_then(|target| target.dyn_into().ok());
        let Some(input) = input else { return };
        typed.update(|typed| match input.name().as_str() {
            "schedule" => typed.0 = input.value(),
            "time_zone" => typed.1 = input.value(),
            _ => {}
        });
        let asked = typed.get_untracked();
        leptos::task::spawn_local(async move {
            let (schedule, zone) = asked.clone();
            let answer = match api::backups::next_runs(schedule, zone).await {
                Ok(next) => (true, next),
                Err(Error::Invalid { fields }) => {
                    let messages: Vec<String> = fields.into_iter().map(|one| one.message).collect();
                    (false, messages.join(" "))
                }
                Err(other) => (false, other.to_string()),
            };
            // What was typed meanwhile is told by its own answer; the page may be gone.
            if typed.try_get_untracked() == Some(asked) {
                let _ = told.try_set(Some(answer));
            }
        });
    };
    view! {
        <div class="form" on:input=hear>
            <Field
                form=FORM
                name="schedule"
                label="Schedule"
                hint="Minute, hour, day, month, weekday; empty for by hand alone."
                value=schedule
                maxlength=100
                failure
            />
            <Field form=FORM name="time_zone" label="Time zone" hint="e.g. Europe/Berlin" value=zone maxlength=60 failure />
            <div role="status">
                {move || {
                    told.get()
                        .map(|(is_right, text)| {
                            let class = if is_right { "hint" } else { "note crit" };
                            view! { <p class=class>{text}</p> }
                        })
                }}
            </div>
            <label class="check">
                <input type="checkbox" name="enabled" value="true" checked=is_enabled />
                <span>"Backed up by the schedule"</span>
            </label>
        </div>
    }
}

#[component]
fn Targets(targets: Vec<BackupTarget>, chosen: Vec<i64>) -> impl IntoView {
    let boxes: Vec<_> = targets
        .into_iter()
        .map(|target| {
            let is_chosen = chosen.contains(&target.id);
            view! {
                <label class="check">
                    <input type="checkbox" name="targets[]" value=target.id.to_string() checked=is_chosen />
                    <span>{target.name} " " <small class="text-muted break-all">{target.location}</small></span>
                </label>
            }
        })
        .collect();
    view! {
        <fieldset class="field">
            <legend>"Goes to"</legend>
            <div>{boxes}</div>
        </fieldset>
    }
}
