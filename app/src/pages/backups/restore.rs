//! A restore, before it is asked for: what it does, what is lost by it, and the name typed to confirm.

use leptos::prelude::*;
use leptos_meta::Title;
use types::{
    Capability,
    backups::{RestorePlan, RowChange},
};

use super::{
    set::{id_here, lead_on},
    words,
};
use crate::{
    api::{self, backups::RestoreBackup},
    components::{
        action::{ActionForm, ServerAction},
        clock::Ago,
        facts::Facts,
        field::{Field, FormError, Submit, failure},
        format,
        loaded::LoadedOf,
        proof::Proof,
    },
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
    let id = id_here();
    let subject = Signal::derive(move || id.get().to_string());
    // Read once: it looks at the server and the repository, which takes a second or two.
    let plan = Facts::new(move || id.get(), api::backups::restore_plan);
    let more = Facts::new(|| (), |()| async { Ok(0_i64) });
    view! {
        <Title text="Restore" />
        <LoadedOf
            subject
            facts=plan
            more
            view=|plan, _| view! { <Shown plan=plan.get_untracked() /> }.into_any()
        />
    }
    .into_any()
}

#[component]
fn Shown(plan: RestorePlan) -> impl IntoView {
    let set = format!("/backups/{}", plan.backup.set);
    let refused = plan.refused.clone();
    let stops = if plan.stops.is_empty() {
        "No service of the stack is connected to it now.".to_owned()
    } else {
        format!(
            "Stopped for the switch, and started again after it: {}.",
            plan.stops.join(", ")
        )
    };
    let expected = plan.expected_s.map_or_else(
        || "It is not known yet how long it takes: no drill has told.".to_owned(),
        |took| {
            format!(
                "Expected to take {}, as long as the last time.",
                words::took(took)
            )
        },
    );
    let (is_short, room) = room(&plan);
    let kept_days = plan.kept_days;
    let replaces = plan.replaces.clone();
    let name = plan.set_name.clone();
    let backup = plan.backup.id;
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
        </div>
        <section class="card max-w-[720px] mb-3">
            <header>
                <h2>"What happens"</h2>
            </header>
            <div class="body grid gap-3">
                <p>
                    {format!("{replaces} becomes as it was ")} <b><Ago at=plan.backup.started_at /></b>
                    {format!(
                        ": the backup is restored beside it and compared, and then both change places in one short pause. What \
                         is live now is kept for {kept_days} days, and Undo brings it back.",
                    )}
                </p>
                <p>{stops}</p>
                <Left plan=plan.clone() />
                <p>{expected}</p>
                <p class=if is_short { "note warn" } else { "hint" }>{room}</p>
            </div>
        </section>
        <section class="card max-w-[720px]">
            {match refused {
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
                None => view! { <Confirm backup name set /> }.into_any(),
            }}
        </section>
    }
}

/// Whether there is room for the dump on its way; too little is a warning, as it is then restored without.
fn room(plan: &RestorePlan) -> (bool, String) {
    let needs = words::size(plan.needs_bytes);
    match plan.free_bytes {
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

/// What is left behind.
#[component]
fn Left(plan: RestorePlan) -> impl IntoView {
    if let Some(why) = plan.unknown {
        return view! {
            <div class="note unk">
                <b>"What has changed since can't be told"</b>
                <p>{why}</p>
            </div>
        }
        .into_any();
    }
    if plan.refused.is_some() {
        return ().into_any();
    }
    if plan.changes.is_empty() {
        return view! {
            <div class="note ok">
                <b>"Every table has as many rows as then"</b>
                <p>"Rows that were changed in place are not told by that."</p>
            </div>
        }
        .into_any();
    }
    let more = plan.changed_tables - i64::try_from(plan.changes.len()).unwrap_or(0);
    let rows = plan.changes.into_iter().map(change).collect_view();
    view! {
        <div class="note warn">
            <b>"What was written since is left behind"</b>
            <ul>
                {rows} {(more > 0).then(|| view! { <li>{format!("and {more} more tables")}</li> })}
            </ul>
        </div>
    }
    .into_any()
}

fn change(change: RowChange) -> impl IntoView {
    let about = if change.is_estimate { "about " } else { "" };
    let told = match (change.then, change.now) {
        (Some(then), Some(now)) => format!("{about}{now} rows, {then} then"),
        (None, Some(now)) => format!("{about}{now} rows, not there then"),
        (Some(then), None) => format!("not there any more, {then} rows then"),
        (None, None) => format::UNKNOWN.to_owned(),
    };
    view! {
        <li>
            <span class="mono break-all">{change.table}</span>
            {format!(": {told}")}
        </li>
    }
}

#[component]
fn Confirm(backup: i64, name: String, set: String) -> impl IntoView {
    let action = ServerAction::<RestoreBackup>::new();
    let failure = failure(action.into());
    lead_on(action.into());
    view! {
        <ActionForm action=action>
            <div class="body">
                <div class="form">
                    <FormError failure fields=&["typed_name", "password", "code"] />
                    <input type="hidden" name="id" value=backup.to_string() />
                    <Field
                        form="restore"
                        name="typed_name"
                        label="Type the set's name to confirm"
                        hint=name
                        required=true
                        failure
                    />
                    <Proof form="restore" failure />
                    <div class="row">
                        <Submit text="Restore" weight_class="btn dan" pending=action.pending() />
                        <a class="btn" href=set>
                            "Cancel"
                        </a>
                    </div>
                </div>
            </div>
        </ActionForm>
    }
}
