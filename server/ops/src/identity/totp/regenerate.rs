//! Fresh recovery codes.

use store::users;
use types::{Error, live::Topic};

use super::new_recovery_codes;
use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
    identity::person,
};

const ACTION: &str = "totp.regenerate";

/// Ten fresh recovery codes for the actor, never shown again; the ones before die.
///
/// # Errors
/// `StepUpRequired`, `Conflict` when no second factor is on, `Unauthenticated` for anyone but a signed-in person; or
/// the database failed.
pub async fn regenerate(ops: &Ops, actor: &Actor) -> Outcome<Vec<String>> {
    let (id, _) = person(actor)?;
    let proved = actor.must_have_proved(ops.clock.now());
    audit::permit(ops, actor, ACTION, &actor.name, None, proved).await?;
    let mut tx = ops.begin().await?;
    users::lock(&mut tx, id).await?;
    let account = users::account(&mut *tx, id)
        .await?
        .ok_or(Error::Unauthenticated)?;
    if account.totp_secret.is_none() {
        return Err(Error::conflict("No second factor is on.").into());
    }
    let codes = new_recovery_codes(&mut tx, id).await?;
    store::changes::publish(&mut tx, Topic::Identity, &super::super::users::key(id)).await?;
    audit::record(&mut tx, ops, actor, Entry::done(ACTION, &actor.name)).await?;
    Ops::commit(tx).await?;
    Ok(codes)
}
