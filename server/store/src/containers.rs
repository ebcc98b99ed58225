//! Containers of compose projects as they were last read.

use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

use crate::StoreError;

/// A container as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The engine's id.
    pub id: String,
    /// The compose project.
    pub project: String,
    /// The service.
    pub service: String,
    /// The state, in the engine's word.
    pub state: String,
    /// The health, in the engine's word.
    pub health: String,
    /// Since when state and health are what they are.
    pub since: OffsetDateTime,
    /// Everything that was read.
    pub facts: Value,
    /// Differences from the compose file.
    pub drift: Value,
    /// Its [`Version`]; not read where a row is stored.
    pub version: i64,
}

/// A service of a project.
pub type Key = (String, String);

/// Which container was written when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The engine's id.
    pub id: String,
    /// Grows with every write of any container.
    pub version: i64,
}

/// The version of every container, by project, service and id.
///
/// # Errors
/// The database failed.
pub async fn versions(db: impl PgExecutor<'_>) -> Result<Vec<Version>, StoreError> {
    Ok(sqlx::query_as!(
        Version,
        "SELECT id, version FROM container ORDER BY project, service, id"
    )
    .fetch_all(db)
    .await?)
}

/// The containers among `ids` that are known.
///
/// # Errors
/// The database failed.
pub async fn of_ids(db: impl PgExecutor<'_>, ids: &[String]) -> Result<Vec<Row>, StoreError> {
    Ok(sqlx::query_as!(
        Row,
        "SELECT id, project, service, state, health, since, facts, drift, version
         FROM container WHERE id = ANY ($1)",
        ids
    )
    .fetch_all(db)
    .await?)
}

/// Which reading of the engine it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Its number, of [`crate::reading::begin`].
    pub number: i64,
    /// When the engine was asked.
    pub at: OffsetDateTime,
}

/// Stores what was read of containers: what an earlier reading told never replaces what a later one did. Each row's
/// `since` is used where its state changed; it stays where state and health did; where only the health changed it is
/// the time of the reading. Returns the services of which something changed.
///
/// # Errors
/// The database failed.
pub async fn save(
    db: &mut PgConnection,
    rows: &[Row],
    reading: Reading,
) -> Result<Vec<Key>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let column = |of: fn(&Row) -> &str| -> Vec<String> {
        rows.iter().map(|row| of(row).to_owned()).collect()
    };
    let changed = sqlx::query!(
        r#"INSERT INTO container AS old
               (id, project, service, state, health, since, facts, drift, reading)
           SELECT id, project, service, state, health, since, facts, drift, $9
           FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
                       $7::jsonb[], $8::jsonb[])
                AS new (id, project, service, state, health, since, facts, drift)
           -- Whoever writes several rows locks them in one order.
           ORDER BY id
           ON CONFLICT (id) DO UPDATE SET
               project = EXCLUDED.project, service = EXCLUDED.service,
               state = EXCLUDED.state, health = EXCLUDED.health,
               since = CASE WHEN old.state <> EXCLUDED.state THEN EXCLUDED.since
                            WHEN old.health <> EXCLUDED.health THEN $10::timestamptz
                            ELSE old.since END,
               facts = EXCLUDED.facts, drift = EXCLUDED.drift, reading = EXCLUDED.reading,
               version = nextval('container_version')
           WHERE old.reading <= EXCLUDED.reading
             AND (old.project, old.service, old.state, old.health, old.facts, old.drift)
                 IS DISTINCT FROM
                 (EXCLUDED.project, EXCLUDED.service, EXCLUDED.state, EXCLUDED.health,
                  EXCLUDED.facts, EXCLUDED.drift)
           RETURNING project, service"#,
        &column(|row| &row.id),
        &column(|row| &row.project),
        &column(|row| &row.service),
        &column(|row| &row.state),
        &column(|row| &row.health),
        &rows.iter().map(|row| row.since).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.facts.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.drift.clone()).collect::<Vec<_>>(),
        reading.number,
        reading.at
    )
    .fetch_all(db)
    .await?;
    Ok(changed
        .into_iter()
        .map(|row| (row.project, row.service))
        .collect())
}

/// Stores that nothing of these containers could be read: state and health become unknown, the facts of those that are
/// known stay. A row's own facts count where its container was not known. Returns the services of which something
/// changed.
///
/// # Errors
/// The database failed.
pub async fn save_unreadable(
    db: &mut PgConnection,
    rows: &[Row],
    reading: Reading,
) -> Result<Vec<Key>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let column = |of: fn(&Row) -> &str| -> Vec<String> {
        rows.iter().map(|row| of(row).to_owned()).collect()
    };
    let changed = sqlx::query!(
        r#"INSERT INTO container AS old (id, project, service, state, health, since, facts, reading)
           SELECT id, project, service, 'unknown', 'unknown', $6, facts, $5
           FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[]) AS new (id, project, service, facts)
           ORDER BY id
           ON CONFLICT (id) DO UPDATE SET
               state = EXCLUDED.state, health = EXCLUDED.health, since = EXCLUDED.since,
               facts = old.facts || '{"state": "unknown", "health": "unknown"}',
               reading = EXCLUDED.reading, version = nextval('container_version')
           WHERE old.reading <= EXCLUDED.reading
             AND (old.state, old.health) IS DISTINCT FROM (EXCLUDED.state, EXCLUDED.health)
           RETURNING project, service"#,
        &column(|row| &row.id),
        &column(|row| &row.project),
        &column(|row| &row.service),
        &rows.iter().map(|row| row.facts.clone()).collect::<Vec<_>>(),
        reading.number,
        reading.at
    )
    .fetch_all(db)
    .await?;
    Ok(changed
        .into_iter()
        .map(|row| (row.project, row.service))
        .collect())
}

/// Forgets every container that is not among `ids` and that no later reading than `number` told of. Returns their
/// services.
///
/// # Errors
/// The database failed.
pub async fn keep_only(
    db: &mut PgConnection,
    ids: &[String],
    number: i64,
) -> Result<Vec<Key>, StoreError> {
    let gone = sqlx::query!(
        "DELETE FROM container WHERE reading <= $2 AND NOT id = ANY ($1) RETURNING project, service",
        ids,
        number
    )
    .fetch_all(db)
    .await?;
    Ok(gone
        .into_iter()
        .map(|row| (row.project, row.service))
        .collect())
}

/// Forgets a container. Returns its service, if it was known.
///
/// # Errors
/// The database failed.
pub async fn forget(db: &mut PgConnection, id: &str) -> Result<Option<Key>, StoreError> {
    let gone = sqlx::query!(
        "DELETE FROM container WHERE id = $1 RETURNING project, service",
        id
    )
    .fetch_optional(db)
    .await?;
    Ok(gone.map(|row| (row.project, row.service)))
}
