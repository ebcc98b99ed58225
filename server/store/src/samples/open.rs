//! The newest samples of a host, until there are enough for blocks.

use sqlx::PgConnection;

use super::Block;
use crate::StoreError;

/// Stores a block of all series of a host.
///
/// # Errors
/// The database failed, or one begins there already.
pub async fn insert(db: &mut PgConnection, host_id: i32, block: &Block) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO sample_open (host_id, from_at, until_at, block) VALUES ($1, $2, $3, $4)",
        host_id,
        block.from,
        block.until,
        block.block
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Takes all that is open of a host away, in order.
///
/// # Errors
/// The database failed.
pub async fn take(db: &mut PgConnection, host_id: i32) -> Result<Vec<Block>, StoreError> {
    Ok(sqlx::query_as!(
        Block,
        r#"WITH taken AS (DELETE FROM sample_open WHERE host_id = $1 RETURNING from_at, until_at, block)
           SELECT from_at AS "from!", until_at AS "until!", block AS "block!" FROM taken ORDER BY from_at"#,
        host_id
    )
    .fetch_all(db)
    .await?)
}

/// Forgets what is open of a host: it has become blocks.
///
/// # Errors
/// The database failed.
pub async fn clear(db: &mut PgConnection, host_id: i32) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM sample_open WHERE host_id = $1", host_id)
        .execute(db)
        .await?;
    Ok(())
}
