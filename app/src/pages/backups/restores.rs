//! Restores that were made, and undoing the last one.

use leptos::prelude::*;
use types::{
    Capability,
    backups::{BackupSet, Restored},
};

use super::{set::lead_on, words};
use crate::{
    api::backups::{UndoRestore, operation_page},
    components::{
        action::{ActionForm, ServerAction},
        clock::Ago,
        dialog::{Cancel, Dialog},
        effect::memo,
        field::{Field, FormError, Submit, failure},
        format,
        proof::Proof,
        status::{Badge, Tone},
        unavailable::Unavailable,
        viewer::Viewer,
    },
};

/// The restores of a set; nothing while there are none.
#[component]
pub fn Restores(
    /// The newest first.
    restores: Memo<Vec<Restored>>,
    /// Theirs.
    set: Memo<BackupSet>,
) -> impl IntoView {
    let is_empty = memo(move || restores.read().is_empty());
    let last = memo(move || {
        restores
            .read()
            .iter()
            .find(|one| one.can_be_undone())
            .cloned()
    });
    view! {
        {move || {
            (!is_empty.get())
                .then(|| {
                    view! {
                        <section class="card mb-3" id="restores">
                            <header>
                                <h2>"Restores"</h2>
                            </header>
                            <Table restores set last />
                        </section>
                    }
                })
        }}
        <Undo set last />
    }
}

#[component]
fn Table(
    restores: Memo<Vec<Restored>>,
    set: Memo<BackupSet>,
    last: Memo<Option<Restored>>,
) -> impl IntoView {
    let viewer = Viewer::here();
    let refused = memo(move || {
        let set = set.read();
        let may_not = viewer.with(|viewer| {
            let viewer = viewer.as_ref()?;
            viewer.may_not(Capability::Restore, &set.settings.team)
        });
        let busy = || "Something is under way on it.".to_owned();
        may_not.or_else(|| set.operation.map(|_| busy()))
    });
    let rows = move || {
        let (refused, last) = (refused.get(), last.get());
        let last = last.map(|last| last.id);
        let row = |one: Restored| {
            let is_last = last == Some(one.id);
            row(one, is_last, refused.clone())
        };
        restores.get().into_iter().map(row).collect_view()
    };
    view! {
        <table class="cards">
            <thead>
                <tr>
                    <th>"Restored"</th>
                    <th>"Now"</th>
                    <th>"Nobody could connect for"</th>
                    <th>"What was live before"</th>
                    <th>
                        <span class="sr-only">"Actions"</span>
                    </th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

fn row(one: Restored, is_last: bool, refused: Option<String>) -> impl IntoView {
    let (tone, word) = if one.undone_at.is_some() {
        (Tone::Unk, "undone")
    } else if one.discarded_at.is_some() {
        (Tone::Ok, "for good")
    } else {
        (Tone::Ok, "can be undone")
    };
    let kept = match (one.discarded_at, one.kept_until) {
        (Some(_), _) => "discarded".into_any(),
        (None, Some(until)) => view! {
            <span class="mono break-all">{one.kept.clone()}</span>
            <p class="hint">"kept until "<Ago at=until /></p>
        }
        .into_any(),
        (None, None) => ().into_any(),
    };
    let act = is_last.then(|| match refused {
        Some(why) => view! { <Unavailable text="Undo" why /> }.into_any(),
        None => view! {
            <a class="btn" href="?confirm=undo" data-noscroll>
                "Undo"
            </a>
        }
        .into_any(),
    });
    view! {
        <tr>
            <td>
                <a class="font-semibold underline" href=operation_page(one.operation)>
                    {one.restored_at.map(|at| view! { <Ago at /> })}
                </a>
            </td>
            <td>
                <Badge tone text=word />
            </td>
            <td data-label="Nobody could connect for">
                {one.pause_ms.map_or_else(|| format::UNKNOWN.to_owned(), |ms| words::took(ms / 1_000.0))}
            </td>
            <td data-label="Before">{kept}</td>
            <td class="num wide">{act}</td>
        </tr>
    }
}

/// Says what an undo does, and does it.
#[component]
fn Undo(set: Memo<BackupSet>, last: Memo<Option<Restored>>) -> impl IntoView {
    let action = ServerAction::<UndoRestore>::new();
    let failure = failure(action.into());
    lead_on(action.into());
    let name = set.with_untracked(|set| set.settings.name.clone());
    let forget = Callback::new(move |()| action.clear());
    let kept = memo(move || last.read().as_ref().map(|last| last.kept.clone()));
    let id = memo(move || last.read().as_ref().map(|last| last.id).unwrap_or_default());
    let title = format!("Undo the restore of {name}?");
    let is_database = set.with_untracked(|set| set.kind.is_database());
    let (before, after) = if is_database {
        (
            "Services that connect are stopped, ",
            " gets its name back in one short pause, and they are started again. What was written since the restore is put \
             aside with the restored database, and is not in the one that comes back.",
        )
    } else {
        (
            "What the restore replaced is kept in ",
            " and is put back by renames; services keep running. What was restored is put aside, with what was written to it \
             since.",
        )
    };
    view! {
        <Dialog name="undo" title=Signal::stored(title) on_closed=forget>
            {move || {
                kept.get()
                    .is_none()
                    .then(|| {
                        view! {
                            <div class="body">
                                <p class="note warn">
                                    <b>"There is no restore that can be undone."</b>
                                </p>
                            </div>
                            <footer>
                                <Cancel text="Close" />
                            </footer>
                        }
                    })
            }}
            <div hidden=move || kept.read().is_none()>
                <ActionForm action=action>
                    <div class="body">
                        <p>
                            {before} <span class="mono break-all">{move || kept.get()}</span> {after}
                        </p>
                        <FormError failure fields=&["typed_name", "password", "code"] />
                        <input type="hidden" name="id" value=move || id.get().to_string() />
                        <Field
                            form="undo"
                            name="typed_name"
                            label="Type the set's name to confirm"
                            hint=name
                            required=true
                            failure
                        />
                        <Proof form="undo" failure />
                    </div>
                    <footer>
                        <Cancel />
                        <Submit text="Undo" weight_class="btn dan" pending=action.pending() />
                    </footer>
                </ActionForm>
            </div>
        </Dialog>
    }
}
