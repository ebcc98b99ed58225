//! Blocks of the three tiers.

use sqlx::{PgConnection, PgExecutor};

use super::{Block, Tier};
use crate::StoreError;

/// Stores a block.
///
/// # Errors
/// The database failed, or one begins there already.
pub async fn insert(
    db: &mut PgConnection,
    tier: Tier,
    host_id: i32,
    bundle: i32,
    block: &Block,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO sample_block (tier, host_id, bundle, from_at, until_at, block)
         VALUES ($1, $2, $3, $4, $5, $6)",
        tier.number(),
        host_id,
        bundle,
        block.from,
        block.until,
        block.block
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The bundles of a host that have blocks from `from` and before `to`.
///
/// # Errors
/// The database failed.
pub async fn bundles(
    db: &mut PgConnection,
    tier: Tier,
    host_id: i32,
    from: i64,
    to: i64,
) -> Result<Vec<i32>, StoreError> {
    Ok(sqlx::query_scalar!(
        "SELECT DISTINCT bundle FROM sample_block
         WHERE tier = $1 AND host_id = $2 AND from_at >= $3 AND from_at < $4 ORDER BY bundle",
        tier.number(),
        host_id,
        from,
        to
    )
    .fetch_all(db)
    .await?)
}

/// The blocks of a bundle that begin from `from` and before `to`, in order.
///
/// # Errors
/// The database failed.
pub async fn between(
    db: &mut PgConnection,
    tier: Tier,
    host_id: i32,
    bundle: i32,
    from: i64,
    to: i64,
) -> Result<Vec<Block>, StoreError> {
    Ok(sqlx::query_as!(
        Block,
        r#"SELECT from_at AS "from", until_at AS "until", block FROM sample_block
           WHERE tier = $1 AND host_id = $2 AND bundle = $3 AND from_at >= $4 AND from_at < $5
           ORDER BY from_at"#,
        tier.number(),
        host_id,
        bundle,
        from,
        to
    )
    .fetch_all(db)
    .await?)
}

/// Removes the blocks of a bundle that begin from `from` and up to `until`.
///
/// # Errors
/// The database failed.
pub async fn remove(
    db: &mut PgConnection,
    tier: Tier,
    host_id: i32,
    bundle: i32,
    from: i64,
    until: i64,
) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM sample_block
         WHERE tier = $1 AND host_id = $2 AND bundle = $3 AND from_at BETWEEN $4 AND $5",
        tier.number(),
        host_id,
        bundle,
        from,
        until
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets at most `most` blocks of a tier that ended before `before`; returns how many.
///
/// # Errors
/// The database failed.
pub async fn forget(
    db: impl PgExecutor<'_>,
    tier: Tier,
    before: i64,
    most: i64,
) -> Result<u64, StoreError> {
    let gone = sqlx::query!(
        "DELETE FROM sample_block WHERE tier = $1 AND (host_id, bundle, from_at) IN (
             SELECT host_id, bundle, from_at FROM sample_block
             WHERE tier = $1 AND until_at < $2 LIMIT $3)",
        tier.number(),
        before,
        most
    )
    .execute(db)
    .await?;
    Ok(gone.rows_affected())
}
