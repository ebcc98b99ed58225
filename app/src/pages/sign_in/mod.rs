//! Signing in: address and password, then the code where a second factor is enrolled.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use types::Error;

use crate::{
    api::identity::SignIn,
    components::{
        action::{ActionForm, ServerAction},
        effect::{effect, memo},
        field::{Field, FormError, Submit, failure},
    },
};

/// The page, outside the frame.
#[component]
pub fn SignInPage() -> impl IntoView {
    let query = use_query_map();
    let next = query.with_untracked(|query| query.get("next").unwrap_or_default());
    let action = ServerAction::<SignIn>::new();
    let failure = failure(action.into());
    let wants_code = memo(move || matches!(failure.get(), Some(Error::SecondFactor { .. })));
    // That a code is wanted is a step on the way, not a failure.
    let told = Signal::derive(move || {
        failure
            .get()
            .filter(|error| *error != Error::SecondFactor { wrong: false })
    });
    go_on_when_done(action);
    view! {
        <Title text="Sign in" />
        <main class="solo" id="main">
            <div class="card">
                <header>
                    <img src="/favicon.svg" alt="" width="22" height="22" />
                    <h1>"Sign in to ytops"</h1>
                </header>
                <div class="body">
                    <ActionForm action=action>
                        <div class="form">
                            <FormError failure=told />
                            {move || {
                                (wants_code.get() && told.read().is_none())
                                    .then(|| {
                                        view! {
                                            <p class="note" role="status">
                                                "The password is right. Now the second factor."
                                            </p>
                                        }
                                    })
                            }}
                            <input type="hidden" name="next" value=next />
                            <Field
                                form="sign-in"
                                name="email"
                                label="E-mail"
                                kind="email"
                                autocomplete="username"
                                maxlength=254
                                required=true
                                autofocus=true
                                failure
                            />
                            <Field
                                form="sign-in"
                                name="password"
                                label="Password"
                                kind="password"
                                autocomplete="current-password"
                                maxlength=1_000
                                required=true
                                failure
                            />
                            {move || {
                                wants_code
                                    .get()
                                    .then(|| {
                                        view! {
                                            <Field
                                                form="sign-in"
                                                name="code"
                                                label="Code"
                                                hint="Six digits of your authenticator app, or a recovery code."
                                                autocomplete="one-time-code"
                                                maxlength=40
                                                autofocus=true
                                                failure
                                            />
                                        }
                                    })
                            }}
                            <Submit text="Sign in" pending=action.pending() />
                        </div>
                    </ActionForm>
                </div>
            </div>
            <p class="hint">"No account? A CTO makes one under Settings, Users."</p>
        </main>
    }
}

/// The next page is loaded anew: everything on it belongs to the new session.
fn go_on_when_done(action: ServerAction<SignIn>) {
    effect(move || {
        if let Some(Ok(next)) = action.value().get() {
            let _ = window().location().assign(&next);
        }
    });
}
