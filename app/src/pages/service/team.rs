//! Which team a service belongs to; a CTO may give it to another.

use leptos::{form::ActionForm, prelude::*};
use types::Capability;

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
pub fn Owner(project: String, service: String, team: Signal<String>) -> impl IntoView {
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
                <b>{move || team.get()}</b>
            </header>
            <div class="body">
                {if may {
                    view! { <Change project service team /> }.into_any()
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
fn Change(project: String, service: String, team: Signal<String>) -> impl IntoView {
    let teams = Resource::new(|| (), |()| api::identity::teams());
    let action = ServerAction::<SetServiceTeam>::new();
    let failure = failure(action.into());
    Toasts::here().follow(action.into(), |()| "The owner team was changed.".to_owned());
    let names = StoredValue::new((project, service));
    view! {
        <Loaded
            facts=teams
            view=move |teams| {
                let (project, service) = names.get_value();
                let chosen = teams
                    .get_untracked()
                    .into_iter()
                    .find(|one| one.name == team.get_untracked())
                    .map(|one| one.id.to_string())
                    .unwrap_or_default();
                let mut options = vec![(String::new(), "as the label ytops.team says".to_owned())];
                options.extend(teams.get_untracked().into_iter().map(|team| (team.id.to_string(), team.name)));
                view! {
                    <ActionForm action=action>
                        <div class="form">
                            <FormError failure fields=&["team"] />
                            <input type="hidden" name="project" value=project />
                            <input type="hidden" name="service" value=service />
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
