//! Devices that signed in before: a wait that an attack from elsewhere caused does not hold them.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

use crate::StoreError;

/// True when the device with this token's hash signed in before as the user with this address.
///
/// # Errors
/// The database failed.
pub async fn is_known(
    db: impl PgExecutor<'_>,
    token_hash: &[u8],
    email: &str,
) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM known_device d JOIN users u ON u.id = d.user_id
                          WHERE d.token_hash = $1 AND lower(u.email) = lower($2)) AS "known!""#,
        token_hash,
        email
    )
    .fetch_one(db)
    .await?)
}

/// Remembers a device; of a user's devices the `keep` used last stay.
///
/// # Errors
/// The database failed.
pub async fn remember(
    db: &mut PgConnection,
    user: i64,
    token_hash: &[u8],
    now: OffsetDateTime,
    keep: i64,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO known_device (token_hash, user_id, created_at, last_used_at) VALUES ($1, $2, $3, $3)
         ON CONFLICT (token_hash) DO UPDATE SET last_used_at = $3",
        token_hash,
        user,
        now
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "DELETE FROM known_device WHERE token_hash IN
         (SELECT token_hash FROM known_device WHERE user_id = $1
          ORDER BY last_used_at DESC, token_hash OFFSET $2)",
        user,
        keep
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets every device of a user, all but that with the hash `except`.
///
/// # Errors
/// The database failed.
pub async fn forget_of(
    db: &mut PgConnection,
    user: i64,
    except: Option<&[u8]>,
) -> Result<u64, StoreError> {
    Ok(sqlx::query!(
        "DELETE FROM known_device WHERE user_id = $1 AND token_hash IS DISTINCT FROM $2",
        user,
        except
    )
    .execute(db)
    .await?
    .rows_affected())
}

/// Forgets devices that were not used since `before`.
///
/// # Errors
/// The database failed.
pub async fn forget(db: impl PgExecutor<'_>, before: OffsetDateTime) -> Result<u64, StoreError> {
    Ok(
        sqlx::query!("DELETE FROM known_device WHERE last_used_at < $1", before)
            .execute(db)
            .await?
            .rows_affected(),
    )
}
