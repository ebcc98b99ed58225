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
    /// They were so already at `since`: when that began is not known.
    pub began_before: bool,
    /// Everything that was read.
    pub facts: Value,
    /// Differences from the compose file.
    pub drift: Value,
    /// The compose file could not be read: whether there are differences is not known. Not given where a row is read.
    pub drift_unknown: bool,
    /// Since when it differs from the compose file, or did when that was last known; not read where a row is stored.
    pub drift_since: Option<OffsetDateTime>,
    /// It did so already then, when that was first seen; not read where a row is stored.
    pub drift_began_before: bool,
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
        r#"SELECT id, project, service, state, health, since, began_before, facts, drift, false AS "drift_unknown!",
                drift_since, drift_began_before, version
         FROM container WHERE id = ANY ($1)"#,
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

/// A column of rows.
fn column(rows: &[Row], of: fn(&Row) -> &str) -> Vec<String> {
    rows.iter().map(|row| of(row).to_owned()).collect()
}

/// The service of a row that was written.
struct Written {
    project: String,
    service: String,
}

fn keys(written: Vec<Written>) -> Vec<Key> {
    written
        .into_iter()
        .map(|row| (row.project, row.service))
        .collect()
}

/// Stores what was read of containers: what an earlier reading told never replaces what a later one did. Each row's
/// `since` is used where its state changed or where the container demonstrably began anew; it stays where state and
/// health did. Where only the health changed it is when the first of the probes that fail since was made, if the facts
/// tell it, and the time of the reading if not; while nobody looked that is only when it was so already. Since when it
/// differs from its compose file is kept in the same way, also while the file can't be read. Returns the services of which something changed.
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
    let changed = sqlx::query_as!(
        Written,
        r#"INSERT INTO container AS old
               (id, project, service, state, health, since, facts, drift, began_before, reading,
                drift_since, drift_began_before)
           -- One that was just made differs since then.
           SELECT id, project, service, state, health, since, facts, drift, began_before, $10,
                  CASE WHEN drift <> '[]' THEN $11::timestamptz END,
                  CASE WHEN drift = '[]' THEN drift_unknown
                       ELSE coalesce((facts->>'created_at')::timestamptz < $11 - interval '1 minute', true) END
           FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
                       $7::jsonb[], $8::jsonb[], $9::boolean[], $12::boolean[])
                AS new (id, project, service, state, health, since, facts, drift, began_before, drift_unknown)
           -- Whoever writes several rows locks them in one order.
           ORDER BY id
           ON CONFLICT (id) DO UPDATE SET
               project = EXCLUDED.project, service = EXCLUDED.service,
               state = EXCLUDED.state, health = EXCLUDED.health,
               since = CASE WHEN old.state <> EXCLUDED.state THEN EXCLUDED.since
                            WHEN old.health <> EXCLUDED.health THEN
                                coalesce((EXCLUDED.facts->>'failing_since')::timestamptz,
                                         CASE WHEN EXCLUDED.began_before AND
                                                   (SELECT as_of IS NULL OR as_of < $11::timestamptz - interval '1 minute' FROM engine)
                                              THEN EXCLUDED.since ELSE $11 END)
                            WHEN NOT EXCLUDED.began_before AND EXCLUDED.since > old.since THEN EXCLUDED.since
                            ELSE old.since END,
               began_before = CASE WHEN (old.state, old.health) <> (EXCLUDED.state, EXCLUDED.health) THEN
                                       EXCLUDED.began_before AND
                                       (SELECT as_of IS NULL OR as_of < $11::timestamptz - interval '1 minute' FROM engine)
                                   WHEN NOT EXCLUDED.began_before AND EXCLUDED.since > old.since THEN false
                                   ELSE old.began_before END,
               -- Not a difference, and it began before: whether there is one is not known. The time stays over that.
               drift_since = CASE WHEN EXCLUDED.drift <> '[]' THEN coalesce(old.drift_since, $11)
                                  WHEN EXCLUDED.drift_began_before THEN old.drift_since END,
               drift_began_before = CASE WHEN EXCLUDED.drift = '[]' AND NOT EXCLUDED.drift_began_before THEN false
                                         WHEN old.drift_since IS NOT NULL THEN old.drift_began_before
                                         ELSE EXCLUDED.drift = '[]' OR old.drift_began_before OR
                                              (SELECT as_of IS NULL OR as_of < $11 - interval '1 minute' FROM engine) END,
               facts = EXCLUDED.facts, drift = EXCLUDED.drift, reading = EXCLUDED.reading,
               version = nextval('container_version')
           WHERE old.reading <= EXCLUDED.reading
             AND ((old.project, old.service, old.state, old.health, old.facts, old.drift)
                  IS DISTINCT FROM
                  (EXCLUDED.project, EXCLUDED.service, EXCLUDED.state, EXCLUDED.health,
                   EXCLUDED.facts, EXCLUDED.drift)
                  OR EXCLUDED.drift = '[]'
                     AND EXCLUDED.drift_began_before <> (old.drift_since IS NOT NULL OR old.drift_began_before))
           RETURNING project, service"#,
        &column(rows, |row| &row.id),
        &column(rows, |row| &row.project),
        &column(rows, |row| &row.service),
        &column(rows, |row| &row.state),
        &column(rows, |row| &row.health),
        &rows.iter().map(|row| row.since).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.facts.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.drift.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.began_before).collect::<Vec<_>>(),
        reading.number,
        reading.at,
        &rows.iter().map(|row| row.drift_unknown).collect::<Vec<_>>()
    )
    .fetch_all(db)
    .await?;
    Ok(keys(changed))
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
    let changed = sqlx::query_as!(
        Written,
        r#"INSERT INTO container AS old (id, project, service, state, health, since, facts, reading)
           SELECT id, project, service, 'unknown', 'unknown', $6, facts, $5
           FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[]) AS new (id, project, service, facts)
           ORDER BY id
           ON CONFLICT (id) DO UPDATE SET
               state = EXCLUDED.state, health = EXCLUDED.health, since = EXCLUDED.since, began_before = false,
               facts = old.facts || '{"state": "unknown", "health": "unknown"}',
               reading = EXCLUDED.reading, version = nextval('container_version')
           WHERE old.reading <= EXCLUDED.reading
             AND (old.state, old.health) IS DISTINCT FROM (EXCLUDED.state, EXCLUDED.health)
           RETURNING project, service"#,
        &column(rows, |row| &row.id),
        &column(rows, |row| &row.project),
        &column(rows, |row| &row.service),
        &rows.iter().map(|row| row.facts.clone()).collect::<Vec<_>>(),
        reading.number,
        reading.at
    )
    .fetch_all(db)
    .await?;
    Ok(keys(changed))
}

