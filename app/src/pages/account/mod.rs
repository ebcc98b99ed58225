//! One's own account: who one is, the password, the second factor, the open sessions.

mod password;
mod second_factor;
pub mod sessions;

use leptos::prelude::*;
use leptos_meta::Title;
use types::{identity::Me, live::Topic};

use crate::{
    api,
    components::{clock::Ago, facts::Facts, frame::menu::Theme, live::Live, loaded::Loaded},
};

/// The page.
#[component]
pub fn AccountPage() -> impl IntoView {
    let changed = Live::here().version(&[Topic::Identity]);
    let me = Facts::new(move || changed.get(), |_| api::identity::me());
    view! {
        <Title text="Account" />
        <div class="head">
            <h1>"Account"</h1>
        </div>
        <div class="grid desk:grid-cols-2">
            <div class="grid content-start">
                <Profile me />
                <password::ChangePasswordCard />
            </div>
            <div class="grid content-start">
                <Loaded facts=me view=|me| view! { <second_factor::SecondFactor me /> }.into_any() />
                <sessions::Sessions />
            </div>
        </div>
    }
}

#[component]
fn Profile(me: Facts<Me>) -> impl IntoView {
    view! {
        <section class="card">
            <header>
                <h2>"Profile"</h2>
                <small>"A CTO changes name, address, role and teams."</small>
            </header>
            <Loaded facts=me view=|me| view! { <About me /> }.into_any() />
            <footer>
                <span class="text-muted">"Theme"</span>
                <Theme />
            </footer>
        </section>
    }
}

#[component]
fn About(me: Signal<Me>) -> impl IntoView {
    move || {
        let user = me.get().user;
        let teams: Vec<_> = user.teams.into_iter().map(|team| team.name).collect();
        let teams = if teams.is_empty() {
            "none".to_owned()
        } else {
            teams.join(", ")
        };
        view! {
            <dl class="facts body">
                <dt>"Name"</dt>
                <dd>{user.name}</dd>
                <dt>"E-mail"</dt>
                <dd>{user.email}</dd>
                <dt>"Role"</dt>
                <dd>
                    <a href="/settings/roles">{user.role.label()}</a>
                </dd>
                <dt>"Teams"</dt>
                <dd>{teams}</dd>
                {user.last_sign_in_at.map(|at| view! { <dt>"Signed in"</dt> <dd><Ago at /></dd> })}
            </dl>
        }
    }
}
