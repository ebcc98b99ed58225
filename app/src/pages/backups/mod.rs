//! Backup sets: how each is, what was backed up, and what of it can be had back.

pub mod download;
pub mod edit;
pub mod files;
mod history;
pub mod operation;
pub mod recovery;
pub mod restore;
mod restores;
pub mod runbooks;
pub mod set;
pub mod targets;
mod trend;
mod words;

use leptos::prelude::*;
use leptos_meta::Title;
use types::{Capability, backups::BackupSet, live::Topic};

use crate::{
    api::{self, backups::operation_page},
    components::{
        clock::Ago, effect::memo, empty::Empty, facts::Facts, format, live::Live, loaded::Loaded,
        status::StatusBadge, viewer::Viewer,
    },
};

/// The list of sets.
#[component]
pub fn BackupsPage() -> impl IntoView {
    let changed = Live::here().version(&[Topic::Backups, Topic::Operations]);
    let sets = Facts::new(move || changed.get(), |_| api::backups::backup_sets());
    let viewer = Viewer::here();
    let may = move |needs: Capability| {
        memo(move || viewer.with(|viewer| viewer.as_ref().is_some_and(|viewer| viewer.may(needs))))
    };
    let (may, may_manage) = (may(Capability::TakeBackups), may(Capability::Manage));
    view! {
        <Title text="Backups" />
        <div class="head">
            <h1>"Backups"</h1>
            <span class="sp"></span>
            <div class="actions">
                {move || {
                    may_manage
                        .get()
                        .then(|| {
                            view! {
                                <a class="btn" href="/backups/recovery">
                                    "Recovery sheet"
                                </a>
                            }
                        })
                }}
                <a class="btn" href="/backups/runbooks">
                    "Runbooks"
                </a>
                <a class="btn" href="/backups/targets">
                    "Targets"
                </a>
                {move || {
                    may.get()
                        .then(|| {
                            view! {
                                <a class="btn" href="/backups/new">
                                    "Add folders"
                                </a>
                            }
                        })
                }}
            </div>
        </div>
        <section class="card" aria-label="Backup sets">
            <Loaded facts=sets view=|sets| view! { <Sets sets /> }.into_any() />
        </section>
    }
}

#[component]
fn Sets(sets: Signal<Vec<BackupSet>>) -> impl IntoView {
    let is_empty = memo(move || sets.read().is_empty());
    move || {
        if is_empty.get() {
            return view! {
                <Empty title="No backup sets yet">
                    <p>
                        "Databases of the stack's Postgres services, its configuration and the console's own database are \
                         found by themselves, within a minute of their start. Folders are added here."
                    </p>
                </Empty>
            }
            .into_any();
        }
        view! {
            <table class="cards">
                <thead>
                    <tr>
                        <th>"Set"</th>
                        <th>"State"</th>
                        <th>"Last good"</th>
                        <th>"Next"</th>
                        <th>"Size"</th>
                        <th>"Last drill"</th>
                    </tr>
                </thead>
                <tbody>{move || sets.get().into_iter().map(|set| view! { <Row set /> }).collect_view()}</tbody>
            </table>
        }
        .into_any()
    }
}

#[component]
fn Row(set: BackupSet) -> impl IntoView {
    let what = words::what(&set);
    let drill = match (&set.drill_failure, set.drill_s) {
        (Some(_), _) => "failed".to_owned(),
        (None, Some(took)) => words::took(took),
        (None, None) => format::UNKNOWN.to_owned(),
    };
    let size = set.last.as_ref().filter(|last| last.bytes_read > 0);
    view! {
        <tr>
            <td>
                <a class="font-semibold underline" href=format!("/backups/{}", set.id)>
                    {set.settings.name.clone()}
                </a>
                <p class="hint">{what}</p>
            </td>
            <td>
                <StatusBadge status=set.status />
                {set
                    .operation
                    .map(|id| {
                        view! {
                            <p>
                                <a class="underline" href=operation_page(id)>
                                    "under way"
                                </a>
                            </p>
                        }
                    })}
            </td>
            <td data-label="Last good">
                {match set.good_as_of {
                    Some(at) => view! { <Ago at /> }.into_any(),
                    None => "none yet".into_any(),
                }}
            </td>
            <td data-label="Next">
                {match set.next_run.filter(|_| set.settings.is_enabled) {
                    Some(at) => view! { <Ago at /> }.into_any(),
                    None => "by hand".into_any(),
                }}
            </td>
            <td data-label="Size">
                {size.map_or_else(|| format::UNKNOWN.to_owned(), |last| words::size(last.bytes_read))}
            </td>
            <td data-label="Last drill">
                {drill}
                {set.drilled_at.map(|at| view! { " " <small class="text-muted">"("<Ago at />")"</small> })}
            </td>
        </tr>
    }
}
