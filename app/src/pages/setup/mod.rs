//! The first account: a CTO's, made with the one-time link that the console printed.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    api::identity::SetUp,
    components::{
        action::{ActionForm, ServerAction},
        effect::effect,
        field::{Field, FormError, Submit, failure},
    },
};

/// The page, outside the frame.
#[component]
pub fn SetupPage() -> impl IntoView {
    let query = use_query_map();
    let token = query.with_untracked(|query| query.get("token").unwrap_or_default());
    let is_link = !token.is_empty();
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
                        view! { <FirstAccount token /> }.into_any()
                    } else {
                        view! {
                            <div class="note warn">
                                <b>"The link is not complete."</b>
                                <p>
                                    "Open the whole address that the console printed when it started. It works once, "
                                    "for 24 hours; a console without users prints a new one at every start."
                                </p>
                            </div>
                        }
                            .into_any()
                    }}
                </div>
            </div>
            <p class="hint">"Set up already? " <a href="/sign-in">"Sign in"</a></p>
        </main>
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
