//! Stands where use-cases of identity are to come.

use ops::{Actor, Caller, Ops, Outcome};
use types::Error;

/// Whom a token's bearer acts as.
pub async fn token_actor(_ops: &Ops, _secret: &str, _caller: &Caller) -> Outcome<Actor> {
    Err(Error::Unauthenticated.into())
}

/// The actor of the same session or token as it is now; none when it ended.
pub async fn now_as(_ops: &Ops, actor: &Actor) -> Outcome<Option<Actor>> {
    Ok(Some(actor.clone()))
}

/// Everyone.
pub async fn users(_ops: &Ops, _actor: &Actor) -> Outcome<Vec<types::identity::User>> {
    Ok(Vec::new())
}

/// A page of the log.
pub async fn audit(
    _ops: &Ops,
    _actor: &Actor,
    _filter: &types::audit::AuditFilter,
) -> Outcome<types::audit::AuditPage> {
    Ok(types::audit::AuditPage::default())
}
