//! Whether the Docker Engine answers.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use types::deployment::{Engine, EngineFault};

use crate::{StoreError, containers::Reading};

/// The engine as it was last found.
///
/// # Errors
/// The database failed.
pub async fn get(db: impl PgExecutor<'_>) -> Result<Engine, StoreError> {
    let row =
        sqlx::query!("SELECT reachable, reason, version, as_of, unreachable_since FROM engine")
            .fetch_one(db)
            .await?;
    Ok(Engine {
        reachable: row.reachable,
        fault: (!row.reachable).then_some(EngineFault::Unreachable),
        reason: row.reason,
        version: row.version,
        as_of: row.as_of,
        unreachable_since: row.unreachable_since,
    })
}

/// It answered at the time of `reading`. True when that is news: it did not before, or has another version.
///
/// # Errors
/// The database failed.
pub async fn answered(
    db: &mut PgConnection,
    version: &str,
    reading: Reading,
) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"UPDATE engine SET reachable = true, reason = NULL, version = $1, unreachable_since = NULL,
                             as_of = CASE WHEN engine.reading <= $3 THEN $2 ELSE engine.as_of END,
                             reading = greatest(engine.reading, $3)
           FROM (SELECT reachable, version FROM engine FOR UPDATE) AS old
           RETURNING NOT old.reachable OR old.version IS DISTINCT FROM $1 AS "news!""#,
        version,
        reading.at,
        reading.number
    )
    .fetch_one(db)
    .await?)
}

/// The facts were still true at the time of `reading`.
///
/// # Errors
/// The database failed.
pub async fn still_true(db: &mut PgConnection, reading: Reading) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE engine SET as_of = $1, reading = $2 WHERE reachable AND reading <= $2",
        reading.at,
        reading.number
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
