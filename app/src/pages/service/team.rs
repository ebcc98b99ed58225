//! Which team a service belongs to; a CTO may give it to another.

use leptos::{form::ActionForm, prelude::*};
use types::{Capability, deployment::Service};

use crate::{
    api::{self, deployment::SetServiceTeam},
    components::{
        field::{Choice, FormError, Submit, failure},
        loaded::Loaded,
        toast::Toasts,
        viewer::Viewer,
    },
};

/// The owner team, with the form that changes it for those who may.
#[component]
pub fn Owner(
    /// The service.
    service: Memo<Service>,
) -> impl IntoView {
    let viewer = Viewer::here();
    let may = viewer.with_untracked(|viewer| {
        viewer
            .as_ref()
            .is_some_and(|viewer| viewer.may(Capability::Manage))
    });
    view! {
        <section class="card">
            <header>
                <h2>"Owner team"</h2>
                <span class="sp"></span>
                <b>{move || service.read().team.clone()}</b>
            </header>
            <div class="body">
                {if may {
                    view! { <Change service /> }.into_any()
                } else {
                    view! {
                        <p class="hint">
                            "Its leads may start, stop and restart it. A CTO may give it to another team."
                        </p>
                    }
                        .into_any()
                }}
            </div>
        </section>
    }
}

#[component]
fn Change(service: Memo<Service>) -> impl IntoView {
    let teams = Resource::new(|| (), |()| api::identity::teams());
    let action = ServerAction::<SetServiceTeam>::new();
    let failure = failure(action.into());
    Toasts::here().follow(action.into(), |()| "The owner team was changed.".to_owned());
    view! {
        <Loaded
            facts=teams
            view=move |teams| {
                let chosen = teams
                    .get_untracked()
                    .into_iter()
                    .find(|one| service.with_untracked(|service| one.name == service.team))
                    .map(|one| one.id.to_string())
                    .unwrap_or_default();
                let mut options = vec![(String::new(), "as the label ytops.team says".to_owned())];
                options.extend(teams.get_untracked().into_iter().map(|team| (team.id.to_string(), team.name)));
                view! {
                    <ActionForm action=action>
                        <div class="form">
                            <FormError failure fields=&["team"] />
                            <input type="hidden" name="project" value=move || service.read().project.clone() />
                            <input type="hidden" name="service" value=move || service.read().name.clone() />
                            <Choice form="owner" name="team" label="Belongs to" options value=chosen failure />
                            <Submit text="Save" weight_class="btn" pending=action.pending() />
                        </div>
                    </ActionForm>
                }
                    .into_any()
            }
        />
    }
}
