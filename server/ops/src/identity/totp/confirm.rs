//! Turning the second factor on.

use types::{Error, live::Topic};

use super::{factor, matching_step, new_recovery_codes, place, place_of_enrolment};
use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
    identity::{check::Fields, person, users},
};

/// Turns the second factor on with the first code of the secret shown before, and gives back ten recovery codes,
/// which are never shown again.
///
/// # Errors
/// `Invalid` for a wrong `code`, `Conflict` when no secret waits (any more) or a second factor is on already,
/// `Unauthenticated` for anyone but a signed-in person; or the database failed.
pub async fn confirm(ops: &Ops, actor: &Actor, code: &str) -> Outcome<Vec<String>> {
    let (id, _) = person(actor)?;
    let mut fields = Fields::default();
    let code = fields.code("code", Some(code)).unwrap_or_default();
    fields.done()?;
    let now = ops.clock.now();
    let mut tx = ops.begin().await?;
    let pending = store::totp::pending(&mut tx, id, now).await?;
    let secret = pending.and_then(|sealed| ops.seal.open(&place_of_enrolment(id), &sealed).ok());
    let Some(secret) = secret else {
        return Err(Error::conflict("That secret is past its ten minutes. Begin again.").into());
    };
    let Some(step) = matching_step(&secret, &factor::plain(code), now)? else {
        return Err(Error::field(
            "code",
            "That is not the code of this moment. Check the clock of the device and try the next one.",
        )
        .into());
    };
    let sealed = ops.seal.seal(&place(id), &secret)?;
    if !store::totp::enable(&mut tx, id, &sealed, step).await? {
        return Err(Error::conflict("A second factor is on already.").into());
    }
    let codes = new_recovery_codes(&mut tx, id).await?;
    store::changes::publish(&mut tx, Topic::Identity, &users::key(id)).await?;
    audit::record(&mut tx, ops, actor, Entry::done("totp.enable", &actor.name)).await?;
    Ops::commit(tx).await?;
    Ok(codes)
}
