//! One's own account.

use leptos::prelude::*;
use types::{
    Error,
    identity::{SessionInfo, TotpEnrolment},
};

#[cfg(feature = "ssr")]
use crate::api::done;

/// Who looks at the page.
#[server(prefix = "/fn", endpoint = "me", output = types::wire::Json)]
pub async fn me() -> Result<types::identity::Me, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::identity::users::me(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)
}

/// Changes one's own password; every other session of theirs ends.
#[server(prefix = "/fn", endpoint = "change_password", output = types::wire::Json)]
pub async fn change_password(current: String, new: String) -> Result<(), Error> {
    let (ops, actor) = crate::ssr::asked()?;
    let device = crate::ssr::session::device();
    let generation =
        ops::identity::users::change_password(&ops, &actor, &current, &new, device.as_deref())
            .await
            .map_err(crate::ssr::tell)?;
    crate::ssr::session::renew(generation).await?;
    crate::ssr::done::say(done::PASSWORD_CHANGED);
    Ok(())
}

/// The open sessions: one's own, or with `user` those of another, for a CTO.
#[server(prefix = "/fn", endpoint = "sessions", output = types::wire::Json)]
pub async fn sessions(user: Option<i64>) -> Result<Vec<SessionInfo>, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    let id = user.or(actor.user_id()).ok_or(Error::Unauthenticated)?;
    ops::identity::sessions::list(&ops, &actor, id)
        .await
        .map_err(crate::ssr::tell)
}

/// Ends a session by its handle.
#[server(prefix = "/fn", endpoint = "end_session", output = types::wire::Json)]
pub async fn end_session(handle: String) -> Result<(), Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::identity::sessions::end(&ops, &actor, &handle)
        .await
        .map_err(crate::ssr::tell)?;
    crate::ssr::done::say(done::SESSION_ENDED);
    Ok(())
}

/// Ends every session of one's own but the one that asks.
#[server(prefix = "/fn", endpoint = "end_other_sessions", output = types::wire::Json)]
pub async fn end_other_sessions() -> Result<(), Error> {
    let (ops, actor) = crate::ssr::asked()?;
    let id = actor.user_id().ok_or(Error::Unauthenticated)?;
    ops::identity::sessions::end_all_of(&ops, &actor, id)
        .await
        .map(drop)
        .map_err(crate::ssr::tell)
}

/// Begins to enrol a second factor: a secret that counts once a code of it is confirmed.
#[server(prefix = "/fn", endpoint = "begin_totp", output = types::wire::Json)]
pub async fn begin_totp(
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<TotpEnrolment, Error> {
    crate::ssr::needs_script("")?;
    let (ops, actor) = crate::ssr::asked_with_proof(&password, &code).await?;
    ops::identity::totp::begin(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)
}

/// Confirms the second factor by a code of it; gives the recovery codes, once.
#[server(prefix = "/fn", endpoint = "confirm_totp", output = types::wire::Json)]
pub async fn confirm_totp(code: String) -> Result<Vec<String>, Error> {
    crate::ssr::needs_script("")?;
    let (ops, actor) = crate::ssr::asked()?;
    ops::identity::totp::confirm(&ops, &actor, &code)
        .await
        .map_err(crate::ssr::tell)
}

/// Makes new recovery codes; the old ones are dead.
#[server(prefix = "/fn", endpoint = "regenerate_codes", output = types::wire::Json)]
pub async fn regenerate_codes(
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<Vec<String>, Error> {
    crate::ssr::needs_script("")?;
    let (ops, actor) = crate::ssr::asked_with_proof(&password, &code).await?;
    ops::identity::totp::regenerate(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)
}

/// Takes one's second factor away.
#[server(prefix = "/fn", endpoint = "disable_totp", output = types::wire::Json)]
pub async fn disable_totp(
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<(), Error> {
    let (ops, actor) = crate::ssr::asked_with_proof(&password, &code).await?;
    ops::identity::totp::disable(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)?;
    crate::ssr::done::say(done::FACTOR_REMOVED);
    crate::ssr::go_on("/account");
    Ok(())
}
