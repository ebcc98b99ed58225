//! Settings: people, tokens, thresholds, how long samples are kept, and what the machine must have.

pub mod new_user;
pub mod preflight;
pub mod roles;
pub mod samples;
mod targets;
pub mod teams;
pub mod thresholds;
pub mod tokens;
pub mod user;
pub mod users;

use leptos::prelude::*;
use leptos_meta::Title;
use types::{Capability, Role, identity::Team};

use crate::components::{error_view::ErrorView, viewer::Viewer};

struct Section {
    href: &'static str,
    title: &'static str,
    about: &'static str,
    needs: Capability,
}

const SECTIONS: [Section; 8] = [
    Section {
        href: "/settings/users",
        title: "Users",
        about: "Who may sign in, with which role and in which teams.",
        needs: Capability::Manage,
    },
    Section {
        href: "/settings/teams",
        title: "Teams",
        about: "Services belong to teams; team leads run what is theirs.",
        needs: Capability::Manage,
    },
    Section {
        href: "/settings/tokens",
        title: "API tokens",
        about: "What programs enter with: a role, an end, shown once.",
        needs: Capability::Manage,
    },
    Section {
        href: "/settings/thresholds",
        title: "Thresholds and targets",
        about: "From where on a check warns, and what verification asks.",
        needs: Capability::Manage,
    },
    Section {
        href: "/settings/samples",
        title: "Samples",
        about: "How long figures are kept, and the room that they take.",
        needs: Capability::Manage,
    },
    Section {
        href: "/settings/preflight",
        title: "Preflight",
        about: "What the machine must have, and what it has.",
        needs: Capability::SeeStack,
    },
    Section {
        href: "/settings/roles",
        title: "Roles",
        about: "Who may do what.",
        needs: Capability::SeeStack,
    },
    Section {
        href: "/audit",
        title: "Audit log",
        about: "Who did what, and when.",
        needs: Capability::SeeAudit,
    },
];

/// Who may open a section, to those who may not.
const fn only(needs: Capability) -> &'static str {
    match needs {
        Capability::SeeAudit => "Only a CTO or a team lead may open this.",
        _ => "Only a CTO may open this.",
    }
}

/// The way into every part.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let viewer = Viewer::here();
    let cards = move || {
        SECTIONS
            .iter()
            .map(|section| {
                let may = viewer.with(|viewer| {
                    viewer
                        .as_ref()
                        .is_some_and(|viewer| viewer.may(section.needs))
                });
                let title = if may {
                    view! {
                        <a class="stretched" href=section.href>
                            {section.title}
                        </a>
                    }
                    .into_any()
                } else {
                    section.title.into_any()
                };
                view! {
                    <section class="card relative">
                        <div class="body grid gap-1">
                            <h2>{title}</h2>
                            <p class="text-muted">{section.about}</p>
                            {(!may).then(|| view! { <p class="hint">{only(section.needs)}</p> })}
                        </div>
                    </section>
                }
            })
            .collect_view()
    };
    view! {
        <Title text="Settings" />
        <div class="head">
            <h1>"Settings"</h1>
        </div>
        <div class="grid desk:grid-cols-3">{cards}</div>
    }
}

/// The head of a page below Settings.
#[component]
pub fn Head(
    /// The page's title.
    title: &'static str,
    /// Buttons at its end.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <Title text=title />
        <div class="head">
            <div class="min-w-0">
                <small>
                    <a href="/settings">"Settings"</a>
                </small>
                <h1>{title}</h1>
            </div>
            <span class="sp"></span>
            {children.map(|children| children())}
        </div>
    }
}

/// Why the viewer may not use a page for those who manage, as it is shown in place of its content.
pub fn refusal() -> Option<AnyView> {
    refusal_of(Capability::Manage)
}

/// Why the viewer may not use a page for those who may do this, as it is shown in place of its content. The server
/// refuses by itself; this spares them forms that lead nowhere.
pub fn refusal_of(capability: Capability) -> Option<AnyView> {
    let may = Viewer::here()
        .with_untracked(|viewer| viewer.as_ref().is_some_and(|viewer| viewer.may(capability)));
    (!may).then(|| {
        let error = types::Error::Forbidden { capability };
        view! { <ErrorView error /> }.into_any()
    })
}

/// A box a team, sent as `teams[]`.
#[component]
#[expect(
    clippy::needless_pass_by_value,
    reason = "a component owns what it is given"
)]
pub fn TeamBoxes(
    /// Every team.
    teams: Vec<Team>,
    /// Ids of those that are ticked.
    chosen: Vec<i64>,
) -> impl IntoView {
    let boxes: Vec<_> = teams
        .into_iter()
        .map(|team| {
            let is_chosen = chosen.contains(&team.id);
            view! {
                <label class="check">
                    <input type="checkbox" name="teams[]" value=team.id.to_string() checked=is_chosen />
                    <span>{team.name}</span>
                </label>
            }
        })
        .collect();
    view! {
        <fieldset class="field">
            <legend>"Teams"</legend>
            <div class="row gap-x-4">{boxes}</div>
        </fieldset>
    }
}

/// Roles as choices.
pub fn role_choices(roles: &[Role]) -> Vec<(String, String)> {
    roles
        .iter()
        .map(|role| (role.as_str().to_owned(), role.label().to_owned()))
        .collect()
}
