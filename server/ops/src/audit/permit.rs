//! The one helper that refusals go through.

use serde_json::json;
use types::Error;

use super::{Entry, refuse};
use crate::{Actor, Ops, Outcome};

/// Passes on what a capability check (or a step-up check) said; a refusal is written to the log first, once a
/// minute for the same actor, action and target.
///
/// `action` and `target` are those of the entry that the act itself would write, `team` owns the target.
///
/// # Errors
/// What `check` says; or the database failed.
pub async fn permit<T>(
    ops: &Ops,
    actor: &Actor,
    action: &str,
    target: &str,
    team: Option<&str>,
    check: Result<T, Error>,
) -> Outcome<T> {
    let error = match check {
        Ok(allowed) => return Ok(allowed),
        Err(error) => error,
    };
    if matches!(error, Error::Forbidden { .. } | Error::StepUpRequired) {
        let detail = match &error {
            Error::Forbidden { capability } => {
                json!({"reason": error.slug(), "capability": capability})
            }
            _ => json!({"reason": error.slug()}),
        };
        let entry = Entry {
            team,
            ..Entry::done(action, target).with(detail)
        };
        refuse(ops, actor, entry).await?;
    }
    Err(error.into())
}
