//! Hosts whose meters are read, and how far their samples reach.

use sqlx::{PgConnection, PgExecutor};

use crate::StoreError;

/// A host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Its number.
    pub id: i32,
    /// Its name.
    pub name: String,
    /// The time of its newest sample; 0 where there is none.
    pub stored_until: i64,
    /// What is older is in the longest blocks.
    pub second_until: i64,
    /// What is older is in the minute tier.
    pub minute_until: i64,
    /// What is older is in the hour tier.
    pub hour_until: i64,
}

/// Makes sure that there is a host of this name, and returns its number.
///
/// # Errors
/// The database failed, or refuses the name.
pub async fn ensure(db: &mut PgConnection, name: &str) -> Result<i32, StoreError> {
    let known = sqlx::query_scalar!("SELECT id FROM resource_host WHERE name = $1", name)
        .fetch_optional(&mut *db)
        .await?;
    if let Some(id) = known {
        return Ok(id);
    }
    Ok(sqlx::query_scalar!(
        "INSERT INTO resource_host (name) VALUES ($1)
         ON CONFLICT (name) DO UPDATE SET name = EXCLUDED.name RETURNING id",
        name
    )
    .fetch_one(db)
    .await?)
}

/// Every host, by name.
///
/// # Errors
/// The database failed.
pub async fn list(db: impl PgExecutor<'_>) -> Result<Vec<Host>, StoreError> {
    Ok(sqlx::query_as!(
        Host,
        "SELECT id, name, stored_until, second_until, minute_until, hour_until
         FROM resource_host ORDER BY name"
    )
    .fetch_all(db)
    .await?)
}

/// The time of the newest sample of the host of this name; 0 where there is none.
///
/// # Errors
/// The database failed.
pub async fn stored_until(db: impl PgExecutor<'_>, name: &str) -> Result<i64, StoreError> {
    let until = sqlx::query_scalar!(
        "SELECT stored_until FROM resource_host WHERE name = $1",
        name
    )
    .fetch_optional(db)
    .await?;
    Ok(until.unwrap_or(0))
}

/// The host, which nobody else writes until the transaction ends.
///
/// # Errors
/// The database failed, or there is no such host.
pub async fn lock(db: &mut PgConnection, id: i32) -> Result<Host, StoreError> {
    Ok(sqlx::query_as!(
        Host,
        "SELECT id, name, stored_until, second_until, minute_until, hour_until
         FROM resource_host WHERE id = $1 FOR NO KEY UPDATE",
        id
    )
    .fetch_one(db)
    .await?)
}

/// Moves the time of the newest sample from `from` to `to`; false, and nothing is changed, when it was not at `from`:
/// somebody else wrote.
///
/// # Errors
/// The database failed.
pub async fn advance(
    db: &mut PgConnection,
    id: i32,
    from: i64,
    to: i64,
) -> Result<bool, StoreError> {
    let moved = sqlx::query!(
        "UPDATE resource_host SET stored_until = $3 WHERE id = $1 AND stored_until = $2",
        id,
        from,
        to
    )
    .execute(db)
    .await?;
    Ok(moved.rows_affected() == 1)
}

/// Sets how far the samples of a host reach, all as `host` says.
///
/// # Errors
/// The database failed.
pub async fn mark(db: &mut PgConnection, host: &Host) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE resource_host
         SET stored_until = $2, second_until = $3, minute_until = $4, hour_until = $5
         WHERE id = $1",
        host.id,
        host.stored_until,
        host.second_until,
        host.minute_until,
        host.hour_until
    )
    .execute(db)
    .await?;
    Ok(())
}
