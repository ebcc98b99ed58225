//! Asking for an operation.

use serde_json::Value;
use store::{PgConnection, operations};
use types::{Error, live::Topic, operations::Kind};

use crate::{Actor, Fault, Ops, Outcome, actor::Who};

/// An operation that is asked for.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// What is to be done.
    pub kind: Kind,
    /// What no two may work on at once, such as `set 4`.
    pub subject: &'a str,
    /// To what, for people, such as `database ytempire/postgres/app`.
    pub target: &'a str,
    /// The team that owns it.
    pub team: &'a str,
    /// What exactly; never a secret.
    pub request: Value,
    /// The stages, in order.
    pub stages: &'a [&'a str],
}

/// Puts an operation in the queue, in the transaction that decides; gives its number. Who may ask, and the audit entry, is
/// the caller's.
///
/// # Errors
/// `Conflict` when something is under way on the subject already; the database failed.
pub async fn enqueue(
    db: &mut PgConnection,
    ops: &Ops,
    actor: &Actor,
    asked: &Asked<'_>,
) -> Outcome<i64> {
    let asked_by = match actor.who {
        Who::System => "schedule",
        Who::User { .. } | Who::Token { .. } => &actor.name,
    };
    let new = operations::New {
        kind: asked.kind,
        subject: asked.subject,
        target: asked.target,
        team: asked.team,
        request: asked.request.clone(),
        asked_by,
        stages: asked.stages,
    };
    let id = operations::enqueue(db, &new, ops.clock.now())
        .await
        .map_err(|error| match error.constraint() {
            Some(operations::ONE_AT_A_TIME) => Fault::Told(Error::conflict(format!(
                "Something is under way on {} already. Wait for its end, or cancel it.",
                asked.target
            ))),
            _ => error.into(),
        })?;
    store::changes::publish(db, Topic::Operations, &id.to_string()).await?;
    Ok(id)
}
