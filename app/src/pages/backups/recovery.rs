//! The recovery sheet: shown for a proof of password, to be printed and kept apart from the machine.

use leptos::prelude::*;
use leptos_meta::Title;
use types::Capability;

use crate::{
    api::backups::RecoverySheet,
    components::{
        action::{ActionForm, ServerAction},
        field::{FormError, Submit, failure},
        proof::Proof,
    },
    pages::settings::refusal_of,
};

/// The page.
#[component]
pub fn RecoveryPage() -> impl IntoView {
    let head = view! {
        <Title text="Recovery sheet" />
        <div class="head">
            <div class="min-w-0">
                <small>
                    <a href="/backups">"Backups"</a>
                </small>
                <h1>"Recovery sheet"</h1>
            </div>
        </div>
    };
    if let Some(refusal) = refusal_of(Capability::Manage) {
        return view! { {head} {refusal} }.into_any();
    }
    let action = ServerAction::<RecoverySheet>::new();
    let failure = failure(action.into());
    let sheet = action.value();
    let print = move |_| {
        let _ = window().print();
    };
    view! {
        {head}
        <section class="card max-w-[720px] mb-3">
            <div class="body">
                <ActionForm action=action>
                    <div class="form">
                        <p>
                            "It says how every backup is restored with restic and PostgreSQL's programs and nothing of this console's, \
                             and has the password of the repositories. Print it, and keep it where the machine is not. Without it, \
                             or the file that holds the password, no backup can be read. With it, and nothing else, ytops restore-self \
                             brings the console's own database back on a new machine."
                        </p>
                        <FormError failure fields=&["password", "code"] />
                        <Proof form="sheet" failure />
                        <Submit text="Show the sheet" pending=action.pending() />
                        <noscript>
                            <p class="hint">"It is shown by a script: without scripts print it with ytops backup sheet."</p>
                        </noscript>
                    </div>
                </ActionForm>
            </div>
        </section>
        {move || {
            sheet
                .get()
                .and_then(Result::ok)
                .map(|text| {
                    view! {
                        <section class="card" aria-label="The sheet">
                            <header>
                                <h2>"The sheet"</h2>
                                <span class="sp"></span>
                                <button class="btn" type="button" on:click=print>
                                    "Print"
                                </button>
                            </header>
                            <pre class="body mono whitespace-pre-wrap break-words">{text}</pre>
                        </section>
                    }
                })
        }}
    }
    .into_any()
}
