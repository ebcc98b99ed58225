//! Turning somebody's second factor off, e.g. when their phone is lost.

use types::{Error, live::Topic};

use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
    identity::{manages_and_proved, users},
};

const ACTION: &str = "totp.remove";

/// Turns user `id`'s second factor off and ends their sessions.
///
/// # Errors
/// `Forbidden`, `StepUpRequired`, `NotFound`, `Conflict` when none is on; or the database failed.
pub async fn remove(ops: &Ops, actor: &Actor, id: i64) -> Outcome<()> {
    let target = users::named(ops, id).await?;
    audit::permit(
        ops,
        actor,
        ACTION,
        &target,
        None,
        manages_and_proved(ops, actor),
    )
    .await?;
    let mut tx = ops.begin().await?;
    if !store::users::lock(&mut tx, id).await? {
        return Err(Error::not_found("user").into());
    }
    if !store::totp::disable(&mut tx, id).await? {
        return Err(Error::conflict("No second factor is on.").into());
    }
    store::sessions::end_all_of(&mut tx, id, None).await?;
    store::changes::publish(&mut tx, Topic::Identity, &users::key(id)).await?;
    audit::record(&mut tx, ops, actor, Entry::done(ACTION, &target)).await?;
    Ops::commit(tx).await
}
