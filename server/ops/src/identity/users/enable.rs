//! Enabling a user again.

use types::live::Topic;

use super::{key, named};
use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
    identity::manages_and_proved,
};

const ACTION: &str = "user.enable";

/// Lets user `id` sign in again. Does nothing when they may already.
///
/// # Errors
/// `Forbidden`, `StepUpRequired`, `NotFound`; or the database failed.
pub async fn enable(ops: &Ops, actor: &Actor, id: i64) -> Outcome<()> {
    let allowed = manages_and_proved(ops, actor);
    audit::permit(ops, actor, ACTION, &format!("user {id}"), None, allowed).await?;
    let target = named(ops, id).await?;
    let mut tx = ops.begin().await?;
    if !store::users::set_disabled(&mut tx, id, None).await? {
        return Ok(());
    }
    store::changes::publish(&mut tx, Topic::Identity, &key(id)).await?;
    audit::record(&mut tx, ops, actor, Entry::done(ACTION, &target)).await?;
    Ops::commit(tx).await
}
