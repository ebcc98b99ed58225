//! Proving one's own password within an open session; counted, so that a borrowed session can't guess at it.

use serde_json::json;
use store::users::{self, Account};
use types::{Error, audit::AuditResult};

use super::{
    passwords::Verdict,
    waits::{self, Admission, Keys, Try},
};
use crate::{
    Actor, Ops, Outcome,
    audit::{Entry, record_alone},
};

/// Checks the password of user `id`, who is `actor`. The try stays counted as a failure until it is settled. `action`
/// names the act in the audit log, `field` the form's field.
///
/// # Errors
/// `TooManyTries`, or `Invalid` naming `field`; or the database failed.
pub async fn check(
    ops: &Ops,
    actor: &Actor,
    id: i64,
    action: &str,
    field: &str,
    password: &str,
) -> Outcome<(Try, Account)> {
    let attempt = match waits::admit(ops, Keys::proof(id)).await? {
        Admission::Admitted(attempt) => attempt,
        Admission::Blocked { error, log } => {
            if log {
                note(ops, actor, action, error.slug(), AuditResult::Refused).await?;
            }
            return Err(error.into());
        }
    };
    let Some(account) = users::account(&ops.db, id).await? else {
        return Err(Error::Unauthenticated.into());
    };
    let verdict = ops
        .passwords
        .verify(password, Some(&account.password_hash))
        .await;
    match verdict {
        Ok(Verdict::Right { .. }) => Ok((attempt, account)),
        Ok(Verdict::Wrong) => {
            note(
                ops,
                actor,
                action,
                "wrong-credentials",
                AuditResult::Failure,
            )
            .await?;
            Err(Error::field(field, "That is not your password.").into())
        }
        Err(fault) => {
            give_up(ops, &attempt).await?;
            Err(fault)
        }
    }
}

/// Takes a try back that came to nothing.
///
/// # Errors
/// The database failed.
pub async fn give_up(ops: &Ops, attempt: &Try) -> Outcome<()> {
    let mut tx = ops.begin().await?;
    attempt.take_back(&mut tx).await?;
    Ops::commit(tx).await
}

/// Records how such a try ended.
///
/// # Errors
/// The database failed.
pub async fn note(
    ops: &Ops,
    actor: &Actor,
    action: &str,
    reason: &str,
    result: AuditResult,
) -> Outcome<()> {
    let entry = Entry::done(action, &actor.name)
        .with(json!({"reason": reason}))
        .ended(result);
    record_alone(ops, actor, entry).await
}
