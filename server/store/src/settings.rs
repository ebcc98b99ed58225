//! Settings that are changed on pages, one JSON value a key.

use serde::{Serialize, de::DeserializeOwned};
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use crate::StoreError;

/// The value under `key`, or the type's default where there is none.
///
/// # Errors
/// The database failed, or what is stored is not a `T`.
pub async fn get<T: DeserializeOwned + Default>(db: &PgPool, key: &str) -> Result<T, StoreError> {
    let value = sqlx::query_scalar!("SELECT value FROM setting WHERE key = $1", key)
        .fetch_optional(db)
        .await?;
    match value {
        Some(value) => serde_json::from_value(value)
            .map_err(|error| StoreError::Corrupt(format!("setting {key}: {error}"))),
        None => Ok(T::default()),
    }
}

/// Sets `key`; `by` names who did.
///
/// # Errors
/// The database failed.
pub async fn set<T: Serialize + Sync>(
    db: &mut PgConnection,
    key: &str,
    value: &T,
    by: &str,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let value =
        serde_json::to_value(value).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    sqlx::query!(
        "INSERT INTO setting (key, value, updated_at, updated_by) VALUES ($1, $2, $3, $4)
         ON CONFLICT (key) DO UPDATE SET value = $2, updated_at = $3, updated_by = $4",
        key,
        value,
        now,
        by
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Sets `member` of the map under `key`, or takes it out; what others set beside it at the same time stays.
///
/// # Errors
/// The database failed.
pub async fn set_member(
    db: &mut PgConnection,
    key: &str,
    member: &str,
    value: Option<&str>,
    by: &str,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO setting (key, value, updated_at, updated_by)
         VALUES ($1, jsonb_strip_nulls(jsonb_build_object($2::text, $3::text)), $4, $5)
         ON CONFLICT (key) DO UPDATE SET
             value = jsonb_strip_nulls(setting.value || jsonb_build_object($2::text, $3::text)),
             updated_at = $4, updated_by = $5",
        key,
        member,
        value,
        now,
        by
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Sets `member` of the map under `key` to `new` where it is `old`: the same in another form.
///
/// # Errors
/// The database failed.
pub async fn replace_member(
    db: &mut PgConnection,
    key: &str,
    member: &str,
    old: &str,
    new: &str,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE setting SET value = value || jsonb_build_object($2::text, $4::text)
         WHERE key = $1 AND value ->> $2::text = $3",
        key,
        member,
        old,
        new
    )
    .execute(db)
    .await?;
    Ok(())
}
