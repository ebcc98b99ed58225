//! Who may do what: the table that the server itself decides by.

use leptos::prelude::*;
use types::{Capability, Role, access::Reach};

use super::Head;
use crate::components::format::capitalised;

/// The page.
#[component]
pub fn RolesPage() -> impl IntoView {
    let heads: Vec<_> = Role::ALL
        .iter()
        .map(|role| view! { <th scope="col">{role.label()}</th> })
        .collect();
    let rows: Vec<_> = Capability::ALL
        .into_iter()
        .filter(|capability| capability.is_used())
        .map(|capability| {
            let cells: Vec<_> = Role::ALL
                .into_iter()
                .map(|role| {
                    let reach = capability.reach(role);
                    let class = if matches!(reach, Reach::None | Reach::OwnIncident) {
                        "text-muted"
                    } else {
                        ""
                    };
                    view! { <td class=class data-label=role.label()>{words(reach)}</td> }
                })
                .collect();
            view! {
                <tr>
                    <th scope="row" class="whitespace-normal">
                        {capitalised(capability.label())}
                    </th>
                    {cells}
                </tr>
            }
        })
        .collect();
    view! {
        <Head title="Roles" />
        <p class="mb-3 text-muted">
            "A user has one role and any number of teams. Restoring, stopping, changing users and making tokens ask for "
            "the password again when the last proof is older than five minutes."
        </p>
        <section class="card" aria-label="Who may do what">
            <table class="cards roles">
                <thead>
                    <tr>
                        <th scope="col">"May"</th>
                        {heads}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}

const fn words(reach: Reach) -> &'static str {
    match reach {
        Reach::All => "yes",
        Reach::OwnTeam => "own team's",
        // There are none yet.
        Reach::OwnIncident => "not in this version",
        Reach::Own => "own",
        Reach::None => "no",
    }
}
