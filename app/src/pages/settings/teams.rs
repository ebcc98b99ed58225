//! Teams: services and people belong to them.

use leptos::{html, prelude::*};
use leptos_router::hooks::use_query_map;
use types::{Error, access::DEFAULT_TEAM, identity::Team, live::Topic};

use super::{Head, refusal};
use crate::{
    api::{
        self, done,
        identity::{CreateTeam, DeleteTeam, RenameTeam},
    },
    components::{
        action::{ActionForm, ServerAction},
        dialog::{Cancel, Dialog, closer},
        effect::{effect, memo},
        facts::Facts,
        field::{Field, FormError, Submit, failure},
        live::Live,
        loaded::Loaded,
        proof::Proof,
        toast::Toasts,
        unavailable::Unavailable,
    },
};

/// The page.
#[component]
pub fn TeamsPage() -> impl IntoView {
    if let Some(refusal) = refusal() {
        return view! {
            <Head title="Teams" />
            {refusal}
        }
        .into_any();
    }
    let changed = Live::here().version(&[Topic::Identity]);
    let create = ServerAction::<CreateTeam>::new();
    let delete = ServerAction::<DeleteTeam>::new();
    let rename = ServerAction::<RenameTeam>::new();
    let (made, removed, renamed) = (create.version(), delete.version(), rename.version());
    let teams = Facts::new(
        move || (changed.get(), made.get(), removed.get(), renamed.get()),
        |_| read(),
    );
    Toasts::here().follow(delete.into(), |()| done::TEAM_REMOVED.to_owned());
    Toasts::here().follow(rename.into(), |()| done::TEAM_RENAMED.to_owned());
    view! {
        <Head title="Teams" />
        <div class="grid items-start desk:grid-cols-2">
            <section class="card" aria-label="Teams">
                <FormError failure=failure(rename.into()) />
                <Loaded
                    facts=teams
                    view=move |teams| {
                        view! {
                            <ul class="rows">
                                {move || {
                                    let (made, named) = teams.get();
                                    let made = made.into_iter().map(|team| view! { <Row team rename /> });
                                    let named = named.into_iter().map(|name| view! { <Named name create /> });
                                    (made.collect_view(), named.collect_view())
                                }}
                            </ul>
                            <RemoveTeam teams delete />
                        }
                            .into_any()
                    }
                />
            </section>
            <NewTeam create />
        </div>
    }
    .into_any()
}

/// Teams, and the names of those that only labels know.
type Teams = (Vec<Team>, Vec<String>);

async fn read() -> Result<Teams, Error> {
    Ok((
        api::identity::teams().await?,
        api::identity::named_teams().await?,
    ))
}

/// A team that labels name: nobody can belong to it before it is made.
#[component]
fn Named(name: String, create: ServerAction<CreateTeam>) -> impl IntoView {
    view! {
        <li class="row flex-nowrap">
            <div class="min-w-0">
                <b>{name.clone()}</b>
                <small class="block">"named by services' label ytops.team, not made yet"</small>
            </div>
            <span class="sp"></span>
            <ActionForm action=create>
                <input type="hidden" name="name" value=name.clone() />
                <button class="btn" type="submit" aria-label=format!("Make the team {name}")>
                    "Make"
                </button>
            </ActionForm>
        </li>
    }
}

#[component]
fn Row(team: Team, rename: ServerAction<RenameTeam>) -> impl IntoView {
    let members: Vec<_> = team
        .members
        .iter()
        .map(|member| member.name.clone())
        .collect();
    let members = if members.is_empty() {
        "no members".to_owned()
    } else {
        members.join(", ")
    };
    let why_not = if team.name == DEFAULT_TEAM {
        Some("What names no other team belongs to this one, so it stays.")
    } else if !team.members.is_empty() {
        Some("It has members: take them out first.")
    } else {
        None
    };
    let remove = format!("Remove {}", team.name);
    view! {
        <li class="row flex-nowrap">
            <div class="min-w-0">
                <b>{team.name.clone()}</b>
                <small class="block">{members}</small>
            </div>
            <span class="sp"></span>
            {(team.name != DEFAULT_TEAM).then(|| view! { <Rename id=team.id name=team.name.clone() rename /> })}
            {match why_not {
                Some(why) => view! { <Unavailable text="Remove" label=remove why /> }.into_any(),
                None => {
                    view! {
                        <a
                            class="btn"
                            href=format!("?confirm=remove-team&team={}", team.id)
                            aria-label=remove
                            data-noscroll
                        >
                            "Remove"
                        </a>
                    }
                        .into_any()
                }
            }}
        </li>
    }
}

/// Asks before the team that the address names is removed, and for a proof.
#[component]
fn RemoveTeam(teams: Signal<Teams>, delete: ServerAction<DeleteTeam>) -> impl IntoView {
    let query = use_query_map();
    let failure = failure(delete.into());
    let id = memo(move || query.read().get("team").unwrap_or_default());
    let title = Signal::derive(move || {
        let teams = teams.read();
        let team = teams.0.iter().find(|team| team.id.to_string() == id.get());
        format!(
            "Remove the team {}?",
            team.map_or("", |team| team.name.as_str())
        )
    });
    let close = closer();
    effect(move || {
        if matches!(delete.value().get(), Some(Ok(()))) {
            close();
        }
    });
    view! {
        <Dialog name="remove-team" title>
            <ActionForm action=delete>
                <input type="hidden" name="id" value=move || id.get() />
                <div class="body">
                    <p>"It must have no members, services and valid tokens any more."</p>
                    <FormError failure fields=&["password", "code"] />
                    <Proof form="remove-team" failure />
                </div>
                <footer>
                    <Cancel />
                    <Submit text="Remove" weight_class="btn dan" pending=delete.pending() />
                </footer>
            </ActionForm>
        </Dialog>
    }
}

/// Another name, behind a button that opens without scripts.
#[component]
fn Rename(id: i64, name: String, rename: ServerAction<RenameTeam>) -> impl IntoView {
    view! {
        <details class="menu">
            <summary class="btn" aria-label=format!("Rename {name}")>
                "Rename"
            </summary>
            <div class="sheet">
                <ActionForm action=rename>
                    <input type="hidden" name="id" value=id.to_string() />
                    <div class="row flex-nowrap">
                        <input
                            class="input"
                            name="new_name"
                            value=name.clone()
                            maxlength="40"
                            required
                            autocomplete="off"
                            aria-label=format!("New name of {name}")
                        />
                        <button class="btn" type="submit">
                            "Save"
                        </button>
                    </div>
                </ActionForm>
            </div>
        </details>
    }
}

#[component]
fn NewTeam(create: ServerAction<CreateTeam>) -> impl IntoView {
    let failure = failure(create.into());
    let form = NodeRef::<html::Form>::new();
    Toasts::here().follow(create.into(), move |()| {
        if let Some(form) = form.get_untracked() {
            form.reset();
        }
        done::TEAM_MADE.to_owned()
    });
    view! {
        <section class="card">
            <header>
                <h2>"Add a team"</h2>
            </header>
            <div class="body">
                <ActionForm action=create node_ref=form>
                    <div class="form">
                        <FormError failure fields=&["name"] />
                        <Field
                            form="new-team"
                            name="name"
                            label="Name"
                            hint="Lower-case letters, digits, - and _; as the compose label ytops.team spells it."
                            maxlength=40
                            required=true
                            failure
                        />
                        <Submit text="Add" weight_class="btn" pending=create.pending() />
                    </div>
                </ActionForm>
            </div>
        </section>
    }
}
