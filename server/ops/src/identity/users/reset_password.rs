//! Setting somebody else's password.

use serde_json::json;
use types::{Error, live::Topic};

use super::{key, named};
use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
    identity::{check::Fields, manages_and_proved},
};

const ACTION: &str = "user.reset_password";

/// Sets the password of user `id`, ends their sessions and forgets their devices.
///
/// # Errors
/// `Forbidden`, `StepUpRequired`, `NotFound`, `Invalid` for a refused `password`, `Conflict` for one's own account; or
/// the database failed.
pub async fn reset_password(ops: &Ops, actor: &Actor, id: i64, password: &str) -> Outcome<()> {
    let allowed = manages_and_proved(ops, actor);
    audit::permit(ops, actor, ACTION, &format!("user {id}"), None, allowed).await?;
    let target = named(ops, id).await?;
    if actor.user_id() == Some(id) {
        return Err(Error::conflict("Change your own password on your account's page.").into());
    }
    let mut fields = Fields::default();
    fields.new_password("password", password, &target);
    fields.done()?;
    let hash = ops.passwords.hash(password).await?;
    let mut tx = ops.begin().await?;
    if !store::users::set_password(&mut tx, id, &hash).await? {
        return Err(Error::not_found("user").into());
    }
    let ended = store::sessions::end_all_of(&mut tx, id, None).await?;
    store::devices::forget_of(&mut tx, id, None).await?;
    store::changes::publish(&mut tx, Topic::Identity, &key(id)).await?;
    let entry = Entry::done(ACTION, &target).with(json!({"sessions_ended": ended}));
    audit::record(&mut tx, ops, actor, entry).await?;
    Ops::commit(tx).await
}
