//! Where verification asks: found in the compose projects, or set by hand.

use leptos::prelude::*;
use types::{
    Error,
    health::{SETTABLE, Target},
    live::Topic,
};

use crate::{
    api::{self, done, health::SetTarget},
    components::{
        action::{ActionForm, ServerAction},
        effect::memo,
        facts::Facts,
        field::{Failure, FormError, Refusal, Submit, described_by, failure},
        live::Live,
        loaded::Loaded,
        toast::Toasts,
    },
    pages::overview::name_of,
};

/// The card.
#[component]
pub fn Targets() -> impl IntoView {
    let changed = Live::here().version(&[Topic::Settings, Topic::Deployment]);
    let targets = Facts::new(move || changed.get(), |_| api::health::targets());
    view! {
        <section class="card content-start" id="targets">
            <header>
                <h2>"Verification targets"</h2>
                <small>"found by themselves; an address set here goes first; checks do not speak TLS"</small>
            </header>
            <Loaded facts=targets view=|targets| view! { <List targets /> }.into_any() />
        </section>
    }
}

#[component]
fn List(targets: Signal<Vec<Target>>) -> impl IntoView {
    // The rows stay: what is being typed into one must survive a change of another.
    let names: Vec<_> = targets
        .get_untracked()
        .into_iter()
        .map(|target| target.name)
        .collect();
    let rows: Vec<_> = names
        .into_iter()
        .map(|name| {
            let target = {
                let name = name.clone();
                memo(move || {
                    targets
                        .with(|targets| targets.iter().find(|target| target.name == name).cloned())
                })
            };
            view! { <Row name target /> }
        })
        .collect();
    view! { <ul class="rows">{rows}</ul> }
}

#[component]
fn Row(name: String, target: Memo<Option<Target>>) -> impl IntoView {
    let action = ServerAction::<SetTarget>::new();
    let failure = failure(action.into());
    let message = {
        let name = name.clone();
        Signal::derive(move || {
            let failure = failure.read();
            let message = failure.as_ref()?.of_field(&name)?;
            Some(message.to_owned())
        })
    };
    // Without scripts every form hears of the one that was refused.
    let failure: Failure = Signal::derive(move || match failure.get() {
        Some(Error::Invalid { .. }) if message.with(Option::is_none) => None,
        failure => failure,
    });
    Toasts::here().follow(action.into(), |()| done::TARGET_SAVED.to_owned());
    let label = name_of(&name);
    let id = format!("target-{name}");
    let hint_id = format!("{id}-hint");
    let describes = described_by(&id, Some(&hint_id), message);
    let found = move || match target.get().map(|target| target.found) {
        Some(found) if !found.is_empty() => format!("found: {found}"),
        _ => "nothing found".to_owned(),
    };
    let url = target
        .get_untracked()
        .map(|target| target.url)
        .unwrap_or_default();
    view! {
        <li>
            <ActionForm action=action>
                <input type="hidden" name="name" value=name />
                <div class="field">
                    <label for=id.clone()>{label}</label>
                    <div class="row flex-nowrap">
                        <input
                            id=id.clone()
                            name="url"
                            value=url
                            maxlength="2000"
                            autocomplete="off"
                            autocapitalize="none"
                            spellcheck="false"
                            placeholder="as found"
                            aria-invalid=move || message.get().is_some().then_some("true")
                            aria-describedby=describes
                        />
                        <Submit text="Save" weight_class="btn" pending=action.pending() />
                    </div>
                    <p class="hint break-all" id=hint_id>
                        {found}
                    </p>
                    <Refusal id message />
                    <FormError failure fields=&SETTABLE />
                </div>
            </ActionForm>
        </li>
    }
}
