//! Proving password and second factor again, for what needs a proof within the last five minutes.

use store::sessions;
use time::OffsetDateTime;
use types::{Error, audit::AuditResult, live::Topic};

use super::{
    check::Fields,
    factor::{self, Answer},
    own_password, person,
};
use crate::{
    Actor, Ops, Outcome,
    actor::PROOF_LASTS,
    audit::{Entry, reason, record, record_seldom},
};

const ACTION: &str = "session.prove";

/// Notes a fresh proof on the actor's session and gives back until when it counts. `code` is needed where a second
/// factor is enrolled.
///
/// # Errors
/// `Invalid` for a wrong `password`, `SecondFactor` for a missing or wrong code, `Conflict` for one that can't be
/// checked, `TooManyTries`, `Unauthenticated` for
/// anyone but a signed-in person; or the database failed.
pub async fn prove(
    ops: &Ops,
    actor: &Actor,
    password: &str,
    code: Option<&str>,
) -> Outcome<OffsetDateTime> {
    let (id, session) = person(actor)?;
    let mut fields = Fields::default();
    fields.password("password", password);
    let code = fields.code("code", code);
    fields.done()?;
    let (attempt, account) =
        own_password::check(ops, actor, id, ACTION, "password", password).await?;
    if account.totp_secret.is_some() && code.is_none() {
        own_password::give_up(ops, &attempt).await?;
        let entry = Entry::done(ACTION, &actor.name)
            .with(reason("second-factor-missing"))
            .ended(AuditResult::Failure);
        record_seldom(ops, &actor.into(), entry).await?;
        return Err(Error::SecondFactor { wrong: false }.into());
    }
    let now = ops.clock.now();
    let mut tx = ops.begin().await?;
    attempt.succeed(&mut tx).await?;
    let is_enrolled = account.totp_secret.is_some();
    if is_enrolled {
        let code = code.unwrap_or_default();
        let (reason, error) = match factor::accept(&mut tx, &ops.seal, &account, code, now).await? {
            Answer::Right => ("", None),
            Answer::Wrong => ("second-factor", Some(Error::SecondFactor { wrong: true })),
            Answer::Unreadable => ("second-factor-unreadable", Some(factor::unreadable())),
        };
        if let Some(error) = error {
            drop(tx);
            own_password::note(ops, actor, ACTION, reason, AuditResult::Failure).await?;
            return Err(error.into());
        }
    }
    if !sessions::note_proof(&mut tx, session, now).await? {
        return Err(Error::Unauthenticated.into());
    }
    store::changes::publish(&mut tx, Topic::Identity, &super::users::key(id)).await?;
    record(&mut tx, ops, actor, Entry::done(ACTION, &actor.name)).await?;
    Ops::commit(tx).await?;
    Ok(now + PROOF_LASTS)
}
