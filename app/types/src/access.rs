//! Who may do what: the roles, the capabilities, and the table that joins them.

use serde::{Deserialize, Serialize};

/// A user has one role; a token carries one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sends the samples of its host, and nothing else. Tokens alone have it.
    Agent,
    /// Sees only.
    Viewer,
    /// Takes part in on-call.
    Engineer,
    /// Runs what belongs to their teams.
    TeamLead,
    /// Runs everything.
    Cto,
}

impl Role {
    /// Every role, the most powerful first.
    pub const ALL: [Self; 5] = [
        Self::Cto,
        Self::TeamLead,
        Self::Engineer,
        Self::Viewer,
        Self::Agent,
    ];

    /// Those that a user may have.
    pub const OF_USERS: [Self; 4] = [Self::Cto, Self::TeamLead, Self::Engineer, Self::Viewer];

    /// The name used in the database, the API and forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cto => "cto",
            Self::TeamLead => "team_lead",
            Self::Engineer => "engineer",
            Self::Viewer => "viewer",
            Self::Agent => "agent",
        }
    }

    /// The name that people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Cto => "CTO",
            Self::TeamLead => "Team lead",
            Self::Engineer => "Engineer",
            Self::Viewer => "Viewer",
            Self::Agent => "Agent",
        }
    }

    /// Reads [`Role::as_str`] back; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// What a use-case asks of its actor; a row of the capability table in docs/roles.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// See deployment, resources, backups, incidents.
    SeeStack,
    /// See keys (never a secret) and security findings.
    SeeKeys,
    /// See the audit log.
    SeeAudit,
    /// Declare, acknowledge, note, resolve, assign, escalate an incident.
    ChangeIncidents,
    /// Write a post-mortem.
    WritePostMortem,
    /// Close a post-mortem.
    ClosePostMortem,
    /// Edit schedules, escalation policies, channels.
    EditOnCall,
    /// Start, stop, restart a service; run verification.
    OperateServices,
    /// Deploy, roll back.
    Deploy,
    /// Take a backup, run a restore drill.
    TakeBackups,
    /// Restore.
    Restore,
    /// Record a rotation, edit a key.
    EditKeys,
    /// Manage users, teams, roles, tokens, settings.
    Manage,
    /// Send the samples of a host: `ytops agent`.
    SendSamples,
}

/// How far a role's capability reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Everywhere.
    All,
    /// What belongs to one of the actor's teams.
    OwnTeam,
    /// A service of an open incident that is assigned to the actor.
    OwnIncident,
    /// The actor's own things.
    Own,
    /// Nowhere.
    None,
}

impl Capability {
    /// Every capability, in the order of the table.
    pub const ALL: [Self; 14] = [
        Self::SeeStack,
        Self::SeeKeys,
        Self::SeeAudit,
        Self::ChangeIncidents,
        Self::WritePostMortem,
        Self::ClosePostMortem,
        Self::EditOnCall,
        Self::OperateServices,
        Self::Deploy,
        Self::TakeBackups,
        Self::Restore,
        Self::EditKeys,
        Self::Manage,
        Self::SendSamples,
    ];

    /// The capability in a person's words, to follow "you may not".
    pub const fn label(self) -> &'static str {
        match self {
            Self::SeeStack => "see the deployment",
            Self::SeeKeys => "see keys and findings",
            Self::SeeAudit => "see the audit log",
            Self::ChangeIncidents => "change incidents",
            Self::WritePostMortem => "write a post-mortem",
            Self::ClosePostMortem => "close a post-mortem",
            Self::EditOnCall => "edit schedules and channels",
            Self::OperateServices => "start, stop or restart services, or run verification",
            Self::Deploy => "deploy or roll back",
            Self::TakeBackups => "take backups or run drills",
            Self::Restore => "restore",
            Self::EditKeys => "edit keys",
            Self::Manage => "manage users, teams, roles, tokens and settings",
            Self::SendSamples => "send samples of a host",
        }
    }

    /// Whether something in this version asks for it.
    pub const fn is_used(self) -> bool {
        matches!(
            self,
            Self::SeeStack
                | Self::SeeAudit
                | Self::OperateServices
                | Self::TakeBackups
                | Self::Restore
                | Self::Manage
                | Self::SendSamples
        )
    }

    /// The table itself: how far `role` reaches with this capability.
    pub const fn reach(self, role: Role) -> Reach {
        use Reach::{All, None, Own, OwnIncident, OwnTeam};
        // Columns: cto, team_lead, engineer, viewer, agent.
        let row = match self {
            Self::SeeStack => [All, All, All, All, None],
            Self::SeeKeys => [All, All, OwnTeam, None, None],
            Self::SeeAudit => [All, OwnTeam, None, None, None],
            Self::ChangeIncidents | Self::WritePostMortem => [All, All, All, None, None],
            Self::ClosePostMortem => [All, All, None, None, None],
            Self::EditOnCall => [All, OwnTeam, Own, Own, None],
            Self::OperateServices => [All, OwnTeam, OwnIncident, None, None],
            Self::Deploy | Self::TakeBackups | Self::Restore | Self::EditKeys => {
                [All, OwnTeam, None, None, None]
            }
            Self::Manage => [All, None, None, None, None],
            Self::SendSamples => [None, None, None, None, Own],
        };
        match role {
            Role::Cto => row[0],
            Role::TeamLead => row[1],
            Role::Engineer => row[2],
            Role::Viewer => row[3],
            Role::Agent => row[4],
        }
    }
}

/// The team that owns what names no other.
pub const DEFAULT_TEAM: &str = "platform";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn role_names_read_back() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        assert_eq!(Role::parse("root"), None);
    }

    #[test]
    fn an_agent_sends_samples_and_nothing_else_and_nobody_else_does() {
        for capability in Capability::ALL {
            let sends = capability == Capability::SendSamples;
            let expected = if sends { Reach::Own } else { Reach::None };
            assert_eq!(capability.reach(Role::Agent), expected, "{capability:?}");
            for role in Role::OF_USERS {
                assert!(!sends || capability.reach(role) == Reach::None, "{role:?}");
            }
        }
    }

    #[test]
    fn only_the_cto_manages() {
        for role in Role::ALL {
            let expected = if role == Role::Cto {
                Reach::All
            } else {
                Reach::None
            };
            assert_eq!(Capability::Manage.reach(role), expected);
        }
    }

    #[test]
    fn a_viewer_changes_nothing_but_their_own_channels() {
        for capability in Capability::ALL {
            let reach = capability.reach(Role::Viewer);
            match capability {
                Capability::SeeStack => assert_eq!(reach, Reach::All),
                Capability::EditOnCall => assert_eq!(reach, Reach::Own),
                _ => assert_eq!(reach, Reach::None, "{capability:?}"),
            }
        }
    }
}
