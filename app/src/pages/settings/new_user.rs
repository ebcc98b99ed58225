//! Making an account.

use leptos::prelude::*;
use types::{Role, identity::Team};

use super::{Head, TeamBoxes, refusal, role_choices};
use crate::{
    api::{self, done, identity::CreateUser},
    components::{
        action::{ActionForm, ServerAction},
        effect::effect,
        facts::Facts,
        field::{Choice, Field, FormError, Submit, failure},
        loaded::Loaded,
        proof::Proof,
        status::Tone,
        toast::Toasts,
    },
};

/// The page.
#[component]
pub fn NewUserPage() -> impl IntoView {
    if let Some(refusal) = refusal() {
        return view! {
            <Head title="Add a user" />
            {refusal}
        }
        .into_any();
    }
    let teams = Facts::new(|| (), |()| api::identity::teams());
    view! {
        <Head title="Add a user" />
        <Loaded facts=teams view=|teams| view! { <NewUser teams /> }.into_any() />
    }
    .into_any()
}

#[component]
fn NewUser(teams: Signal<Vec<Team>>) -> impl IntoView {
    let action = ServerAction::<CreateUser>::new();
    let failure = failure(action.into());
    let toasts = Toasts::here();
    let navigate = leptos_router::hooks::use_navigate();
    effect(move || {
        if let Some(Ok(_)) = action.value().get() {
            toasts.say(Tone::Ok, done::ACCOUNT_MADE);
            navigate("/settings/users", leptos_router::NavigateOptions::default());
        }
    });
    view! {
        <section class="card max-w-[560px]">
            <div class="body">
                <ActionForm action=action>
                    <div class="form">
                        <FormError failure fields=&["name", "email", "role", "new_password", "password", "code"] />
                        <Field form="new-user" name="name" label="Name" maxlength=100 required=true failure />
                        <Field form="new-user" name="email" label="E-mail" kind="email" maxlength=254 required=true failure />
                        <Choice
                            form="new-user"
                            name="role"
                            label="Role"
                            options=role_choices(&Role::OF_USERS)
                            value="viewer"
                            hint="What each may do stands under Settings, Roles."
                            failure
                        />
                        <TeamBoxes teams=teams.get_untracked() chosen=Vec::new() />
                        <Field
                            form="new-user"
                            name="new_password"
                            label="Their first password"
                            kind="password"
                            hint="At least 12 characters. Tell them in person; they change it under Account."
                            autocomplete="new-password"
                            maxlength=1_000
                            required=true
                            failure
                        />
                        <Proof form="new-user" failure />
                        <div class="row">
                            <Submit text="Make the account" pending=action.pending() />
                            <a class="btn" href="/settings/users">
                                "Cancel"
                            </a>
                        </div>
                    </div>
                </ActionForm>
            </div>
        </section>
    }
}
