//! What is due of sets, and how it went.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::StoreError;

/// A set whose run is due, locked until the transaction ends: each due run is taken once, over all consoles.
///
/// # Errors
/// The database failed.
pub async fn due(db: &mut PgConnection, now: OffsetDateTime) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar!(
        "SELECT id FROM backup_set
         WHERE is_enabled AND gone_at IS NULL AND next_run <= $1 ORDER BY next_run LIMIT 1 FOR UPDATE SKIP LOCKED",
        now
    )
    .fetch_optional(db)
    .await?)
}

/// When the schedule runs next.
///
/// # Errors
/// The database failed.
pub async fn set_next_run(
    db: &mut PgConnection,
    id: i64,
    next_run: Option<OffsetDateTime>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE backup_set SET next_run = $2 WHERE id = $1",
        id,
        next_run
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A set whose drill is due, as [`due`].
///
/// # Errors
/// The database failed.
pub async fn due_drill(
    db: &mut PgConnection,
    now: OffsetDateTime,
) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar!(
        "SELECT id FROM backup_set
         WHERE is_enabled AND gone_at IS NULL AND coalesce(next_drill, '-infinity') <= $1
           AND EXISTS (SELECT FROM backup WHERE set_id = backup_set.id AND status = 'succeeded' AND forgotten_at IS NULL)
         ORDER BY next_drill NULLS FIRST LIMIT 1 FOR UPDATE SKIP LOCKED",
        now
    )
    .fetch_optional(db)
    .await?)
}

/// When the drill is due next.
///
/// # Errors
/// The database failed.
pub async fn set_next_drill(
    db: &mut PgConnection,
    id: i64,
    next: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE backup_set SET next_drill = $2 WHERE id = $1",
        id,
        next
    )
    .execute(db)
    .await?;
    Ok(())
}

/// How a drill ended.
///
/// # Errors
/// The database failed.
pub async fn drilled(
    db: &mut PgConnection,
    id: i64,
    took_s: Option<f64>,
    failure: Option<&str>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE backup_set SET drilled_at = $4, drill_s = coalesce($2, drill_s), drill_failure = $3 WHERE id = $1",
        id,
        took_s,
        failure,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}
