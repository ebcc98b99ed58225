//! Ending one session.

use serde_json::json;
use types::{Error, live::Topic};

use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
    identity::{manages, users},
};

const ACTION: &str = "session.end";

/// Ends the open session with this handle: one's own, or anyone's for who manages users. Others are not told whether
/// there is such a session.
///
/// # Errors
/// `NotFound`; or the database failed.
pub async fn end(ops: &Ops, actor: &Actor, handle: &str) -> Outcome<()> {
    let unknown = || Error::not_found("session");
    let bytes = hex::decode(handle).map_err(|_| unknown())?;
    let (owner, email) = store::sessions::owner(&ops.db, &bytes, ops.clock.now())
        .await?
        .ok_or_else(unknown)?;
    if actor.user_id() != Some(owner)
        && audit::permit(ops, actor, ACTION, &email, None, manages(actor))
            .await
            .is_err()
    {
        return Err(unknown().into());
    }
    let mut tx = ops.begin().await?;
    if !store::sessions::end(&mut tx, owner, &bytes).await? {
        return Err(unknown().into());
    }
    store::changes::publish(&mut tx, Topic::Identity, &users::key(owner)).await?;
    let entry = Entry::done(ACTION, &email).with(json!({"session": handle.to_ascii_lowercase()}));
    audit::record(&mut tx, ops, actor, entry).await?;
    Ops::commit(tx).await
}
