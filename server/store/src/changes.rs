//! The outbox of changes that open pages follow.

use sqlx::{PgConnection, PgPool, postgres::PgListener};
use time::OffsetDateTime;
use types::live::{Change, Topic};

use crate::StoreError;

/// The channel that says "read the outbox".
const CHANNEL: &str = "ytops_change";

/// Says that `topic`/`key` changed, when and only when the transaction commits.
///
/// # Errors
/// The database failed.
pub async fn publish(db: &mut PgConnection, topic: Topic, key: &str) -> Result<(), StoreError> {
    // The head's row lock orders ids by commit, so a reader that saw id n has seen all before it.
    sqlx::query!(
        "WITH head AS (UPDATE change_head SET id = id + 1 RETURNING id)
         INSERT INTO change (id, topic, key) SELECT id, $1, $2 FROM head",
        topic.as_str(),
        key
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("SELECT pg_notify($1, '')", CHANNEL)
        .execute(db)
        .await?;
    Ok(())
}

/// Up to `limit` changes after `after`, the oldest first.
///
/// # Errors
/// The database failed.
pub async fn after(db: &PgPool, after: i64, limit: i64) -> Result<Vec<Change>, StoreError> {
    let rows = sqlx::query!(
        "SELECT id, topic, key FROM change WHERE id > $1 ORDER BY id LIMIT $2",
        after,
        limit
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            Some(Change {
                id: row.id,
                topic: Topic::parse(&row.topic)?,
                key: row.key,
            })
        })
        .collect())
}

/// The newest change's id.
///
/// # Errors
/// The database failed.
pub async fn head(db: &PgPool) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!("SELECT id FROM change_head")
        .fetch_one(db)
        .await?)
}

/// Forgets changes older than `before`.
///
/// # Errors
/// The database failed.
pub async fn forget(db: &PgPool, before: OffsetDateTime) -> Result<u64, StoreError> {
    Ok(sqlx::query!("DELETE FROM change WHERE at < $1", before)
        .execute(db)
        .await?
        .rows_affected())
}

/// A connection that hears of changes; it reconnects by itself.
///
/// # Errors
/// The database can't be reached.
pub async fn listen(db: &PgPool) -> Result<PgListener, StoreError> {
    let mut listener = PgListener::connect_with(db).await?;
    listener.listen(CHANNEL).await?;
    Ok(listener)
}
