//! The one-time link that makes the first CTO.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

use crate::StoreError;

/// Keeps a new link's hash; older links that nobody used die.
///
/// # Errors
/// The database failed.
pub async fn replace(
    db: &mut PgConnection,
    token_hash: &[u8],
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM setup_link WHERE used_at IS NULL")
        .execute(&mut *db)
        .await?;
    sqlx::query!(
        "INSERT INTO setup_link (token_hash, created_at, expires_at) VALUES ($1, $2, $3)",
        token_hash,
        now,
        expires_at
    )
    .execute(db)
    .await?;
    Ok(())
}

/// True when the link can be used now: not used, not past its date, and no user exists.
///
/// # Errors
/// The database failed.
pub async fn is_open(
    db: impl PgExecutor<'_>,
    token_hash: &[u8],
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM setup_link WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2)
                  AND NOT EXISTS (SELECT FROM users) AS "open!""#,
        token_hash,
        now
    )
    .fetch_one(db)
    .await?)
}

/// Uses the link up; false when it can't be used, or someone was quicker.
///
/// # Errors
/// The database failed.
pub async fn use_up(
    db: &mut PgConnection,
    token_hash: &[u8],
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    Ok(sqlx::query!(
        "UPDATE setup_link SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2",
        token_hash,
        now
    )
    .execute(db)
    .await?
    .rows_affected()
        == 1)
}
