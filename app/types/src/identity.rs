//! Users, teams, sessions and tokens as pages and the API see them. No hash is ever among them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{OffsetDateTime, Role};

/// A person who may sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// The user's id.
    pub id: i64,
    /// The address they sign in with; unique whatever its case.
    pub email: String,
    /// The name that pages show.
    pub name: String,
    /// Their one role.
    pub role: Role,
    /// The teams they belong to, by name.
    pub teams: Vec<TeamRef>,
    /// A second factor is enrolled.
    pub totp: bool,
    /// Since when they may not sign in.
    #[serde(with = "crate::instant::option")]
    pub disabled_at: Option<OffsetDateTime>,
    /// When the account was made.
    #[serde(with = "crate::instant")]
    pub created_at: OffsetDateTime,
    /// The last time they signed in.
    #[serde(with = "crate::instant::option")]
    pub last_sign_in_at: Option<OffsetDateTime>,
}

/// A team by id and name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TeamRef {
    /// The team's id.
    pub id: i64,
    /// The team's name, unique.
    pub name: String,
}

/// A team with its members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Team {
    /// The team's id.
    pub id: i64,
    /// The team's name, unique.
    pub name: String,
    /// Ids and names of the members.
    pub members: Vec<Member>,
}

/// A member of a team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    /// The user's id.
    pub user_id: i64,
    /// The user's name.
    pub name: String,
}

/// A session of a signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionInfo {
    /// A public handle (a prefix of the stored hash), enough to end it, useless to enter with.
    pub handle: String,
    /// Whose it is.
    pub user_id: i64,
    /// Their name.
    pub user_name: String,
    /// The address it was last used from.
    pub address: String,
    /// The browser as it names itself.
    pub user_agent: String,
    /// When it was opened.
    #[serde(with = "crate::instant")]
    pub created_at: OffsetDateTime,
    /// When it was last used.
    #[serde(with = "crate::instant")]
    pub last_seen_at: OffsetDateTime,
    /// It is the one that asks.
    pub current: bool,
}

/// An API token; the token itself is shown once, when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiToken {
    /// The token's id.
    pub id: i64,
    /// What it is for.
    pub name: String,
    /// The role it acts with.
    pub role: Role,
    /// The team it is confined to, if any.
    pub team: Option<TeamRef>,
    /// The one host that an agent's token sends for; none before its first use, and for all other tokens.
    pub host: Option<String>,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    #[serde(with = "crate::instant")]
    pub created_at: OffsetDateTime,
    /// When it ends.
    #[serde(with = "crate::instant")]
    pub expires_at: OffsetDateTime,
    /// When it was last used.
    #[serde(with = "crate::instant::option")]
    pub last_used_at: Option<OffsetDateTime>,
    /// Since when it is dead.
    #[serde(with = "crate::instant::option")]
    pub revoked_at: Option<OffsetDateTime>,
}

/// A token just made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewToken {
    /// Its record.
    pub token: ApiToken,
    /// The bearer secret; never shown again.
    pub secret: String,
}

/// Who is looking at the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// The signed-in user.
    pub user: User,
    /// Recovery codes not yet used.
    pub recovery_codes_left: i64,
    /// Until when the last proof of password counts.
    #[serde(with = "crate::instant::option")]
    pub proof_until: Option<OffsetDateTime>,
}

/// What a person needs to enrol a second factor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TotpEnrolment {
    /// The secret in base32, to type.
    pub secret: String,
    /// The `otpauth://` address, to scan.
    pub url: String,
    /// The same as a square of modules, row by row, true for dark.
    pub qr: Vec<Vec<bool>>,
}

/// What makes a user.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewUser {
    /// The address they will sign in with; at most 254 characters.
    pub email: String,
    /// The name that pages show; 1 to 100 characters.
    pub name: String,
    /// Their one role.
    pub role: Role,
    /// Ids of the teams they belong to.
    #[serde(default)]
    pub teams: Vec<i64>,
    /// Their first password; 12 to 200 characters.
    pub password: String,
}

impl fmt::Debug for NewUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewUser")
            .field("email", &self.email)
            .field("name", &self.name)
            .field("role", &self.role)
            .field("teams", &self.teams)
            .finish_non_exhaustive()
    }
}

/// What may be changed of a user; all of it is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserEdit {
    /// The address they sign in with; at most 254 characters.
    pub email: String,
    /// The name that pages show; 1 to 100 characters.
    pub name: String,
    /// Their one role.
    pub role: Role,
    /// Ids of the teams they belong to.
    #[serde(default)]
    pub teams: Vec<i64>,
}

/// What makes an API token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenRequest {
    /// What it is for; 1 to 100 characters.
    pub name: String,
    /// The role it acts with.
    pub role: Role,
    /// The id of the team it is confined to, if any.
    #[serde(default)]
    pub team: Option<i64>,
    /// Days until it ends, 1 to 365.
    pub days: i64,
    /// For the role agent: the one host that it sends for; the first that it is used for where none is given.
    #[serde(default)]
    pub host: Option<String>,
}
