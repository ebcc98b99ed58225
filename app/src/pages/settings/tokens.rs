//! API tokens: made, shown once, ended.

use leptos::{html, prelude::*};
use types::{
    Role,
    identity::{ApiToken, NewToken, Team},
    live::Topic,
};

use super::{Head, refusal, role_choices};
use crate::{
    api::{
        self, done,
        identity::{CreateToken, RevokeToken},
    },
    components::{
        action::{ActionForm, ServerAction},
        clipboard,
        clock::{Ago, Clock},
        effect::{effect, memo},
        empty::Empty,
        facts::Facts,
        field::{Choice, Field, FormError, Submit, failure},
        live::Live,
        loaded::Loaded,
        proof::Proof,
        status::{Badge, Tone},
        toast::Toasts,
    },
};

/// The page.
#[component]
pub fn TokensPage() -> impl IntoView {
    if let Some(refusal) = refusal() {
        return view! {
            <Head title="API tokens" />
            {refusal}
        }
        .into_any();
    }
    let changed = Live::here().version(&[Topic::Identity]);
    let create = ServerAction::<CreateToken>::new();
    let revoke = ServerAction::<RevokeToken>::new();
    let (made, revoked) = (create.version(), revoke.version());
    let tokens = Facts::new(
        move || (changed.get(), made.get(), revoked.get()),
        |_| api::identity::tokens(),
    );
    let teams = Facts::new(|| (), |()| api::identity::teams());
    Toasts::here().follow(revoke.into(), |()| done::TOKEN_REVOKED.to_owned());
    view! {
        <Head title="API tokens" />
        <div class="grid mb-3">
            <section class="card" aria-label="Tokens">
                <FormError failure=failure(revoke.into()) />
                <Loaded facts=tokens view=move |tokens| view! { <Tokens tokens revoke /> }.into_any() />
            </section>
            <section class="card max-w-[560px]">
                <header>
                    <h2>"Make a token"</h2>
                </header>
                <div class="body">
                    <Loaded facts=teams view=move |teams| view! { <NewTokenForm teams create /> }.into_any() />
                    // Below the button that was pressed, so that it is in sight on a phone.
                    {move || create.value().get().and_then(Result::ok).map(|new| view! { <ShownOnce new /> })}
                </div>
            </section>
        </div>
    }
    .into_any()
}

#[component]
fn ShownOnce(new: NewToken) -> impl IntoView {
    let toasts = Toasts::here();
    let secret = new.secret.clone();
    let copy = move |_| match clipboard::write(&secret) {
        Some(()) => toasts.say(Tone::Ok, "The token was copied."),
        None => toasts.say(
            Tone::Unk,
            "This browser copies for pages over HTTPS alone: select the token and copy it by hand.",
        ),
    };
    let note = NodeRef::<html::Div>::new();
    // On a desk it would be made below what is seen.
    effect(move || {
        if let Some(note) = note.get() {
            note.scroll_into_view();
        }
    });
    view! {
        <div class="note ok mt-3" role="status" node_ref=note>
            <b>{format!("The token {} was made. It is shown this once:", new.token.name)}</b>
            <p class="row">
                <code>{new.secret}</code>
                <button class="btn" type="button" on:click=copy>
                    "Copy"
                </button>
            </p>
            <p>
                "Send it as " <code>"Authorization: Bearer …"</code> " to /api/v1."
            </p>
        </div>
    }
}

#[component]
fn Tokens(tokens: Signal<Vec<ApiToken>>, revoke: ServerAction<RevokeToken>) -> impl IntoView {
    let is_empty = memo(move || tokens.read().is_empty());
    move || {
        if is_empty.get() {
            return view! {
                <Empty title="No tokens">
                    <p>"A program that asks /api/v1 needs one: make it below."</p>
                </Empty>
            }
            .into_any();
        }
        view! {
            <table class="cards">
                <thead>
                    <tr>
                        <th>"Name"</th>
                        <th>"State"</th>
                        <th>"Role"</th>
                        <th>"For"</th>
                        <th>"Made by"</th>
                        <th>"Ends"</th>
                        <th>"Last used"</th>
                        <th>
                            <span class="sr-only">"Actions"</span>
                        </th>
                    </tr>
                </thead>
                <tbody>
                    {move || tokens.get().into_iter().map(|token| view! { <Row token revoke /> }).collect_view()}
                </tbody>
            </table>
        }
        .into_any()
    }
}

