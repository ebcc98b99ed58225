//! From a token to the actor of a request.

use time::Duration;
use types::audit::AuditResult;

use super::PREFIX;
use crate::{
    Actor, Caller, Ops, Outcome, Who,
    audit::{self, Author, Entry, reason, record_seldom},
    identity::secrets,
};

const ACTION: &str = "token.use";

/// Uses are noted at most this often.
const TOUCH_EVERY: Duration = Duration::minutes(1);

/// Whom a request with this bearer secret acts as; none when it is unknown, revoked or past its date, which is written
/// to the log once a minute for an address.
///
/// # Errors
/// The database failed.
pub async fn token_actor(ops: &Ops, secret: &str, caller: &Caller) -> Outcome<Option<Actor>> {
    let is_shaped = secret
        .strip_prefix(PREFIX)
        .is_some_and(|rest| rest.len() == 64);
    if !is_shaped {
        return unknown(ops, caller).await;
    }
    let now = ops.clock.now();
    let Some(holder) = store::tokens::holder(&ops.db, &secrets::hash(secret)).await? else {
        return unknown(ops, caller).await;
    };
    let name = format!("token {} #{}", holder.name, holder.id);
    let dead = match (holder.revoked_at, holder.expires_at <= now) {
        (Some(_), _) => Some("revoked"),
        (None, true) => Some("expired"),
        (None, false) => None,
    };
    if let Some(dead) = dead {
        let author = Author {
            name: &name,
            id: Some(holder.id),
            caller,
        };
        let entry = Entry {
            team: holder.team.as_deref(),
            ..Entry::done(ACTION, &name)
                .with(reason(dead))
                .ended(AuditResult::Refused)
        };
        record_seldom(ops, &author, entry).await?;
        return Ok(None);
    }
    if holder.last_used_at.is_none_or(|at| now - at >= TOUCH_EVERY) {
        store::tokens::touch(&ops.db, holder.id, now).await?;
    }
    Ok(Some(Actor {
        who: Who::Token { id: holder.id },
        name,
        role: holder.role,
        teams: holder.team.into_iter().collect(),
        caller: caller.clone(),
    }))
}

async fn unknown(ops: &Ops, caller: &Caller) -> Outcome<Option<Actor>> {
    audit::refuse_stranger(ops, caller, ACTION, "api token", reason("unknown")).await?;
    Ok(None)
}
