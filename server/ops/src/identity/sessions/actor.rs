//! From a session to the actor of a request.

use store::sessions;
use time::Duration;

use super::{ABSOLUTE, IDLE};
use crate::{Actor, Caller, Ops, Outcome, Who};

/// Uses are noted at most this often.
const TOUCH_EVERY: Duration = Duration::minutes(1);

/// Who acts in the session with this id's hash, with role and teams as they are now. None when nobody signed in to it,
/// it ended, or its user is disabled. One query, and once a minute a second that notes the use.
///
/// # Errors
/// The database failed.
pub async fn session_actor(ops: &Ops, id_hash: &[u8], caller: &Caller) -> Outcome<Option<Actor>> {
    let now = ops.clock.now();
    let Some(holder) = sessions::holder(&ops.db, id_hash, now).await? else {
        return Ok(None);
    };
    if now - holder.last_seen_at >= TOUCH_EVERY {
        touch(ops, id_hash, caller).await?;
    }
    Ok(Some(Actor {
        who: Who::User {
            id: holder.user_id,
            session: id_hash.to_vec(),
            proved_at: holder.proved_at,
            has_second_factor: holder.has_second_factor,
        },
        name: holder.email,
        role: holder.role,
        teams: holder.teams,
        caller: caller.clone(),
    }))
}

/// Notes that an open session was used from where `caller` is, and moves its end on.
///
/// # Errors
/// The database failed.
pub async fn touch(ops: &Ops, id_hash: &[u8], caller: &Caller) -> Outcome<()> {
    sessions::touch(
        &ops.db,
        id_hash,
        &caller.address,
        &caller.user_agent,
        ops.clock.now(),
        IDLE,
        ABSOLUTE,
    )
    .await?;
    Ok(())
}
