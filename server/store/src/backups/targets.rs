//! Repositories that backups go to.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use types::backups::BackupTarget;

use crate::StoreError;

/// The constraint over names.
pub const NAME_KEY: &str = "backup_target_name_key";

/// The constraint over locations.
pub const LOCATION_KEY: &str = "backup_target_location_key";

/// A target as loops need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its number.
    pub id: i64,
    /// What people call it.
    pub name: String,
    /// Where it is.
    pub location: String,
    /// Which share of its data is read back next.
    pub next_share: i32,
    /// When all of it was last read back.
    pub checked_whole_at: Option<OffsetDateTime>,
    /// When any of it was.
    pub checked_at: Option<OffsetDateTime>,
}

/// Every target, in the order in which they were made.
///
/// # Errors
/// The database failed.
pub async fn list(db: impl PgExecutor<'_>) -> Result<Vec<BackupTarget>, StoreError> {
    Ok(sqlx::query_as!(
        BackupTarget,
        r#"SELECT id, name, location, checked_at, checked_whole_at, failure, bytes, NULL::bigint AS free_bytes
           FROM backup_target ORDER BY id"#
    )
    .fetch_all(db)
    .await?)
}

/// The targets of a set, the first one first.
///
/// # Errors
/// The database failed.
pub async fn of_set(db: impl PgExecutor<'_>, set: i64) -> Result<Vec<Target>, StoreError> {
    Ok(sqlx::query_as!(
        Target,
        "SELECT id, name, location, next_share, checked_whole_at, checked_at
         FROM backup_set_target JOIN backup_target ON id = target_id
         WHERE set_id = $1 ORDER BY place",
        set
    )
    .fetch_all(db)
    .await?)
}

/// One target.
///
/// # Errors
/// The database failed.
pub async fn get(db: impl PgExecutor<'_>, id: i64) -> Result<Option<Target>, StoreError> {
    Ok(sqlx::query_as!(
        Target,
        "SELECT id, name, location, next_share, checked_whole_at, checked_at FROM backup_target WHERE id = $1",
        id
    )
    .fetch_optional(db)
    .await?)
}

/// Adds a target and gives back its number.
///
/// # Errors
/// [`NAME_KEY`], [`LOCATION_KEY`]; the database failed.
pub async fn insert(db: &mut PgConnection, name: &str, location: &str) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "INSERT INTO backup_target (name, location) VALUES ($1, $2) RETURNING id",
        name,
        location
    )
    .fetch_one(db)
    .await?)
}

/// Removes a target that no set goes to and no backup lies in; false where there is none such.
///
/// # Errors
/// The database failed.
pub async fn remove(db: &mut PgConnection, id: i64) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "DELETE FROM backup_target WHERE id = $1
         AND NOT EXISTS (SELECT FROM backup_set_target WHERE target_id = $1)
         AND NOT EXISTS (SELECT FROM backup_copy WHERE target_id = $1)",
        id
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes the check of a target in which something lies, unless it was taken since `before` or other work is on it: a check
/// wants the repository for itself. Over all consoles one gets it.
///
/// # Errors
/// The database failed.
pub async fn claim_check(
    db: &mut PgConnection,
    id: i64,
    now: OffsetDateTime,
    before: OffsetDateTime,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "UPDATE backup_target SET check_asked_at = $2
         WHERE id = $1 AND (check_asked_at IS NULL OR check_asked_at <= $3)
           AND EXISTS (SELECT FROM backup_copy WHERE target_id = $1 AND snapshot IS NOT NULL)
           AND NOT EXISTS (SELECT FROM backup_set_target t JOIN operation o ON o.subject = 'backup set ' || t.set_id
                           WHERE t.target_id = $1 AND o.phase IN ('queued', 'running'))",
        id,
        now,
        before
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A check came to no result: it counts as asked for at `asked_at`, which decides when the next one is.
///
/// # Errors
/// The database failed.
pub async fn check_again(
    db: &mut PgConnection,
    id: i64,
    asked_at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE backup_target SET check_asked_at = $2 WHERE id = $1",
        id,
        asked_at
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A share of its data, or all of it, was read back without a fault.
///
/// # Errors
/// The database failed.
pub async fn checked(
    db: &mut PgConnection,
    id: i64,
    is_whole: bool,
    next_share: i32,
    bytes: Option<i64>,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE backup_target
         SET checked_at = $2, checked_whole_at = CASE WHEN $3 THEN $2 ELSE checked_whole_at END,
             next_share = $4, bytes = coalesce($5, bytes), failure = NULL, failing_since = NULL
         WHERE id = $1",
        id,
        at,
        is_whole,
        next_share,
        bytes
    )
    .execute(&mut *db)
    .await?;
    // All that lies there was read back, or a share of it that stands for the rest until all of it is.
    sqlx::query!(
        "UPDATE backup_copy SET verified_at = $2 WHERE target_id = $1 AND snapshot IS NOT NULL AND made_at <= $2",
        id,
        at
    )
    .execute(db)
    .await?;
    Ok(())
}

/// It can't be relied upon. Nothing in it counts as read back any more where its data is damaged.
///
/// # Errors
/// The database failed.
pub async fn failed(
    db: &mut PgConnection,
    id: i64,
    failure: &str,
    is_damaged: bool,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE backup_target SET failure = $2, failing_since = coalesce(failing_since, $3) WHERE id = $1",
        id,
        failure,
        at
    )
    .execute(&mut *db)
    .await?;
    if is_damaged {
        sqlx::query!(
            "UPDATE backup_copy SET verified_at = NULL, failure = $2 WHERE target_id = $1 AND snapshot IS NOT NULL",
            id,
            failure
        )
        .execute(db)
        .await?;
    }
    Ok(())
}
