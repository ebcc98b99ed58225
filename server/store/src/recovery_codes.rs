//! Recovery codes: each opens the second factor once.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

use crate::StoreError;

/// Forgets a user's codes and keeps these hashes instead.
///
/// # Errors
/// The database failed.
pub async fn replace(
    db: &mut PgConnection,
    user: i64,
    hashes: &[Vec<u8>],
) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM recovery_code WHERE user_id = $1", user)
        .execute(&mut *db)
        .await?;
    sqlx::query!(
        "INSERT INTO recovery_code (user_id, code_hash) SELECT $1, hash FROM unnest($2::bytea[]) AS hash",
        user,
        hashes
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Uses a code up; false when there is no such code, or it was used before.
///
/// # Errors
/// The database failed.
pub async fn accept(
    db: impl PgExecutor<'_>,
    user: i64,
    hash: &[u8],
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    Ok(sqlx::query!(
        "UPDATE recovery_code SET used_at = $3 WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL",
        user,
        hash,
        now
    )
    .execute(db)
    .await?
    .rows_affected()
        == 1)
}

/// How many codes a user has left.
///
/// # Errors
/// The database failed.
pub async fn left(db: impl PgExecutor<'_>, user: i64) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "left!" FROM recovery_code WHERE user_id = $1 AND used_at IS NULL"#,
        user
    )
    .fetch_one(db)
    .await?)
}
