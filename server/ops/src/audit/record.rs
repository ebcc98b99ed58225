//! The one helper that every mutation goes through.

use serde_json::Value;
use store::{PgConnection, audit::NewEntry};
use types::audit::AuditResult;

use crate::{Actor, Caller, Ops, Outcome};

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
    #[must_use]
    pub fn with(self, detail: Value) -> Self {
        Self { detail, ..self }
    }

    /// The same, for a team's target.
    #[must_use]
    pub fn of_team(self, team: &'a str) -> Self {
        Self {
            team: Some(team),
            ..self
        }
    }

    /// The same, ended otherwise.
    #[must_use]
    pub fn ended(self, result: AuditResult) -> Self {
        Self { result, ..self }
    }
}

/// Who is written down: an actor, or somebody who only gave a name.
pub(crate) struct Author<'a> {
    /// The name they gave.
    pub name: &'a str,
    /// Their id where it is known.
    pub id: Option<i64>,
    /// Where the request came from.
    pub caller: &'a Caller,
}

impl<'a> From<&'a Actor> for Author<'a> {
    fn from(actor: &'a Actor) -> Self {
        Self {
            name: &actor.name,
            id: actor.id(),
            caller: &actor.caller,
        }
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
    record_as(db, ops, &actor.into(), entry).await
}

/// Adds `entry` to the log in a transaction of its own: refusals and failures, which change nothing else.
///
/// # Errors
/// The database failed.
pub async fn record_alone(ops: &Ops, actor: &Actor, entry: Entry<'_>) -> Outcome<()> {
    record_alone_as(ops, &actor.into(), entry).await
}

/// As [`record`], for whoever has no actor yet.
pub(crate) async fn record_as(
    db: &mut PgConnection,
    ops: &Ops,
    author: &Author<'_>,
    entry: Entry<'_>,
) -> Outcome<()> {
    // Postgres takes no NUL, neither in text nor in JSON.
    let detail = entry.detail.to_string().replace("\\u0000", "\\ufffd");
    store::audit::append(
        db,
        &NewEntry {
            at: ops.clock.now(),
            actor: &bounded(author.name, 300),
            actor_id: author.id,
            action: entry.action,
            target: &bounded(entry.target, 500),
            team: entry.team,
            address: &bounded(&author.caller.address, 100),
            user_agent: &bounded(&author.caller.user_agent, 200),
            result: entry.result,
            detail: &detail,
        },
    )
    .await?;
    Ok(())
}

/// As [`record_alone`], for whoever has no actor yet.
pub(crate) async fn record_alone_as(
    ops: &Ops,
    author: &Author<'_>,
    entry: Entry<'_>,
) -> Outcome<()> {
    let mut tx = ops.begin().await?;
    record_as(&mut tx, ops, author, entry).await?;
    Ops::commit(tx).await
}

/// `text` as it can be stored: at most `limit` characters, none of them a control character.
fn bounded(text: &str, limit: usize) -> String {
    text.chars()
        .take(limit)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
