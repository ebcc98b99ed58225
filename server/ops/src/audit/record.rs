//! The one helper that every mutation goes through.

use serde_json::Value;
use store::{PgConnection, audit::NewEntry};
use types::audit::AuditResult;

use crate::{Actor, Ops, Outcome};

/// What happened.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The verb, e.g. `service.restart`.
    pub action: &'a str,
    /// On what, e.g. `service ytempire/backend`.
    pub target: &'a str,
    /// The team that owns the target.
    pub team: Option<&'a str>,
    /// How it ended.
    pub result: AuditResult,
    /// More; never a secret.
    pub detail: Value,
}

impl<'a> Entry<'a> {
    /// A thing done.
    pub const fn done(action: &'a str, target: &'a str) -> Self {
        Self {
            action,
            target,
            team: None,
            result: AuditResult::Success,
            detail: Value::Null,
        }
    }

    /// The same with more detail.
    pub fn with(self, detail: Value) -> Self {
        Self { detail, ..self }
    }

    /// The same, for a team's target.
    pub fn of_team(self, team: &'a str) -> Self {
        Self {
            team: Some(team),
            ..self
        }
    }

    /// The same, ended otherwise.
    pub fn ended(self, result: AuditResult) -> Self {
        Self { result, ..self }
    }
}

/// Adds `entry` to the log within the caller's transaction: what cannot be recorded does not happen.
///
/// # Errors
/// The database failed.
pub async fn record(
    db: &mut PgConnection,
    ops: &Ops,
    actor: &Actor,
    entry: Entry<'_>,
) -> Outcome<()> {
    let detail = entry.detail.to_string();
    store::audit::append(
        db,
        &NewEntry {
            at: ops.clock.now(),
            actor: &actor.name,
            actor_id: actor.id(),
            action: entry.action,
            target: entry.target,
            team: entry.team,
            address: &actor.caller.address,
            user_agent: &actor.caller.user_agent,
            result: entry.result,
            detail: &detail,
        },
    )
    .await?;
    Ok(())
}

/// Adds `entry` to the log in a transaction of its own: refusals and failures, which change nothing else.
///
/// # Errors
/// The database failed.
pub async fn record_alone(ops: &Ops, actor: &Actor, entry: Entry<'_>) -> Outcome<()> {
    let mut tx = ops.db.begin().await.map_err(store::StoreError::from)?;
    record(&mut tx, ops, actor, entry).await?;
    tx.commit().await.map_err(store::StoreError::from)?;
    Ok(())
}
