//! Whether the Docker Engine answers.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use types::deployment::Engine;

use crate::StoreError;

/// The engine as it was last found.
///
/// # Errors
/// The database failed.
pub async fn get(db: impl PgExecutor<'_>) -> Result<Engine, StoreError> {
    Ok(sqlx::query_as!(
        Engine,
        "SELECT reachable, reason, version, as_of, unreachable_since FROM engine"
    )
    .fetch_one(db)
    .await?)
}

/// It answered at `as_of`. True when that is news: it did not before, or has another version.
///
/// # Errors
/// The database failed.
pub async fn answered(
    db: &mut PgConnection,
    version: &str,
    as_of: OffsetDateTime,
) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"UPDATE engine SET reachable = true, reason = NULL, version = $1, unreachable_since = NULL,
                             as_of = greatest(engine.as_of, $2)
           FROM (SELECT reachable, version FROM engine FOR UPDATE) AS old
           RETURNING NOT old.reachable OR old.version IS DISTINCT FROM $1 AS "news!""#,
        version,
        as_of
    )
    .fetch_one(db)
    .await?)
}

/// The facts were still true at `as_of`.
///
/// # Errors
/// The database failed.
pub async fn still_true(db: &mut PgConnection, as_of: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE engine SET as_of = greatest(as_of, $1) WHERE reachable",
        as_of
    )
    .execute(db)
    .await?;
    Ok(())
}

/// It did not answer at `now`. True when that is news: it did before, or for another reason.
///
/// # Errors
/// The database failed.
pub async fn silent(
    db: &mut PgConnection,
    reason: &str,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let changed = sqlx::query!(
        "UPDATE engine SET reachable = false, reason = $1, unreachable_since = coalesce(unreachable_since, $2)
         WHERE reachable OR reason IS DISTINCT FROM $1 OR unreachable_since IS NULL",
        reason,
        now
    )
    .execute(db)
    .await?;
    Ok(changed.rows_affected() > 0)
}