/// Puts the time right since when containers are unhealthy that were so when they were first seen, where the engine's
/// events tell it. Returns their services.
///
/// # Errors
/// The database failed.
pub async fn date_by_events(db: &mut PgConnection) -> Result<Vec<Key>, StoreError> {
    let dated = sqlx::query_as!(
        Written,
        "UPDATE container SET since = told.at, began_before = false, version = nextval('container_version')
         FROM container AS seen CROSS JOIN LATERAL (
             SELECT at, action FROM engine_event
             WHERE container_id = seen.id AND action LIKE 'health_status: %'
             ORDER BY time_nano DESC LIMIT 1
         ) AS told
         WHERE container.id = seen.id AND container.began_before
           AND container.state = 'running' AND container.health = 'unhealthy'
           AND told.action = 'health_status: unhealthy' AND told.at <= container.since
           AND told.at >= coalesce((container.facts->>'started_at')::timestamptz, told.at)
         RETURNING container.project, container.service"
    )
    .fetch_all(db)
    .await?;
    Ok(keys(dated))
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
    let gone = sqlx::query_as!(
        Written,
        "DELETE FROM container WHERE reading <= $2 AND NOT id = ANY ($1) RETURNING project, service",
        ids,
        number
    )
    .fetch_all(db)
    .await?;
    Ok(keys(gone))
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
