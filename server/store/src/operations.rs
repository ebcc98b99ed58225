//! Long pieces of work: claimed by one console, renewed while it works.

mod read;
mod stages;

use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use types::operations::{Kind, Phase, Progress};

pub use self::{
    read::{Ended, ended, get, of_subject, under_way},
    stages::{begin_stage, end_stage, say},
};
use crate::StoreError;

/// The index that lets one operation at a time work on a subject.
pub const ONE_AT_A_TIME: &str = "operation_one_at_a_time";

/// An operation to be done.
#[derive(Clone, Debug)]
pub struct New<'a> {
    /// What is done.
    pub kind: Kind,
    /// What no two may work on at once.
    pub subject: &'a str,
    /// To what, for people.
    pub target: &'a str,
    /// Whose that is.
    pub team: &'a str,
    /// What exactly; never a secret.
    pub request: Value,
    /// Who asks.
    pub asked_by: &'a str,
    /// The stages, in order.
    pub stages: &'a [&'a str],
}

/// An operation that this process works on.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Its number.
    pub id: i64,
    /// What is done.
    pub kind: Kind,
    /// What exactly.
    pub request: Value,
    /// What the last attempt left for this one.
    pub state: Value,
    /// How often it was begun, this time included.
    pub attempts: i32,
    /// To what, for people.
    pub target: String,
    /// Whose that is.
    pub team: String,
    /// Who asked.
    pub asked_by: String,
}

/// What renewing a lease says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lease {
    /// Go on.
    Held,
    /// A person asked for the end.
    Cancelling,
    /// Another process has it, or it is over.
    Lost,
}

/// Puts an operation in the queue, and returns its number.
///
/// # Errors
/// [`ONE_AT_A_TIME`] when one works on the subject, or waits; the database failed.
pub async fn enqueue(
    db: &mut PgConnection,
    new: &New<'_>,
    now: OffsetDateTime,
) -> Result<i64, StoreError> {
    let id = sqlx::query_scalar!(
        "INSERT INTO operation (kind, subject, target, team, request, asked_by, asked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
        new.kind.as_str(),
        new.subject,
        new.target,
        new.team,
        new.request,
        new.asked_by,
        now
    )
    .fetch_one(&mut *db)
    .await?;
    let names: Vec<String> = new.stages.iter().map(|name| (*name).to_owned()).collect();
    sqlx::query!(
        "INSERT INTO operation_stage (operation_id, place, name)
         SELECT $1, place, name FROM unnest($2::text[]) WITH ORDINALITY AS given (name, place)",
        id,
        &names
    )
    .execute(db)
    .await?;
    Ok(id)
}

