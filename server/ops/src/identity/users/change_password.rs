//! Changing one's own password.

use serde_json::json;
use types::{Error, live::Topic};

use super::key;
use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
    identity::{check::Fields, own_password, person, secrets},
};

const ACTION: &str = "user.change_password";

/// Replaces the actor's password `current` by `new`, ends their other sessions and forgets all devices but the one with
/// the token `device`. Gives back the account's new generation, with which the session that asked must get a new id:
/// whoever learnt the old one is out too.
///
/// # Errors
/// `Invalid` for a wrong `current` or a refused `new`, `TooManyTries`, `Unauthenticated` for anyone but a signed-in
/// person; or the database failed.
pub async fn change_password(
    ops: &Ops,
    actor: &Actor,
    current: &str,
    new: &str,
    device: Option<&str>,
) -> Outcome<i64> {
    let (id, session) = person(actor)?;
    let mut fields = Fields::default();
    fields.password("current", current);
    fields.new_password("new", new, &actor.name);
    fields.done()?;
    let (attempt, account) =
        own_password::check(ops, actor, id, ACTION, "current", current).await?;
    if current == new {
        own_password::give_up(ops, &attempt).await?;
        return Err(Error::field("new", "That is the password you have. Choose another.").into());
    }
    let hash = match ops.passwords.hash(new).await {
        Ok(hash) => hash,
        Err(fault) => {
            own_password::give_up(ops, &attempt).await?;
            return Err(fault);
        }
    };
    let mut tx = ops.begin().await?;
    attempt.succeed(&mut tx).await?;
    // Somebody else may have set another password, or disabled the account, since this one was checked.
    let unchanged =
        store::users::set_password_of(&mut tx, id, account.session_generation, &hash).await?;
    if !unchanged {
        return Err(Error::Unauthenticated.into());
    }
    let ended = store::sessions::end_all_of(&mut tx, id, Some(session)).await?;
    let device = device.map(secrets::hash);
    store::devices::forget_of(&mut tx, id, device.as_deref()).await?;
    store::changes::publish(&mut tx, Topic::Identity, &key(id)).await?;
    let entry = Entry::done(ACTION, &actor.name).with(json!({"sessions_ended": ended}));
    audit::record(&mut tx, ops, actor, entry).await?;
    Ops::commit(tx).await?;
    Ok(account.session_generation + 1)
}
