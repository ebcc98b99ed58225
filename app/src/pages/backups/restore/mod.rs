//! A restore, before it is asked for: what it does, what is lost by it, and the name typed to confirm.

mod confirm;
mod files;
mod tables;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use types::{Capability, backups::RestorePlan};

use self::{confirm::Confirm, files::Files, tables::Tables};
use super::{history::download_link, set::id_here, words};
use crate::{
    api::{
        self,
        backups::{files_page, restore_page},
    },
    components::{clock::Ago, effect::memo, facts::Facts, loaded::LoadedOf},
    pages::settings::refusal_of,
};

/// The page.
#[component]
pub fn RestorePage() -> impl IntoView {
    if let Some(refusal) = refusal_of(Capability::Restore) {
        return view! {
            <Title text="Restore" />
            <div class="head">
                <h1>"Restore"</h1>
            </div>
            {refusal}
        }
        .into_any();
    }
    let (id, query) = (id_here(), use_query_map());
    let only = memo(move || query.read().get_all("only").unwrap_or_default());
    let subject = Signal::derive(move || format!("{} {}", id.get(), only.get().join("\n")));
    // Read once: it looks at the server and the repository, which takes a second or two.
    let plan = Facts::new(
        move || (id.get(), only.get()),
        |(id, only)| api::backups::restore_plan(id, only),
    );
    let more = Facts::new(|| (), |()| async { Ok(0_i64) });
    view! {
        <Title text="Restore" />
        <LoadedOf
            subject
            facts=plan
            more
            view=move |plan, _| {
                view! { <Shown plan=plan.get_untracked() only=only.get_untracked() /> }.into_any()
            }
        />
    }
    .into_any()
}

#[component]
fn Shown(plan: RestorePlan, only: Vec<String>) -> impl IntoView {
    let set = format!("/backups/{}", plan.backup.set);
    let name = plan.set_name.clone();
    view! {
        <div class="head">
            <div class="min-w-0">
                <small>
                    <a href="/backups">"Backups"</a>
                    " / "
                    <a href=set.clone()>{name.clone()}</a>
                </small>
                <h1>{format!("Restore {name}")}</h1>
            </div>
            <span class="sp"></span>
            <Other plan=plan.clone() is_all=only.is_empty() />
        </div>
        <section class="card max-w-[720px] mb-3">
            <header>
                <h2>"What happens"</h2>
            </header>
            <div class="body grid grid-cols-1 gap-3">
                <What plan=plan.clone() />
            </div>
        </section>
        <section class="card max-w-[720px]">
            {match plan.refused.clone() {
                Some(why) => {
                    view! {
                        <div class="body">
                            <p class="note warn">
                                <b>{why}</b>
                            </p>
                        </div>
                    }
                        .into_any()
                }
                None => view! { <Confirm plan only /> }.into_any(),
            }}
        </section>
    }
}

/// What else can be done with the backup.
#[component]
fn Other(plan: RestorePlan, is_all: bool) -> impl IntoView {
    let (set, backup) = (plan.backup.set, plan.backup.id);
    if !plan.is_of_files {
        let is_dump = plan.refused.is_none();
        return is_dump.then(|| download_link(backup)).into_any();
    }
    view! {
        <div class="actions">
            {(!is_all)
                .then(|| {
                    view! {
                        <a class="btn" href=restore_page(backup, "")>
                            "Restore all of it"
                        </a>
                    }
                })} <a class="btn" href=files_page(set, backup, "")>
                "Pick single files"
            </a>
        </div>
    }
    .into_any()
}

#[component]
fn What(plan: RestorePlan) -> impl IntoView {
    let (is_short, room) = room(&plan);
    let kept_days = plan.kept_days;
    let replaces = plan.replaces.clone();
    let expected = plan.expected_s.map_or_else(
        || "It is not known yet how long it takes: no drill has told.".to_owned(),
        |took| {
            format!(
                "Expected to take {}, as long as the last time.",
                words::took(took)
            )
        },
    );
    let how = if plan.is_of_files {
        format!(
            ": it is fetched beside what is there, and when all of it is whole both change places by renames. What is there now is \
             kept for {kept_days} days, and Undo brings it back."
        )
    } else {
        format!(
            ": the backup is restored beside it and compared, and then both change places in one short pause. What is live now is \
             kept for {kept_days} days, and Undo brings it back."
        )
    };
    let at = plan.backup.started_at;
    let sentence = match &plan.not_in_place {
        Some(_) => view! {
            {format!("{replaces} stays as it is. It can be restored beside it as it was ")}
            <b>
                <Ago at />
            </b>
            "."
        }
        .into_any(),
        None => {
            view! { {format!("{replaces} becomes as it was ")} <b><Ago at /></b> {how} }.into_any()
        }
    };
    let changed = if plan.refused.is_some() {
        ().into_any()
    } else if plan.is_of_files {
        let files = plan.files.unwrap_or_default();
        view! { <Files files unknown=plan.unknown /> }.into_any()
    } else {
        view! { <Tables plan /> }.into_any()
    };
    view! {
        <p class="break-words">{sentence}</p>
        {changed}
        <p>{expected}</p>
        <p class=if is_short { "note warn" } else { "hint" }>{room}</p>
    }
}

/// Whether there is too little room, and how much there is. A database is then restored without its dump on its way.
fn room(plan: &RestorePlan) -> (bool, String) {
    let needs = words::size(plan.needs_bytes);
    let is_files = plan.is_of_files;
    match plan.free_bytes {
        Some(free) if free < plan.needs_bytes && is_files => (
            true,
            format!(
                "{needs} are needed, and {} are free: make room first.",
                words::size(free)
            ),
        ),
        Some(free) if free < plan.needs_bytes => (
            true,
            format!(
                "{} are free for the dump on its way, of {needs}: it is restored straight from the repository, which takes \
                 longer.",
                words::size(free)
            ),
        ),
        Some(free) => (
            false,
            format!(
                "{needs} are needed on its way; {} are free.",
                words::size(free)
            ),
        ),
        None => (false, format!("{needs} are needed on its way.")),
    }
}
