//! The series of hosts.

use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use types::resources::{Series, SeriesKey};

use super::BUNDLE_BITS;
use crate::StoreError;

/// A series as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its number.
    pub id: i32,
    /// Its host's number.
    pub host_id: i32,
    /// When its device or container went; `None` while it is there.
    pub ended_at: Option<i64>,
    /// What it measures.
    pub series: Series,
}

struct Row {
    id: i32,
    host_id: i32,
    name: String,
    attributes: Value,
    unit: String,
    ended_at: Option<i64>,
}

impl TryFrom<Row> for Stored {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let attributes = serde_json::from_value(row.attributes).map_err(|error| {
            StoreError::Corrupt(format!("attributes of series {}: {error}", row.id))
        })?;
        Ok(Self {
            id: row.id,
            host_id: row.host_id,
            ended_at: row.ended_at,
            series: Series {
                key: SeriesKey {
                    name: row.name,
                    attributes,
                },
                unit: row.unit,
            },
        })
    }
}

fn read(rows: Vec<Row>) -> Result<Vec<Stored>, StoreError> {
    rows.into_iter().map(Stored::try_from).collect()
}

/// Makes sure that the host has these series, and that they are there again; returns their numbers in the same order.
/// New ones get numbers in that order.
///
/// # Errors
/// The database failed, or refuses a name.
pub async fn register(
    db: &mut PgConnection,
    host_id: i32,
    series: &[Series],
) -> Result<Vec<i32>, StoreError> {
    let names: Vec<String> = series.iter().map(|one| one.key.name.clone()).collect();
    let units: Vec<String> = series.iter().map(|one| one.unit.clone()).collect();
    let attributes = series
        .iter()
        .map(|one| serde_json::to_value(&one.key.attributes))
        .collect::<Result<Vec<Value>, _>>()
        .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    sqlx::query!(
        "INSERT INTO resource_series (host_id, name, attributes, unit)
         SELECT $1, name, attributes, unit
         FROM unnest($2::text[], $3::jsonb[], $4::text[]) WITH ORDINALITY AS new (name, attributes, unit, place)
         WHERE NOT EXISTS (
             SELECT FROM resource_series AS old
             WHERE (old.host_id, old.name, old.attributes, old.unit) = ($1, new.name, new.attributes, new.unit))
         ORDER BY place
         ON CONFLICT ON CONSTRAINT resource_series_identity DO NOTHING",
        host_id,
        &names,
        &attributes,
        &units
    )
    .execute(&mut *db)
    .await?;
    let ids = sqlx::query_scalar!(
        "SELECT old.id
         FROM unnest($2::text[], $3::jsonb[], $4::text[]) WITH ORDINALITY AS new (name, attributes, unit, place)
         JOIN resource_series AS old
           ON (old.host_id, old.name, old.attributes, old.unit) = ($1, new.name, new.attributes, new.unit)
         ORDER BY place",
        host_id,
        &names,
        &attributes,
        &units
    )
    .fetch_all(&mut *db)
    .await?;
    sqlx::query!(
        "UPDATE resource_series SET ended_at = NULL WHERE id = ANY ($1) AND ended_at IS NOT NULL",
        &ids
    )
    .execute(db)
    .await?;
    Ok(ids)
}

/// These series' devices or containers went at `at`.
///
/// # Errors
/// The database failed.
pub async fn end(db: &mut PgConnection, ids: &[i32], at: i64) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE resource_series SET ended_at = $2 WHERE id = ANY ($1) AND ended_at IS NULL",
        ids,
        at
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The host's series other than these went, at the time of its newest sample.
///
/// # Errors
/// The database failed.
pub async fn end_others(
    db: &mut PgConnection,
    host_id: i32,
    ids: &[i32],
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE resource_series AS series SET ended_at = host.stored_until
         FROM resource_host AS host
         WHERE host.id = $1 AND series.host_id = $1 AND NOT series.id = ANY ($2) AND series.ended_at IS NULL",
        host_id,
        ids
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The series of a host that have not ended, by number.
///
/// # Errors
/// The database failed, or a row can't be read.
pub async fn live(db: impl PgExecutor<'_>, host: &str) -> Result<Vec<Stored>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT series.id, host_id, series.name, attributes, unit, ended_at
         FROM resource_series AS series JOIN resource_host AS host ON host.id = host_id
         WHERE host.name = $1 AND ended_at IS NULL
         ORDER BY series.id",
        host
    )
    .fetch_all(db)
    .await?;
    read(rows)
}

/// Which series of a host are listed.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'a> {
    /// The host's name.
    pub host: &'a str,
    /// Those of this name; all where it is `None`.
    pub name: Option<&'a str>,
    /// Those that ended as well.
    pub with_ended: bool,
    /// Those of a greater number.
    pub after: i32,
    /// So many at the most.
    pub most: i64,
}

/// Series of a host, by number.
///
/// # Errors
/// The database failed, or a row can't be read.
pub async fn list(db: impl PgExecutor<'_>, listed: Listed<'_>) -> Result<Vec<Stored>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT series.id, host_id, series.name, attributes, unit, ended_at
         FROM resource_series AS series JOIN resource_host AS host ON host.id = host_id
         WHERE host.name = $1 AND ($2::text IS NULL OR series.name = $2)
           AND ($3 OR ended_at IS NULL) AND series.id > $4
         ORDER BY series.id LIMIT $5",
        listed.host,
        listed.name,
        listed.with_ended,
        listed.after,
        listed.most
    )
    .fetch_all(db)
    .await?;
    read(rows)
}

/// The series of these names that a host has had since `since`, by number.
///
/// # Errors
/// The database failed, or a row can't be read.
pub async fn named(
    db: impl PgExecutor<'_>,
    host_id: i32,
    names: &[&str],
    since: i64,
) -> Result<Vec<Stored>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, host_id, name, attributes, unit, ended_at FROM resource_series
         WHERE host_id = $1 AND name = ANY ($2) AND (ended_at IS NULL OR ended_at >= $3) ORDER BY id",
        host_id,
        names as &[&str],
        since
    )
    .fetch_all(db)
    .await?;
    read(rows)
}

/// The series among these numbers that there are.
///
/// # Errors
/// The database failed, or a row can't be read.
pub async fn get(db: impl PgExecutor<'_>, ids: &[i32]) -> Result<Vec<Stored>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, host_id, name, attributes, unit, ended_at
         FROM resource_series WHERE id = ANY ($1) ORDER BY id",
        ids
    )
    .fetch_all(db)
    .await?;
    read(rows)
}

/// Number and unit of the series of a bundle.
///
/// # Errors
/// The database failed.
pub async fn units(
    db: impl PgExecutor<'_>,
    host_id: i32,
    bundle: i32,
) -> Result<Vec<(i32, String)>, StoreError> {
    let rows = sqlx::query!(
        "SELECT id, unit FROM resource_series
         WHERE id BETWEEN $2 AND $3 AND host_id = $1 ORDER BY id",
        host_id,
        bundle << BUNDLE_BITS,
        (bundle << BUNDLE_BITS) | ((1 << BUNDLE_BITS) - 1)
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.unit)).collect())
}

/// Forgets series that ended before `before`.
///
/// # Errors
/// The database failed.
pub async fn forget(db: impl PgExecutor<'_>, before: i64) -> Result<u64, StoreError> {
    let gone = sqlx::query!("DELETE FROM resource_series WHERE ended_at < $1", before)
        .execute(db)
        .await?;
    Ok(gone.rows_affected())
}