/// Takes the oldest operation that waits, or whose worker is gone.
///
/// # Errors
/// The database failed.
pub async fn claim(
    db: impl PgExecutor<'_>,
    worker: i64,
    now: OffsetDateTime,
    lease_until: OffsetDateTime,
) -> Result<Option<Claimed>, StoreError> {
    let row = sqlx::query!(
        "UPDATE operation
         SET phase = 'running', worker = $1, lease_until = $3, attempts = attempts + 1, started_at = coalesce(started_at, $2)
         WHERE id = (SELECT id FROM operation
                     WHERE phase = 'queued' OR phase = 'running' AND lease_until < $2
                     ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING id, kind, request, state, attempts, target, team, asked_by",
        worker,
        now,
        lease_until
    )
    .fetch_optional(db)
    .await?;
    row.map(|row| {
        Ok(Claimed {
            id: row.id,
            kind: kind(&row.kind)?,
            request: row.request,
            state: row.state,
            attempts: row.attempts,
            target: row.target,
            team: row.team,
            asked_by: row.asked_by,
        })
    })
    .transpose()
}

/// Says that the worker is still at it, and how far it is.
///
/// # Errors
/// The database failed.
pub async fn renew(
    db: impl PgExecutor<'_>,
    id: i64,
    worker: i64,
    lease_until: OffsetDateTime,
    progress: Option<Progress>,
) -> Result<Lease, StoreError> {
    let progress = progress.and_then(|progress| serde_json::to_value(progress).ok());
    let cancelling = sqlx::query_scalar!(
        r#"UPDATE operation SET lease_until = $3, progress = $4
           WHERE id = $1 AND worker = $2 AND phase = 'running'
           RETURNING cancel_asked_at IS NOT NULL AS "cancelling!""#,
        id,
        worker,
        lease_until,
        progress
    )
    .fetch_optional(db)
    .await?;
    Ok(match cancelling {
        Some(false) => Lease::Held,
        Some(true) => Lease::Cancelling,
        None => Lease::Lost,
    })
}

/// Keeps what the next attempt would need to know; false when another process has the operation.
///
/// # Errors
/// The database failed.
pub async fn set_state(
    db: impl PgExecutor<'_>,
    id: i64,
    worker: i64,
    state: &Value,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "UPDATE operation SET state = $3 WHERE id = $1 AND worker = $2 AND phase = 'running'",
        id,
        worker,
        state
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What an operation left for another attempt; none where there is no such operation.
///
/// # Errors
/// The database failed.
pub async fn state(db: impl PgExecutor<'_>, id: i64) -> Result<Option<Value>, StoreError> {
    Ok(
        sqlx::query_scalar!("SELECT state FROM operation WHERE id = $1", id)
            .fetch_optional(db)
            .await?,
    )
}

/// Ends an operation; stages that were under way end with it. False when another process has it, or it is over.
///
/// # Errors
/// The database failed.
pub async fn finish(
    db: &mut PgConnection,
    id: i64,
    worker: i64,
    phase: Phase,
    failure: Option<&str>,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "UPDATE operation SET phase = $3, failure = $4, finished_at = $5, lease_until = NULL, progress = NULL
         WHERE id = $1 AND worker = $2 AND phase = 'running'",
        id,
        worker,
        phase.as_str(),
        failure,
        now
    )
    .execute(&mut *db)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!(
        "UPDATE operation_stage SET phase = $2, finished_at = $3 WHERE operation_id = $1 AND phase = 'running'",
        id,
        phase.as_str(),
        now
    )
    .execute(db)
    .await?;
    Ok(true)
}

/// Asks for the end of an operation: one that waits is over at once, one under way is told. None when there is no such
/// operation, or it is over.
///
/// # Errors
/// The database failed.
pub async fn cancel(
    db: impl PgExecutor<'_>,
    id: i64,
    now: OffsetDateTime,
) -> Result<Option<Phase>, StoreError> {
    let phase = sqlx::query_scalar!(
        "UPDATE operation
         SET cancel_asked_at = coalesce(cancel_asked_at, $2),
             phase = CASE phase WHEN 'queued' THEN 'cancelled' ELSE phase END,
             finished_at = CASE phase WHEN 'queued' THEN $2 END
         WHERE id = $1 AND phase IN ('queued', 'running')
         RETURNING phase",
        id,
        now
    )
    .fetch_optional(db)
    .await?;
    phase.as_deref().map(read_phase).transpose()
}

/// Forgets operations that ended before `before`.
///
/// # Errors
/// The database failed.
pub async fn forget(db: impl PgExecutor<'_>, before: OffsetDateTime) -> Result<u64, StoreError> {
    let done = sqlx::query!("DELETE FROM operation WHERE finished_at < $1", before)
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}

fn kind(text: &str) -> Result<Kind, StoreError> {
    Kind::parse(text).ok_or_else(|| StoreError::Corrupt(format!("kind of operation {text}")))
}

fn read_phase(text: &str) -> Result<Phase, StoreError> {
    Phase::parse(text).ok_or_else(|| StoreError::Corrupt(format!("phase of operation {text}")))
}
