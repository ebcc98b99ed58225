//! The first account: a CTO's, made with the one-time link that the console printed.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    api::{self, identity::SetUp},
    components::{
        action::{ActionForm, ServerAction},
        effect::effect,
        facts::Facts,
        field::{Field, FormError, Submit, failure},
        loaded::Loaded,
    },
};

/// The page, outside the frame.
#[component]
pub fn SetupPage() -> impl IntoView {
    let query = use_query_map();
    let token = query.with_untracked(|query| query.get("token").unwrap_or_default());
    let is_link = !token.is_empty();
    let asked = token.clone();
    let link = Facts::new(move || asked.clone(), api::identity::setup_link);
    view! {
        <Title text="Set up" />
        <main class="solo" id="main">
            <div class="card">
                <header>
                    <img src="/favicon.svg" alt="" width="22" height="22" />
                    <h1>"Set up ytops"</h1>
                </header>
                <div class="body">
                    {if is_link {
                        view! { <Loaded facts=link view=move |open| view! { <Link open token=token.clone() /> }.into_any() /> }
                            .into_any()
                    } else {
                        view! { <NoLink title="The link is not complete." /> }.into_any()
                    }}
                </div>
            </div>
            <p class="hint">"Set up already? " <a href="/sign-in">"Sign in"</a></p>
        </main>
    }
}

/// What the link leads to: read once, for the form stays while the account is made.
#[component]
fn Link(open: Signal<bool>, token: String) -> impl IntoView {
    if open.get_untracked() {
        view! { <FirstAccount token /> }.into_any()
    } else {
        view! { <NoLink title="The link was used, or it is older than 24 hours." /> }.into_any()
    }
}

/// Why there is no form, and where a link comes from.
#[component]
fn NoLink(title: &'static str) -> impl IntoView {
    view! {
        <div class="note warn">
            <b>{title}</b>
            <p>
                "Open the whole address that the console printed when it started. It works once, for 24 hours; "
                "a console without users prints a new one at every start."
            </p>
        </div>
    }
}

#[component]
fn FirstAccount(token: String) -> impl IntoView {
    let action = ServerAction::<SetUp>::new();
    let failure = failure(action.into());
    effect(move || {
        if matches!(action.value().get(), Some(Ok(()))) {
            let _ = window().location().assign("/");
        }
    });
    view! {
        <ActionForm action=action>
            <div class="form">
                <p class="hint">"This makes the first account. It may do everything, and makes the others."</p>
                <FormError failure fields=&["name", "email", "password"] />
                <input type="hidden" name="token" value=token />
                <Field
                    form="setup"
                    name="name"
                    label="Your name"
                    autocomplete="name"
                    maxlength=100
                    required=true
                    autofocus=true
                    failure
                />
                <Field
                    form="setup"
                    name="email"
                    label="E-mail"
                    kind="email"
                    autocomplete="username"
                    maxlength=254
                    required=true
                    failure
                />
                <Field
                    form="setup"
                    name="password"
                    label="Password"
                    kind="password"
                    hint="At least 12 characters; a few unrelated words do well."
                    autocomplete="new-password"
                    maxlength=1_000
                    required=true
                    failure
                />
                <Submit text="Make the account" pending=action.pending() />
            </div>
        </ActionForm>
    }
}
