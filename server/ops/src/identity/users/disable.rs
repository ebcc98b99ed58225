//! Disabling a user.

use serde_json::json;
use types::{Error, live::Topic};

use super::{keep_a_cto, key, named};
use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
    identity::manages_and_proved,
};

const ACTION: &str = "user.disable";

/// Keeps user `id` from signing in, ends their sessions and forgets their devices. Does nothing when they are disabled
/// already.
///
/// # Errors
/// `Forbidden`, `StepUpRequired`, `NotFound`, `Conflict` for the last CTO who can sign in; or the database failed.
pub async fn disable(ops: &Ops, actor: &Actor, id: i64) -> Outcome<()> {
    let allowed = manages_and_proved(ops, actor);
    audit::permit(ops, actor, ACTION, &format!("user {id}"), None, allowed).await?;
    let target = named(ops, id).await?;
    let mut tx = ops.begin().await?;
    keep_a_cto(&mut tx, id, false).await?;
    if !store::users::lock(&mut tx, id).await? {
        return Err(Error::not_found("user").into());
    }
    if !store::users::set_disabled(&mut tx, id, Some(ops.clock.now())).await? {
        return Ok(());
    }
    let ended = store::sessions::end_all_of(&mut tx, id, None).await?;
    store::devices::forget_of(&mut tx, id, None).await?;
    store::changes::publish(&mut tx, Topic::Identity, &key(id)).await?;
    let entry = Entry::done(ACTION, &target).with(json!({"sessions_ended": ended}));
    audit::record(&mut tx, ops, actor, entry).await?;
    Ops::commit(tx).await
}
