//! The second factor: its seed (sealed by who stores it), the last accepted step, and an enrolment on its way.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

use crate::StoreError;

/// Keeps a seed that was shown and not yet confirmed; an older one of the same user is forgotten.
///
/// # Errors
/// The database failed.
pub async fn begin(
    db: &mut PgConnection,
    user: i64,
    secret: &[u8],
    expires_at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO totp_enrolment (user_id, secret, expires_at) VALUES ($1, $2, $3)
         ON CONFLICT (user_id) DO UPDATE SET secret = $2, expires_at = $3",
        user,
        secret,
        expires_at
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The seed that waits to be confirmed, locked until the transaction ends.
///
/// # Errors
/// The database failed.
pub async fn pending(
    db: &mut PgConnection,
    user: i64,
    now: OffsetDateTime,
) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(sqlx::query_scalar!(
        "SELECT secret FROM totp_enrolment WHERE user_id = $1 AND expires_at > $2 FOR UPDATE",
        user,
        now
    )
    .fetch_optional(db)
    .await?)
}

/// Turns the second factor on with `secret`, whose code of `step` was accepted. False when one is on already.
///
/// # Errors
/// The database failed.
pub async fn enable(
    db: &mut PgConnection,
    user: i64,
    secret: &[u8],
    step: i64,
) -> Result<bool, StoreError> {
    sqlx::query!("DELETE FROM totp_enrolment WHERE user_id = $1", user)
        .execute(&mut *db)
        .await?;
    Ok(sqlx::query!(
        "UPDATE users SET totp_secret = $2, totp_last_step = $3 WHERE id = $1 AND totp_secret IS NULL",
        user,
        secret,
        step
    )
    .execute(db)
    .await?
    .rows_affected()
        == 1)
}

/// Turns the second factor off and forgets its recovery codes. False when none was on.
///
/// # Errors
/// The database failed.
pub async fn disable(db: &mut PgConnection, user: i64) -> Result<bool, StoreError> {
    sqlx::query!("DELETE FROM totp_enrolment WHERE user_id = $1", user)
        .execute(&mut *db)
        .await?;
    sqlx::query!("DELETE FROM recovery_code WHERE user_id = $1", user)
        .execute(&mut *db)
        .await?;
    Ok(sqlx::query!(
        "UPDATE users SET totp_secret = NULL, totp_last_step = NULL WHERE id = $1 AND totp_secret IS NOT NULL",
        user
    )
    .execute(db)
    .await?
    .rows_affected()
        == 1)
}

/// Accepts the code of `step` made with `secret`, once: false when it, or a later one, was accepted before.
///
/// # Errors
/// The database failed.
pub async fn accept(
    db: impl PgExecutor<'_>,
    user: i64,
    secret: &[u8],
    step: i64,
) -> Result<bool, StoreError> {
    Ok(sqlx::query!(
        "UPDATE users SET totp_last_step = $3
         WHERE id = $1 AND totp_secret = $2 AND (totp_last_step IS NULL OR totp_last_step < $3)",
        user,
        secret,
        step
    )
    .execute(db)
    .await?
    .rows_affected()
        == 1)
}

/// The seed of every user who has one, as it is stored.
///
/// # Errors
/// The database failed.
pub async fn seeds(db: impl PgExecutor<'_>) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT id, totp_secret AS "seed!" FROM users WHERE totp_secret IS NOT NULL ORDER BY id"#
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.seed)).collect())
}

/// Stores the seed `old` of a user as `new`, unless another took its place meanwhile.
///
/// # Errors
/// The database failed.
pub async fn replace_seed(
    db: &mut PgConnection,
    user: i64,
    old: &[u8],
    new: &[u8],
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE users SET totp_secret = $3 WHERE id = $1 AND totp_secret = $2",
        user,
        old,
        new
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets enrolments that were never confirmed.
///
/// # Errors
/// The database failed.
pub async fn forget(db: impl PgExecutor<'_>, now: OffsetDateTime) -> Result<u64, StoreError> {
    Ok(
        sqlx::query!("DELETE FROM totp_enrolment WHERE expires_at <= $1", now)
            .execute(db)
            .await?
            .rows_affected(),
    )
}
