//! Everyone who may sign in, or could once.

use leptos::prelude::*;
use types::{identity::User, live::Topic};

use super::{Head, refusal};
use crate::{
    api,
    components::{
        clock::Ago,
        facts::Facts,
        live::Live,
        loaded::Loaded,
        status::{Badge, Tone},
    },
};

/// The page.
#[component]
pub fn UsersPage() -> impl IntoView {
    if let Some(refusal) = refusal() {
        return view! {
            <Head title="Users" />
            {refusal}
        }
        .into_any();
    }
    let changed = Live::here().version(&[Topic::Identity]);
    let users = Facts::new(move || changed.get(), |_| api::identity::users());
    view! {
        <Head title="Users">
            <a class="btn pri" href="/settings/users/new">
                "Add a user"
            </a>
        </Head>
        <Loaded facts=users view=|users| view! { <Users users /> }.into_any() />
    }
    .into_any()
}

#[component]
fn Users(users: Signal<Vec<User>>) -> impl IntoView {
    view! {
        <section class="card" aria-label="Users">
            <table class="cards">
                <thead>
                    <tr>
                        <th>"Name"</th>
                        <th>"State"</th>
                        <th>"E-mail"</th>
                        <th>"Role"</th>
                        <th>"Teams"</th>
                        <th>"Second factor"</th>
                        <th>"Signed in"</th>
                    </tr>
                </thead>
                <tbody>{move || users.get().into_iter().map(row).collect_view()}</tbody>
            </table>
        </section>
    }
}

fn row(user: User) -> impl IntoView {
    let teams: Vec<_> = user.teams.into_iter().map(|team| team.name).collect();
    let (tone, word) = if user.disabled_at.is_some() {
        (Tone::Unk, "disabled")
    } else {
        (Tone::Ok, "active")
    };
    view! {
        <tr>
            <td>
                <a class="font-semibold" href=format!("/settings/users/{}", user.id)>
                    {user.name}
                </a>
            </td>
            <td>
                <Badge tone text=word />
            </td>
            <td class="wide break-all">{user.email}</td>
            <td data-label="Role">{user.role.label()}</td>
            <td data-label="Teams">{if teams.is_empty() { "none".to_owned() } else { teams.join(", ") }}</td>
            <td data-label="Second factor">{if user.totp { "on" } else { "off" }}</td>
            <td data-label="Signed in" class="whitespace-nowrap">
                {match user.last_sign_in_at {
                    Some(at) => view! { <Ago at /> }.into_any(),
                    None => "never".into_any(),
                }}
            </td>
        </tr>
    }
}
