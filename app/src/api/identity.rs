//! Signing in and out, one's own account, and the CTO's users, teams and tokens.

use leptos::prelude::*;
use types::{
    Error, Role,
    identity::{ApiToken, Me, NewToken, SessionInfo, Team, TotpEnrolment, User},
};

/// Who looks at the page.
#[server(prefix = "/fn", endpoint = "read_me")]
pub async fn read_me() -> Result<Me, Error> {
    let (_ops, _actor) = crate::ssr::asked()?;
    Err(crate::ssr::later())
}

/// Makes the first CTO with the one-time link's token, and signs them in.
#[server(prefix = "/fn", endpoint = "set_up")]
pub async fn set_up(
    token: String,
    name: String,
    email: String,
    password: String,
) -> Result<(), Error> {
    let _ = (token, name, email, password);
    Err(crate::ssr::later())
}

/// Opens a session; gives the page to go to.
#[server(prefix = "/fn", endpoint = "sign_in")]
pub async fn sign_in(
    email: String,
    password: String,
    #[server(default)] code: String,
    #[server(default)] next: String,
) -> Result<String, Error> {
    let _ = (email, password, code, next);
    Err(crate::ssr::later())
}

/// Ends the session.
#[server(prefix = "/fn", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), Error> {
    Err(crate::ssr::later())
}

/// Changes one's own password; every other session of theirs ends.
#[server(prefix = "/fn", endpoint = "change_password")]
pub async fn change_password(current: String, new: String) -> Result<(), Error> {
    let (_ops, _actor) = crate::ssr::asked()?;
    let _ = (current, new);
    Err(crate::ssr::later())
}

/// The open sessions: one's own, or with `user` those of another, for the CTO.
#[server(prefix = "/fn", endpoint = "read_sessions")]
pub async fn read_sessions(user: Option<i64>) -> Result<Vec<SessionInfo>, Error> {
    let (_ops, _actor) = crate::ssr::asked()?;
    let _ = user;
    Err(crate::ssr::later())
}

/// Ends a session by its handle.
#[server(prefix = "/fn", endpoint = "end_session")]
pub async fn end_session(handle: String) -> Result<(), Error> {
    let (_ops, _actor) = crate::ssr::asked()?;
    let _ = handle;
    Err(crate::ssr::later())
}

/// Begins to enrol a second factor: a secret that counts once a code of it is confirmed.
#[server(prefix = "/fn", endpoint = "begin_totp")]
pub async fn begin_totp(
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<TotpEnrolment, Error> {
    let (_ops, _actor) = crate::ssr::asked_with_proof(&password, &code).await?;
    Err(crate::ssr::later())
}

/// Confirms the second factor by its first code; gives the recovery codes, once.
#[server(prefix = "/fn", endpoint = "confirm_totp")]
pub async fn confirm_totp(totp: String) -> Result<Vec<String>, Error> {
    let (_ops, _actor) = crate::ssr::asked()?;
    let _ = totp;
    Err(crate::ssr::later())
}

/// Takes the second factor away.
#[server(prefix = "/fn", endpoint = "disable_totp")]
pub async fn disable_totp(
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<(), Error> {
    let (_ops, _actor) = crate::ssr::asked_with_proof(&password, &code).await?;
    Err(crate::ssr::later())
}

/// Everyone.
#[server(prefix = "/fn", endpoint = "read_users")]
pub async fn read_users() -> Result<Vec<User>, Error> {
    let (_ops, _actor) = crate::ssr::asked()?;
    Err(crate::ssr::later())
}

/// Makes an account; gives its id.
#[server(prefix = "/fn", endpoint = "create_user")]
pub async fn create_user(
    name: String,
    email: String,
    role: Role,
    #[server(default)] teams: Vec<i64>,
    new_password: String,
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<i64, Error> {
    let (_ops, _actor) = crate::ssr::asked_with_proof(&password, &code).await?;
    let _ = (name, email, role, teams, new_password);
    Err(crate::ssr::later())
}

/// Changes an account's name, address, role and teams.
#[server(prefix = "/fn", endpoint = "update_user")]
pub async fn update_user(
    id: i64,
    name: String,
    email: String,
    role: Role,
    #[server(default)] teams: Vec<i64>,
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<(), Error> {
    let (_ops, _actor) = crate::ssr::asked_with_proof(&password, &code).await?;
    let _ = (id, name, email, role, teams);
    Err(crate::ssr::later())
}

/// Shuts an account, which ends its sessions, or opens it again.
#[server(prefix = "/fn", endpoint = "set_user_disabled")]
pub async fn set_user_disabled(
    id: i64,
    disabled: bool,
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<(), Error> {
    let (_ops, _actor) = crate::ssr::asked_with_proof(&password, &code).await?;
    let _ = (id, disabled);
    Err(crate::ssr::later())
}

/// Sets another's password, which ends their sessions.
#[server(prefix = "/fn", endpoint = "reset_password")]
pub async fn reset_password(
    id: i64,
    new_password: String,
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<(), Error> {
    let (_ops, _actor) = crate::ssr::asked_with_proof(&password, &code).await?;
    let _ = (id, new_password);
    Err(crate::ssr::later())
}

/// Every team with its members.
#[server(prefix = "/fn", endpoint = "read_teams")]
pub async fn read_teams() -> Result<Vec<Team>, Error> {
    let (_ops, _actor) = crate::ssr::asked()?;
    Err(crate::ssr::later())
}

/// Makes a team.
#[server(prefix = "/fn", endpoint = "create_team")]
pub async fn create_team(name: String) -> Result<(), Error> {
    let (_ops, _actor) = crate::ssr::asked()?;
    let _ = name;
    Err(crate::ssr::later())
}

/// Removes a team without members or services.
#[server(prefix = "/fn", endpoint = "delete_team")]
pub async fn delete_team(id: i64) -> Result<(), Error> {
    let (_ops, _actor) = crate::ssr::asked()?;
    let _ = id;
    Err(crate::ssr::later())
}

/// Every API token, without its secret.
#[server(prefix = "/fn", endpoint = "read_tokens")]
pub async fn read_tokens() -> Result<Vec<ApiToken>, Error> {
    let (_ops, _actor) = crate::ssr::asked()?;
    Err(crate::ssr::later())
}

/// Makes a token that ends after `days`; its secret is given once.
#[server(prefix = "/fn", endpoint = "create_token")]
pub async fn create_token(
    name: String,
    role: Role,
    #[server(default)] team: String,
    days: u32,
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<NewToken, Error> {
    let (_ops, _actor) = crate::ssr::asked_with_proof(&password, &code).await?;
    let _ = (name, role, team, days);
    Err(crate::ssr::later())
}

/// Ends a token at once.
#[server(prefix = "/fn", endpoint = "revoke_token")]
pub async fn revoke_token(id: i64) -> Result<(), Error> {
    let (_ops, _actor) = crate::ssr::asked()?;
    let _ = id;
    Err(crate::ssr::later())
}
