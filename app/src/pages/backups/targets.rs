//! Where backups go: repositories, how they are, and their checks.

use leptos::{html, prelude::*};
use leptos_meta::Title;
use types::{Capability, backups::BackupTarget, live::Topic};

use super::{set::lead_on, words};
use crate::{
    api::{
        self,
        backups::{CheckBackupTarget, CreateBackupTarget, RemoveBackupTarget},
        done,
    },
    components::{
        action::{ActionForm, ServerAction},
        clock::Ago,
        effect::{effect, memo},
        empty::Empty,
        facts::Facts,
        field::{Field, FormError, Submit, failure},
        format,
        live::Live,
        loaded::Loaded,
        status::{Badge, Tone},
        toast::Toasts,
        viewer::Viewer,
    },
};

/// The page.
#[component]
pub fn TargetsPage() -> impl IntoView {
    let create = ServerAction::<CreateBackupTarget>::new();
    let remove = ServerAction::<RemoveBackupTarget>::new();
    let check = ServerAction::<CheckBackupTarget>::new();
    lead_on(check.into());
    let toasts = Toasts::here();
    toasts.follow(create.into(), |()| done::BACKUP_TARGET_ADDED.to_owned());
    toasts.follow(remove.into(), |()| done::BACKUP_TARGET_REMOVED.to_owned());
    let changed = Live::here().version(&[Topic::Backups]);
    let (made, removed) = (create.version(), remove.version());
    let targets = Facts::new(
        move || (changed.get(), made.get(), removed.get()),
        |_| api::backups::backup_targets(),
    );
    let viewer = Viewer::here();
    let may = move |needs: Capability| {
        memo(move || viewer.with(|viewer| viewer.as_ref().is_some_and(|viewer| viewer.may(needs))))
    };
    let (may_manage, may_check) = (may(Capability::Manage), may(Capability::TakeBackups));
    let buttons = Buttons {
        may_manage,
        may_check,
        remove,
        check,
    };
    view! {
        <Title text="Backup targets" />
        <div class="head">
            <div class="min-w-0">
                <small>
                    <a href="/backups">"Backups"</a>
                </small>
                <h1>"Backup targets"</h1>
            </div>
        </div>
        <section class="card mb-3" aria-label="Targets">
            <FormError failure=failure(remove.into()) />
            <FormError failure=failure(check.into()) />
            <Loaded facts=targets view=move |targets| view! { <Targets targets buttons /> }.into_any() />
        </section>
        {move || may_manage.get().then(|| view! { <Add create /> })}
    }
}

/// What can be done with a target.
#[derive(Clone, Copy)]
struct Buttons {
    may_manage: Memo<bool>,
    may_check: Memo<bool>,
    remove: ServerAction<RemoveBackupTarget>,
    check: ServerAction<CheckBackupTarget>,
}

#[component]
fn Targets(targets: Signal<Vec<BackupTarget>>, buttons: Buttons) -> impl IntoView {
    let is_empty = memo(move || targets.read().is_empty());
    move || {
        if is_empty.get() {
            return view! {
                <Empty title="No target yet">
                    <p>"One on this machine is made by itself with the first backup set."</p>
                </Empty>
            }
            .into_any();
        }
        view! {
            <table class="cards">
                <thead>
                    <tr>
                        <th>"Target"</th>
                        <th>"State"</th>
                        <th>"Read back"</th>
                        <th>"All of it"</th>
                        <th>"Takes"</th>
                        <th>"Free"</th>
                        <th>
                            <span class="sr-only">"Actions"</span>
                        </th>
                    </tr>
                </thead>
                <tbody>
                    {move || targets.get().into_iter().map(|target| view! { <Row target buttons /> }).collect_view()}
                </tbody>
            </table>
        }
        .into_any()
    }
}

#[component]
fn Row(target: BackupTarget, buttons: Buttons) -> impl IntoView {
    let (tone, word) = match (&target.failure, target.checked_at) {
        (Some(_), _) => (Tone::Crit, "failed"),
        (None, Some(_)) => (Tone::Ok, "ok"),
        (None, None) => (Tone::Unk, "not checked yet"),
    };
    let when = |at: Option<time::OffsetDateTime>| match at {
        Some(at) => view! { <Ago at /> }.into_any(),
        None => "not yet".into_any(),
    };
    let size = |bytes: Option<i64>| bytes.map_or_else(|| format::UNKNOWN.to_owned(), words::size);
    let (id, name) = (target.id, target.name);
    let (checks, removes) = (format!("Check {name}"), name.clone());
    view! {
        <tr>
            <td>
                <b>{name}</b>
                <p class="hint mono break-all">{target.location}</p>
            </td>
            <td>
                <Badge tone text=word />
                {target.failure.map(|why| view! { <p class="hint max-w-[340px]">{why}</p> })}
            </td>
            <td data-label="Read back">{when(target.checked_at)}</td>
            <td data-label="All of it">{when(target.checked_whole_at)}</td>
            <td data-label="Takes">{size(target.bytes)}</td>
            <td data-label="Free">{size(target.free_bytes)}</td>
            <td class="num wide">
                <div class="row justify-end">
                    {move || {
                        let checks = checks.clone();
                        buttons
                            .may_check
                            .get()
                            .then(|| {
                                view! {
                                    <ActionForm action=buttons.check>
                                        <input type="hidden" name="id" value=id.to_string() />
                                        <button class="btn" type="submit" aria-label=checks>
                                            "Check"
                                        </button>
                                    </ActionForm>
                                }
                            })
                    }}
                    {move || {
                        let removes = removes.clone();
                        buttons
                            .may_manage
                            .get()
                            .then(|| {
                                view! {
                                    <details class="menu">
                                        <summary class="btn" aria-label=format!("Remove {removes}")>
                                            "Remove"
                                        </summary>
                                        <div class="sheet">
                                            <ActionForm action=buttons.remove>
                                                <input type="hidden" name="id" value=id.to_string() />
                                                <p class="hint">
                                                    "It can go when no set goes to it and no backup lies in it. What stands at its \
                                                     location stays."
                                                </p>
                                                <button class="btn dan" type="submit">
                                                    {format!("Remove {removes}")}
                                                </button>
                                            </ActionForm>
                                        </div>
                                    </details>
                                }
                            })
                    }}
                </div>
            </td>
        </tr>
    }
}

#[component]
fn Add(create: ServerAction<CreateBackupTarget>) -> impl IntoView {
    let failure = failure(create.into());
    let form = NodeRef::<html::Form>::new();
    let made = create.value();
    effect(move || {
        if matches!(made.get(), Some(Ok(())))
            && let Some(form) = form.get_untracked()
        {
            form.reset();
        }
    });
    view! {
        <section class="card max-w-[560px]">
            <header>
                <h2>"Add a target"</h2>
            </header>
            <div class="body">
                <ActionForm action=create node_ref=form>
                    <div class="form">
                        <FormError failure fields=&["name", "location"] />
                        <Field form="new-target" name="name" label="Name" maxlength=60 required=true failure />
                        <Field
                            form="new-target"
                            name="location"
                            label="Location"
                            hint="A whole path of this machine, or rclone:remote:path; rclone's settings have the remote."
                            maxlength=1_000
                            required=true
                            failure
                        />
                        <Submit text="Add the target" pending=create.pending() />
                    </div>
                </ActionForm>
            </div>
        </section>
    }
}
