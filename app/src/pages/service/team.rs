//! Which team a service belongs to; a CTO may give it to another.

use leptos::prelude::*;
use types::{Capability, Error, deployment::Service, identity::Team};

use crate::{
    api::{self, deployment::SetServiceTeam, done},
    components::{
        action::{ActionForm, ServerAction},
        effect::memo,
        error_view::ErrorView,
        field::{Choice, FormError, Submit, failure},
        toast::Toasts,
        viewer::Viewer,
    },
};

/// Whether the one who looks may choose a team.
pub fn may_choose() -> Memo<bool> {
    let viewer = Viewer::here();
    memo(move || {
        viewer.with(|viewer| {
            viewer
                .as_ref()
                .is_some_and(|viewer| viewer.may(Capability::Manage))
        })
    })
}

/// The teams that they may choose from; none where they may not.
pub async fn choices(may: bool) -> Result<Option<Vec<Team>>, Error> {
    if may {
        api::identity::teams().await.map(Some)
    } else {
        Ok(None)
    }
}

/// The owner team, with the form that changes it for those who may.
#[component]
pub fn Owner(
    /// The service.
    service: Memo<Service>,
    /// Its team was chosen here, not by its label.
    is_chosen: Memo<bool>,
    /// What they may choose from, as [`choices`] gives it.
    teams: Result<Option<Vec<Team>>, Error>,
) -> impl IntoView {
    view! {
        <section class="card">
            <header>
                <h2>"Owner team"</h2>
                <span class="sp"></span>
                <b>{move || service.read().team.clone()}</b>
            </header>
            <div class="body">
                {match teams {
                    Ok(Some(teams)) => view! { <Change service is_chosen teams /> }.into_any(),
                    Ok(None) => {
                        view! {
                            <p class="hint">
                                "Its leads may start, stop and restart it. A CTO may give it to another team."
                            </p>
                        }
                            .into_any()
                    }
                    Err(error) => view! { <ErrorView error /> }.into_any(),
                }}
            </div>
        </section>
    }
}

#[component]
fn Change(service: Memo<Service>, is_chosen: Memo<bool>, teams: Vec<Team>) -> impl IntoView {
    let action = ServerAction::<SetServiceTeam>::new();
    let failure = failure(action.into());
    Toasts::here().follow(action.into(), |()| done::OWNER_CHANGED.to_owned());
    let team = service.with_untracked(|service| service.team.clone());
    // A team that the label names was not chosen, and goes where the label goes.
    let (chosen, by_label) = if is_chosen.get_untracked() {
        let chosen = teams.iter().find(|one| one.name == team);
        (
            chosen.map(|one| one.id.to_string()).unwrap_or_default(),
            String::new(),
        )
    } else {
        (String::new(), format!(": {team}"))
    };
    let mut options = vec![(
        String::new(),
        format!("as the label ytops.team says{by_label}"),
    )];
    options.extend(
        teams
            .into_iter()
            .map(|team| (team.id.to_string(), team.name)),
    );
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
}
