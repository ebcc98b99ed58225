//! From a session to the actor of a request.

use store::sessions::{self, Holder};
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
    let Some(holder) = sessions::holder(&ops.db, id_hash, ops.clock.now()).await? else {
        return Ok(None);
    };
    if ops.clock.now() - holder.last_seen_at >= TOUCH_EVERY {
        touch(ops, id_hash, caller).await?;
    }
    Ok(Some(actor(holder, id_hash, caller)))
}

/// The same for a request that a page sent by itself: it counts as no use of the session.
///
/// # Errors
/// The database failed.
pub async fn unattended_actor(
    ops: &Ops,
    id_hash: &[u8],
    caller: &Caller,
) -> Outcome<Option<Actor>> {
    let holder = sessions::holder(&ops.db, id_hash, ops.clock.now()).await?;
    Ok(holder.map(|holder| actor(holder, id_hash, caller)))
}

fn actor(holder: Holder, id_hash: &[u8], caller: &Caller) -> Actor {
    Actor {
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
    }
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
