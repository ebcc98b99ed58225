//! From a token to the actor of a request.

use time::Duration;

use super::PREFIX;
use crate::{Actor, Caller, Ops, Outcome, Who, identity::secrets};

/// Uses are noted at most this often.
const TOUCH_EVERY: Duration = Duration::minutes(1);

/// Whom a request with this bearer secret acts as; none when it is unknown, revoked or past its date.
///
/// # Errors
/// The database failed.
pub async fn token_actor(ops: &Ops, secret: &str, caller: &Caller) -> Outcome<Option<Actor>> {
    let is_shaped = secret
        .strip_prefix(PREFIX)
        .is_some_and(|rest| rest.len() == 64);
    if !is_shaped {
        return Ok(None);
    }
    let now = ops.clock.now();
    let Some(holder) = store::tokens::holder(&ops.db, &secrets::hash(secret), now).await? else {
        return Ok(None);
    };
    if holder.last_used_at.is_none_or(|at| now - at >= TOUCH_EVERY) {
        store::tokens::touch(&ops.db, holder.id, now).await?;
    }
    Ok(Some(Actor {
        who: Who::Token { id: holder.id },
        name: format!("token:{}", holder.name),
        role: holder.role,
        teams: holder.team.into_iter().collect(),
        caller: caller.clone(),
    }))
}
