//! What an operation says while it is under way: its stages and its log.

use sqlx::PgExecutor;
use time::OffsetDateTime;
use types::operations::Phase;

use crate::StoreError;

/// A stage begins; one that an earlier attempt had begun begins anew.
///
/// # Errors
/// The database failed.
pub async fn begin_stage(
    db: impl PgExecutor<'_>,
    id: i64,
    name: &str,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE operation_stage SET phase = 'running', started_at = $3, finished_at = NULL, detail = ''
         WHERE operation_id = $1 AND name = $2",
        id,
        name,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A stage ends.
///
/// # Errors
/// The database failed.
pub async fn end_stage(
    db: impl PgExecutor<'_>,
    id: i64,
    name: &str,
    phase: Phase,
    detail: &str,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE operation_stage SET phase = $3, finished_at = $5, detail = $4
         WHERE operation_id = $1 AND name = $2",
        id,
        name,
        phase.as_str(),
        detail,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Adds a line to the log, at most 2,000 characters.
///
/// # Errors
/// The database failed.
pub async fn say(
    db: impl PgExecutor<'_>,
    id: i64,
    text: &str,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO operation_line (operation_id, at, text) VALUES ($1, $2, left($3, 2000))",
        id,
        now,
        text
    )
    .execute(db)
    .await?;
    Ok(())
}
