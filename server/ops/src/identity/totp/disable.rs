//! Turning one's own second factor off.

use types::{Error, live::Topic};

use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
    identity::{person, users},
};

const ACTION: &str = "totp.disable";

/// Turns the actor's second factor off; its recovery codes die with it.
///
/// # Errors
/// `StepUpRequired`, `Conflict` when none is on, `Unauthenticated` for anyone but a signed-in person; or the database
/// failed.
pub async fn disable(ops: &Ops, actor: &Actor) -> Outcome<()> {
    let (id, _) = person(actor)?;
    let proved = actor.must_have_proved(ops.clock.now());
    audit::permit(ops, actor, ACTION, &actor.name, None, proved).await?;
    let mut tx = ops.begin().await?;
    if !store::totp::disable(&mut tx, id).await? {
        return Err(Error::conflict("No second factor is on.").into());
    }
    store::changes::publish(&mut tx, Topic::Identity, &users::key(id)).await?;
    audit::record(&mut tx, ops, actor, Entry::done(ACTION, &actor.name)).await?;
    Ops::commit(tx).await
}
