//! What was restored, and what of before is kept.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

use crate::StoreError;

/// A restore that was made, or is being made.
#[derive(Clone, Debug, PartialEq)]
pub struct Restore {
    /// Its number.
    pub id: i64,
    /// The operation.
    pub operation_id: i64,
    /// The set.
    pub set_id: i64,
    /// What was restored.
    pub backup_id: i64,
    /// Its name in the server's catalog, or in the folder.
    pub label: String,
    /// What the database that was live is called now.
    pub kept: String,
    /// When it was done.
    pub restored_at: Option<OffsetDateTime>,
    /// How long nobody could connect, in milliseconds.
    pub pause_ms: Option<f64>,
    /// Until when what was before is kept.
    pub kept_until: Option<OffsetDateTime>,
    /// When it was undone.
    pub undone_at: Option<OffsetDateTime>,
    /// When what was before was discarded.
    pub discarded_at: Option<OffsetDateTime>,
}

/// A restore begins; an earlier attempt of the same operation has begun it already.
///
/// # Errors
/// The database failed.
pub async fn begin(
    db: &mut PgConnection,
    operation: i64,
    set: i64,
    backup: i64,
    label: &str,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "INSERT INTO backup_restore (operation_id, set_id, backup_id, label) VALUES ($1, $2, $3, $4)
         ON CONFLICT (operation_id) DO UPDATE SET label = backup_restore.label RETURNING id",
        operation,
        set,
        backup,
        label
    )
    .fetch_one(db)
    .await?)
}

/// A restore is done.
///
/// # Errors
/// The database failed.
pub async fn done(
    db: &mut PgConnection,
    id: i64,
    kept: &str,
    pause_ms: Option<f64>,
    kept_until: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE backup_restore SET kept = $2, pause_ms = coalesce($3, pause_ms), kept_until = $4, restored_at = $5 WHERE id = $1",
        id,
        kept,
        pause_ms,
        kept_until,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The restores of a set that were done, the newest first; of all sets where none is given.
///
/// # Errors
/// The database failed.
pub async fn list(db: impl PgExecutor<'_>, set: Option<i64>) -> Result<Vec<Restore>, StoreError> {
    Ok(sqlx::query_as!(
        Restore,
        "SELECT id, operation_id, set_id, backup_id, label, kept, restored_at, pause_ms, kept_until, undone_at, discarded_at
         FROM backup_restore WHERE restored_at IS NOT NULL AND ($1::bigint IS NULL OR set_id = $1) ORDER BY id DESC LIMIT 100",
        set
    )
    .fetch_all(db)
    .await?)
}

/// One restore.
///
/// # Errors
/// The database failed.
pub async fn get(db: impl PgExecutor<'_>, id: i64) -> Result<Option<Restore>, StoreError> {
    Ok(sqlx::query_as!(
        Restore,
        "SELECT id, operation_id, set_id, backup_id, label, kept, restored_at, pause_ms, kept_until, undone_at, discarded_at
         FROM backup_restore WHERE id = $1",
        id
    )
    .fetch_optional(db)
    .await?)
}

/// A restore was undone.
///
/// # Errors
/// The database failed.
pub async fn undone(db: &mut PgConnection, id: i64, now: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE backup_restore SET undone_at = $2 WHERE id = $1",
        id,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Restores whose time to be undone is over, and of which something is still kept.
///
/// # Errors
/// The database failed.
pub async fn over(
    db: impl PgExecutor<'_>,
    now: OffsetDateTime,
) -> Result<Vec<Restore>, StoreError> {
    Ok(sqlx::query_as!(
        Restore,
        "SELECT id, operation_id, set_id, backup_id, label, kept, restored_at, pause_ms, kept_until, undone_at, discarded_at
         FROM backup_restore WHERE kept_until <= $1 AND discarded_at IS NULL ORDER BY id",
        now
    )
    .fetch_all(db)
    .await?)
}

/// Restores whose operation came to an end without having restored, and of which something may still stand beside the live
/// database.
///
/// # Errors
/// The database failed.
pub async fn unsettled(db: impl PgExecutor<'_>) -> Result<Vec<Restore>, StoreError> {
    Ok(sqlx::query_as!(
        Restore,
        "SELECT id, operation_id, set_id, backup_id, label, kept, restored_at, pause_ms, kept_until, undone_at, discarded_at
         FROM backup_restore r WHERE restored_at IS NULL AND discarded_at IS NULL
           AND NOT EXISTS (SELECT FROM operation o WHERE o.id = r.operation_id AND o.phase IN ('queued', 'running'))
         ORDER BY id"
    )
    .fetch_all(db)
    .await?)
}

/// What was before a restore is kept no more.
///
/// # Errors
/// The database failed.
pub async fn discarded(
    db: &mut PgConnection,
    id: i64,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE backup_restore SET discarded_at = $2 WHERE id = $1",
        id,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}
