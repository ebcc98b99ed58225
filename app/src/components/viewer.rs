//! Who looks at the page.

use crate::components::facts::shared;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use types::{Capability, Role, access::Reach, identity::Me};

/// The signed-in person, as far as pages need to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// Their id.
    pub id: i64,
    /// The address they sign in with.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// Their teams, by name.
    pub teams: Vec<String>,
    /// Until when their last proof of password counts.
    #[serde(with = "types::instant::option")]
    pub proof_until: Option<OffsetDateTime>,
    /// They have a second factor.
    pub has_second_factor: bool,
}

/// The viewer as a signal: a role that changes shows at once.
pub type Looking = RwSignal<Option<Viewer>>;

impl Viewer {
    /// Learns from the request who looks, and gives it to everything below.
    pub fn provide() -> Looking {
        let viewer = RwSignal::new(shared(from_request));
        provide_context(viewer);
        viewer
    }

    /// Who looks at this page.
    pub fn here() -> Looking {
        use_context::<Looking>().unwrap_or_default()
    }

    /// May do this somewhere, if only during an incident that is theirs.
    pub fn may(&self, capability: Capability) -> bool {
        !matches!(capability.reach(self.role), Reach::None)
    }

    /// May do this to everything, or to whatever belongs to one of their teams.
    pub fn may_at_any_time(&self, capability: Capability) -> bool {
        matches!(capability.reach(self.role), Reach::All | Reach::OwnTeam)
    }

    /// Their role reaches what belongs to their teams, and they are in none.
    pub fn is_lead_of_nothing(&self) -> bool {
        self.role == Role::TeamLead && self.teams.is_empty()
    }

    /// Why they may not do this to what belongs to `team`; none when they may. The server decides; this only tells
    /// beforehand what it would say.
    pub fn may_not(&self, capability: Capability, team: &str) -> Option<String> {
        let ask = format!("Ask a lead of {team} or a CTO.");
        match capability.reach(self.role) {
            Reach::All => None,
            Reach::OwnTeam if self.teams.iter().any(|own| own == team) => None,
            Reach::OwnTeam => Some(format!(
                "It belongs to the team {team}, which you are not in. {ask}"
            )),
            // There are no incidents yet, so none is theirs.
            Reach::OwnIncident | Reach::Own | Reach::None => Some(format!(
                "{}s may not {}. {ask}",
                self.role.label(),
                capability.label()
            )),
        }
    }
}

impl From<Me> for Viewer {
    fn from(me: Me) -> Self {
        Self {
            id: me.user.id,
            name: me.user.email,
            role: me.user.role,
            teams: me.user.teams.into_iter().map(|team| team.name).collect(),
            proof_until: me.proof_until,
            has_second_factor: me.user.totp,
        }
    }
}

#[cfg(feature = "ssr")]
fn from_request() -> Option<Viewer> {
    let (_, actor) = crate::ssr::asked().ok()?;
    let ops::Who::User {
        id,
        proved_at,
        has_second_factor,
        ..
    } = actor.who
    else {
        return None;
    };
    Some(Viewer {
        id,
        name: actor.name,
        role: actor.role,
        teams: actor.teams,
        proof_until: proved_at.map(|at| at + ops::actor::PROOF_LASTS),
        has_second_factor,
    })
}

#[cfg(not(feature = "ssr"))]
fn from_request() -> Option<Viewer> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn viewer(role: Role) -> Viewer {
        Viewer {
            id: 1,
            name: "Ada".to_owned(),
            role,
            teams: vec!["data".to_owned()],
            proof_until: None,
            has_second_factor: false,
        }
    }

    #[test]
    fn a_refusal_names_its_reason() {
        assert_eq!(
            viewer(Role::Cto).may_not(Capability::OperateServices, "web"),
            None
        );
        assert_eq!(
            viewer(Role::TeamLead).may_not(Capability::OperateServices, "data"),
            None
        );
        let other = viewer(Role::TeamLead).may_not(Capability::OperateServices, "web");
        assert!(other.is_some_and(|why| why.contains("team web")));
        let never = viewer(Role::Viewer).may_not(Capability::OperateServices, "data");
        assert!(never.is_some_and(|why| why.starts_with("Viewers may not")));
        let engineer = viewer(Role::Engineer).may_not(Capability::OperateServices, "data");
        assert_eq!(
            engineer.as_deref(),
            Some(
                "Engineers may not start, stop or restart services, or run verification. Ask a lead of data or a CTO."
            )
        );
    }

    #[test]
    fn an_incident_of_theirs_is_not_any_time() {
        for (role, expected) in [
            (Role::Cto, true),
            (Role::TeamLead, true),
            (Role::Engineer, false),
            (Role::Viewer, false),
        ] {
            let may = viewer(role).may_at_any_time(Capability::OperateServices);
            assert_eq!(may, expected, "{role:?}");
        }
        assert!(viewer(Role::Engineer).may(Capability::OperateServices));
    }
}