#[component]
fn Row(token: ApiToken, revoke: ServerAction<RevokeToken>) -> impl IntoView {
    let is_past = token.expires_at <= Clock::here().now_untracked();
    let (tone, word) = match (token.revoked_at.is_some(), is_past) {
        (true, _) => (Tone::Unk, "revoked"),
        (false, true) => (Tone::Unk, "ended"),
        (false, false) => (Tone::Ok, "valid"),
    };
    let reach = reach(&token);
    view! {
        <tr>
            <td>
                <b>{token.name.clone()}</b>
            </td>
            <td>
                <Badge tone text=word />
            </td>
            <td data-label="Role">{token.role.label()}</td>
            <td data-label="For">{reach}</td>
            <td data-label="Made by">{token.created_by}</td>
            <td data-label="Ends">
                <Ago at=token.expires_at />
            </td>
            <td data-label="Last used">
                {match token.last_used_at {
                    Some(at) => view! { <Ago at /> }.into_any(),
                    None => "never".into_any(),
                }}
            </td>
            <td class="num wide">
                {(tone == Tone::Ok)
                    .then(|| {
                        view! {
                            <details class="menu">
                                <summary class="btn" aria-label=format!("Revoke {}", token.name)>
                                    "Revoke"
                                </summary>
                                <div class="sheet">
                                    <ActionForm action=revoke>
                                        <input type="hidden" name="id" value=token.id.to_string() />
                                        <p class="hint">"Programs that use it are refused at once. It can't be made valid again."</p>
                                        <button class="btn dan" type="submit">
                                            {format!("Revoke {}", token.name)}
                                        </button>
                                    </ActionForm>
                                </div>
                            </details>
                        }
                    })}
            </td>
        </tr>
    }
}

/// What a token acts for.
fn reach(token: &ApiToken) -> String {
    match (&token.team, &token.host) {
        (Some(team), _) => team.name.clone(),
        (None, Some(host)) => host.clone(),
        (None, None) => match token.role {
            Role::Agent => "its first host",
            // It leads a team of its own, and has none.
            Role::TeamLead => "no team; sees every team's services",
            _ => "every team",
        }
        .to_owned(),
    }
}

#[component]
fn NewTokenForm(teams: Signal<Vec<Team>>, create: ServerAction<CreateToken>) -> impl IntoView {
    let failure = failure(create.into());
    let form = NodeRef::<html::Form>::new();
    let made = create.value();
    effect(move || {
        if matches!(made.get(), Some(Ok(_)))
            && let Some(form) = form.get_untracked()
        {
            form.reset();
        }
    });
    let mut options = vec![(String::new(), "no team".to_owned())];
    options.extend(
        teams
            .get_untracked()
            .into_iter()
            .map(|team| (team.id.to_string(), team.name)),
    );
    view! {
        <ActionForm action=create node_ref=form>
            <div class="form">
                <FormError failure fields=&["name", "role", "team", "host", "days", "password", "code"] />
                <Field
                    form="new-token"
                    name="name"
                    label="What it is for"
                    hint="e.g. nightly report"
                    maxlength=100
                    required=true
                    failure
                />
                <Choice
                    form="new-token"
                    name="role"
                    label="Role"
                    options=role_choices(&Role::ALL)
                    value="viewer"
                    hint="No token restores or manages users; an agent sends a host's samples and sees nothing."
                    failure
                />
                <Choice
                    form="new-token"
                    name="team"
                    label="Confined to"
                    options
                    hint="Not confined, it sees every team. A team lead's leads its team alone: without one it operates no service and sees no audit log."
                    failure
                />
                <Field
                    form="new-token"
                    name="host"
                    label="Host of an agent"
                    hint="Left empty, the first that uses it."
                    maxlength=253
                    failure
                />
                <Field
                    form="new-token"
                    name="days"
                    label="Ends after days"
                    value="90"
                    hint="1 to 365"
                    inputmode="numeric"
                    maxlength=3
                    required=true
                    failure
                />
                <Proof form="new-token" failure />
                <Submit text="Make the token" pending=create.pending() />
                <noscript>
                    <p class="hint">"A token is shown once, by a script: without scripts make it with ytops token add."</p>
                </noscript>
            </div>
        </ActionForm>
    }
}

#[cfg(test)]
mod tests;
