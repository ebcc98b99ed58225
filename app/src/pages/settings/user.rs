//! One account: name, address, role, teams; its password; whether it may sign in; its open sessions.

use leptos::{html, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use types::{
    Error, Role,
    identity::{SessionInfo, Team, User},
    live::Topic,
};

use super::{Head, TeamBoxes, refusal, role_choices};
use crate::{
    api::{
        self, done,
        identity::{RemoveTotp, ResetPassword, SetUserDisabled, UpdateUser},
    },
    components::{
        action::{ActionForm, ServerAction},
        effect::memo,
        facts::Facts,
        field::{Choice, Field, FormError, Submit, failure},
        live::Live,
        loaded::Loaded,
        proof::Proof,
        toast::Toasts,
    },
    pages::account::sessions::SessionsCard,
};

/// The page.
#[component]
pub fn UserPage() -> impl IntoView {
    if let Some(refusal) = refusal() {
        return view! {
            <Head title="User" />
            {refusal}
        }
        .into_any();
    }
    let params = use_params_map();
    let id = memo(move || {
        params
            .read()
            .get_str("id")
            .and_then(|id| id.parse::<i64>().ok())
    });
    let changed = Live::here().version(&[Topic::Identity]);
    let facts = Facts::new(move || (id.get(), changed.get()), |(id, _)| read(id));
    view! {
        <div class="head">
            <div class="min-w-0">
                <small>
                    <a href="/settings">"Settings"</a>
                    " / "
                    <a href="/settings/users">"Users"</a>
                </small>
                <h1>
                    <Name facts />
                </h1>
            </div>
        </div>
        <Loaded facts view=|facts| view! { <Account facts /> }.into_any() />
    }
    .into_any()
}

/// The account's name, or what the page is of where it could not be read.
#[component]
fn Name(facts: Facts<AccountFacts>) -> impl IntoView {
    view! {
        <Transition fallback=|| "User">
            {move || Suspend::new(async move {
                let name = match facts.await {
                    Ok((user, ..)) => user.name,
                    Err(_) => "User".to_owned(),
                };
                view! {
                    <Title text=name.clone() />
                    {name}
                }
            })}
        </Transition>
    }
}

/// The account, every team, and the sessions that the account has open.
type AccountFacts = (User, Vec<Team>, Vec<SessionInfo>);

async fn read(id: Option<i64>) -> Result<AccountFacts, Error> {
    let Some(id) = id else {
        return Err(no_such_user());
    };
    Ok((
        api::identity::user(id).await?,
        api::identity::teams().await?,
        api::identity::sessions(Some(id)).await?,
    ))
}

fn no_such_user() -> Error {
    let error = Error::not_found("user");
    #[cfg(feature = "ssr")]
    crate::ssr::answer(&error);
    error
}

#[component]
fn Account(facts: Signal<AccountFacts>) -> impl IntoView {
    let user = memo(move || facts.read().0.clone());
    let sessions = memo(move || facts.read().2.clone());
    let (first, teams, _) = facts.get_untracked();
    let id = first.id;
    view! {
        <div class="grid items-start desk:grid-cols-2">
            <Edit user=first teams />
            <div class="grid content-start">
                <NewPassword id />
                <Disable user />
                <LostFactor user />
                <SessionsCard sessions />
            </div>
        </div>
    }
}

#[component]
fn Edit(user: User, teams: Vec<Team>) -> impl IntoView {
    let action = ServerAction::<UpdateUser>::new();
    let failure = failure(action.into());
    Toasts::here().follow(action.into(), |()| done::ACCOUNT_CHANGED.to_owned());
    let chosen = user.teams.iter().map(|team| team.id).collect();
    view! {
        <section class="card">
            <header>
                <h2>"Account"</h2>
            </header>
            <div class="body">
                <ActionForm action=action>
                    <div class="form">
                        <FormError failure fields=&["name", "email", "role", "password", "code"] />
                        <input type="hidden" name="id" value=user.id.to_string() />
                        <Field form="user" name="name" label="Name" value=user.name maxlength=100 required=true failure />
                        <Field
                            form="user"
                            name="email"
                            label="E-mail"
                            kind="email"
                            value=user.email
                            maxlength=254
                            required=true
                            failure
                        />
                        <Choice
                            form="user"
                            name="role"
                            label="Role"
                            options=role_choices(&Role::OF_USERS)
                            value=user.role.as_str()
                            hint="A change counts from the next request of every session they have open."
                            failure
                        />
                        <TeamBoxes teams chosen />
                        <Proof form="user" failure />
                        <Submit text="Save" pending=action.pending() />
                    </div>
                </ActionForm>
            </div>
        </section>
    }
}

#[component]
fn NewPassword(id: i64) -> impl IntoView {
    let action = ServerAction::<ResetPassword>::new();
    let failure = failure(action.into());
    let form = NodeRef::<html::Form>::new();
    Toasts::here().follow(action.into(), move |()| {
        if let Some(form) = form.get_untracked() {
            form.reset();
        }
        done::PASSWORD_SET.to_owned()
    });
    view! {
        <section class="card">
            <header>
                <h2>"Password"</h2>
            </header>
            <div class="body">
                <ActionForm action=action node_ref=form>
                    <div class="form">
                        <FormError failure fields=&["new_password", "password", "code"] />
                        <input type="hidden" name="id" value=id.to_string() />
                        <Field
                            form="reset-password"
                            name="new_password"
                            label="New password"
                            kind="password"
                            hint="At least 12 characters. Every session of theirs ends."
                            autocomplete="new-password"
                            maxlength=1_000
                            required=true
                            failure
                        />
                        <Proof form="reset-password" failure />
                        <Submit text="Set the password" weight_class="btn" pending=action.pending() />
                    </div>
                </ActionForm>
            </div>
        </section>
    }
}

#[component]
fn Disable(user: Memo<User>) -> impl IntoView {
    let action = ServerAction::<SetUserDisabled>::new();
    let failure = failure(action.into());
    let is_disabled = memo(move || user.read().disabled_at.is_some());
    let text = move || {
        if is_disabled.get() {
            "This account may not sign in. Enabled, it may again, with the password it had."
        } else {
            "Disabled, the account may not sign in and its sessions end at once. Nothing of it is removed."
        }
    };
    // The page may know of the change before the answer is here: what was asked counts, not what is.
    Toasts::here().follow(action.into(), move |()| {
        let sent = untrack(|| action.sent());
        let disabled = sent.is_some_and(|sent| sent.get("disabled") == Some("true"));
        done::access_set(disabled).to_owned()
    });
    view! {
        <section class="card">
            <header>
                <h2>"Access"</h2>
            </header>
            <div class="body">
                <ActionForm action=action>
                    <div class="form">
                        <p>{text}</p>
                        <FormError failure fields=&["password", "code"] />
                        <input type="hidden" name="id" value=move || user.read().id.to_string() />
                        <input type="hidden" name="disabled" value=move || (!is_disabled.get()).to_string() />
                        <Proof form="disable-user" failure />
                        {move || {
                            if is_disabled.get() {
                                view! { <Submit text="Enable" weight_class="btn" pending=action.pending() /> }
                            } else {
                                view! { <Submit text="Disable" weight_class="btn dan" pending=action.pending() /> }
                            }
                        }}
                    </div>
                </ActionForm>
            </div>
        </section>
    }
}

/// Takes the second factor away for someone who lost it.
#[component]
fn LostFactor(user: Memo<User>) -> impl IntoView {
    let action = ServerAction::<RemoveTotp>::new();
    let failure = failure(action.into());
    let is_on = memo(move || user.read().totp);
    Toasts::here().follow(action.into(), |()| done::FACTOR_REMOVED.to_owned());
    view! {
        <section class="card" hidden=move || !is_on.get()>
            <header>
                <h2>"Second factor"</h2>
            </header>
            <div class="body">
                <ActionForm action=action>
                    <div class="form">
                        <p>"For someone who lost both their authenticator app and their recovery codes."</p>
                        <FormError failure fields=&["password", "code"] />
                        <input type="hidden" name="id" value=move || user.read().id.to_string() />
                        <Proof form="remove-totp" failure />
                        <Submit text="Take it away" weight_class="btn" pending=action.pending() />
                    </div>
                </ActionForm>
            </div>
        </section>
    }
}
