//! Failures to prove a password, counted per key.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

use crate::StoreError;

/// The count of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// What is counted, e.g. `address:203.0.113.9`.
    pub key: String,
    /// How many failures.
    pub failures: i32,
    /// When the hour began in which they are counted; only where they are counted by the hour.
    pub window_started_at: Option<OffsetDateTime>,
    /// The last one.
    pub last_failure_at: OffsetDateTime,
    /// No try is looked at before.
    pub blocked_until: Option<OffsetDateTime>,
}

/// Locks the keys' counts until the transaction ends, making those that are not there: [`clear_empty`] takes those that
/// stay without a failure out again. Keys are locked in their alphabetical order, so that two tries never wait for each
/// other; one statement makes and locks, so that none is missed which another try takes out at the same time.
///
/// # Errors
/// The database failed.
pub async fn lock(
    db: &mut PgConnection,
    keys: &[String],
    now: OffsetDateTime,
) -> Result<Vec<Tally>, StoreError> {
    Ok(sqlx::query_as!(
        Tally,
        r#"INSERT INTO sign_in_failure AS failure (key, failures, last_failure_at)
           SELECT key, 0, $2 FROM unnest($1::text[]) AS key ORDER BY key COLLATE "C"
           ON CONFLICT (key) DO UPDATE SET key = failure.key
           RETURNING key, failures, window_started_at, last_failure_at, blocked_until"#,
        keys,
        now
    )
    .fetch_all(db)
    .await?)
}

/// Forgets those of the keys that count no failure.
///
/// # Errors
/// The database failed.
pub async fn clear_empty(db: &mut PgConnection, keys: &[String]) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM sign_in_failure WHERE key = ANY($1) AND failures = 0",
        keys
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Writes a count back.
///
/// # Errors
/// The database failed.
pub async fn save(db: &mut PgConnection, tally: &Tally) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE sign_in_failure
         SET failures = $2, window_started_at = $3, last_failure_at = $4, blocked_until = $5 WHERE key = $1",
        tally.key,
        tally.failures,
        tally.window_started_at,
        tally.last_failure_at,
        tally.blocked_until
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets keys.
///
/// # Errors
/// The database failed.
pub async fn clear(db: &mut PgConnection, keys: &[String]) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM sign_in_failure WHERE key = ANY($1)", keys)
        .execute(db)
        .await?;
    Ok(())
}

/// Says whether a refused try is to be logged: true once a key between `since` and `now`, however many there are.
///
/// # Errors
/// The database failed.
pub async fn log_refusal(
    db: impl PgExecutor<'_>,
    key: &str,
    since: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    Ok(sqlx::query!(
        "UPDATE sign_in_failure SET refusal_logged_at = $3
         WHERE key = $1 AND (refusal_logged_at IS NULL OR refusal_logged_at <= $2)",
        key,
        since,
        now
    )
    .execute(db)
    .await?
    .rows_affected()
        == 1)
}

/// Forgets counts whose last failure was before `before` and that block nothing now.
///
/// # Errors
/// The database failed.
pub async fn forget(
    db: impl PgExecutor<'_>,
    before: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<u64, StoreError> {
    Ok(sqlx::query!(
        "DELETE FROM sign_in_failure
         WHERE last_failure_at < $1 AND (blocked_until IS NULL OR blocked_until <= $2)",
        before,
        now
    )
    .execute(db)
    .await?
    .rows_affected())
}
