//! Who acts, from where, and what they may.

use time::{Duration, OffsetDateTime};
use types::{Capability, Error, Role, access::Reach};

/// How long a proof of password counts.
pub const PROOF_LASTS: Duration = Duration::minutes(5);

/// Where a request came from; known even when nobody is signed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// The client's address, behind trusted proxies.
    pub address: String,
    /// The program as it names itself, cut at 200 characters.
    pub user_agent: String,
    /// The request's id in the log.
    pub trace_id: String,
}

/// What kind of actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// A signed-in person.
    User {
        /// Their id.
        id: i64,
        /// The stored hash of their session's id, to know it among others.
        session: Vec<u8>,
        /// When they last proved password (and second factor) in this session.
        proved_at: Option<OffsetDateTime>,
        /// They have a second factor.
        has_second_factor: bool,
    },
    /// An API token.
    Token {
        /// The token's id.
        id: i64,
    },
    /// The console itself: background loops and the command line.
    System,
}

/// Who acts. Made by the HTTP layer from a session or a token, or by the console for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// What kind, and which.
    pub who: Who,
    /// The name in the audit log: a user's e-mail, `token`, a token's name and its number, or `system`.
    pub name: String,
    /// The role.
    pub role: Role,
    /// The teams they belong to, by name.
    pub teams: Vec<String>,
    /// Where the request came from.
    pub caller: Caller,
}

impl Actor {
    /// The console itself, which may do everything it does.
    pub fn system() -> Self {
        Self {
            who: Who::System,
            name: "system".to_owned(),
            role: Role::Cto,
            teams: Vec::new(),
            caller: Caller::default(),
        }
    }

    /// The signed-in user's id.
    pub const fn user_id(&self) -> Option<i64> {
        match self.who {
            Who::User { id, .. } => Some(id),
            _ => None,
        }
    }

    /// The id that the audit log keeps beside the name.
    pub const fn id(&self) -> Option<i64> {
        match self.who {
            Who::User { id, .. } | Who::Token { id } => Some(id),
            Who::System => None,
        }
    }

    /// May do this somewhere: everywhere, or at least for one of their teams. A token, whatever its role, neither
    /// manages nor restores.
    ///
    /// # Errors
    /// `Forbidden` with the capability that lacks.
    pub fn may(&self, capability: Capability) -> Result<Reach, Error> {
        let is_for_people = matches!(capability, Capability::Manage | Capability::Restore);
        if is_for_people && matches!(self.who, Who::Token { .. }) {
            return Err(Error::Forbidden { capability });
        }
        match capability.reach(self.role) {
            Reach::None => Err(Error::Forbidden { capability }),
            // A token confined to a team reaches no further than that team.
            Reach::All if self.is_confined() => Ok(Reach::OwnTeam),
            reach => Ok(reach),
        }
    }

    /// May do this to what belongs to `team`. An engineer's reach over services is only during an incident that is
    /// theirs; `incident_is_theirs` says whether there is one.
    ///
    /// # Errors
    /// `Forbidden` with the capability that lacks.
    pub fn may_for_team(
        &self,
        capability: Capability,
        team: &str,
        incident_is_theirs: bool,
    ) -> Result<(), Error> {
        let allowed = match self.may(capability)? {
            Reach::All => true,
            Reach::OwnTeam => self.teams.iter().any(|own| own == team),
            Reach::OwnIncident => incident_is_theirs,
            Reach::Own | Reach::None => false,
        };
        if allowed {
            Ok(())
        } else {
            Err(Error::Forbidden { capability })
        }
    }

    /// Proved their password within the last five minutes. The console needn't, and neither need tokens: nobody is
    /// there to type a password, and the secret that came with the request is itself the proof (it was made by
    /// somebody who proved theirs). What a token must never do, restore and manage, [`Actor::may`] refuses.
    ///
    /// # Errors
    /// `StepUpRequired`.
    pub fn must_have_proved(&self, now: OffsetDateTime) -> Result<(), Error> {
        match &self.who {
            Who::System | Who::Token { .. } => Ok(()),
            Who::User {
                proved_at: Some(at),
                ..
            } if now - *at <= PROOF_LASTS => Ok(()),
            Who::User { .. } => Err(Error::StepUpRequired),
        }
    }

    /// May know of what belongs to `team`: whoever acts for one team only learns nothing of the others'.
    pub fn sees_team(&self, team: &str) -> bool {
        !self.is_confined() || self.teams.iter().any(|own| own == team)
    }

    /// May see what is of no one team: the checks and the figures of the whole platform.
    ///
    /// # Errors
    /// `Forbidden` with the capability that lacks.
    pub fn may_see_platform(&self) -> Result<(), Error> {
        let capability = Capability::SeeStack;
        self.may(capability)?;
        if self.is_confined() {
            return Err(Error::Forbidden { capability });
        }
        Ok(())
    }

    /// Acts for one team only.
    pub const fn is_confined(&self) -> bool {
        matches!(self.who, Who::Token { .. }) && !self.teams.is_empty()
    }
}
