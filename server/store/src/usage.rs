//! What containers use now.

use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use types::deployment::Usage;

use crate::StoreError;

/// What one container uses.
#[derive(Clone, Debug, PartialEq)]
pub struct OfContainer {
    /// The container's id.
    pub container_id: String,
    /// What it uses.
    pub usage: Usage,
}

/// Replaces what is known by `usages`, measured at `at`; nothing stays of containers that are not among them.
///
/// # Errors
/// The database failed.
pub async fn replace(
    db: &mut PgConnection,
    usages: &[OfContainer],
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    let ids: Vec<String> = usages.iter().map(|one| one.container_id.clone()).collect();
    let values = usages
        .iter()
        .map(|one| serde_json::to_value(&one.usage))
        .collect::<Result<Vec<Value>, _>>()
        .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    sqlx::query!(
        "INSERT INTO container_usage (container_id, usage, at)
         SELECT id, usage, $3 FROM unnest($1::text[], $2::jsonb[]) AS new (id, usage)
         ON CONFLICT (container_id) DO UPDATE SET usage = EXCLUDED.usage, at = EXCLUDED.at",
        &ids,
        &values,
        at
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "DELETE FROM container_usage WHERE NOT container_id = ANY ($1)",
        &ids
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What was measured since `since`.
///
/// # Errors
/// The database failed, or a row can't be read.
pub async fn since(
    db: impl PgExecutor<'_>,
    since: OffsetDateTime,
) -> Result<Vec<OfContainer>, StoreError> {
    let rows = sqlx::query!(
        "SELECT container_id, usage FROM container_usage WHERE at >= $1",
        since
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let usage = serde_json::from_value(row.usage).map_err(|error| {
                StoreError::Corrupt(format!("usage of {}: {error}", row.container_id))
            })?;
            Ok(OfContainer {
                container_id: row.container_id,
                usage,
            })
        })
        .collect()
}
