//! What happened to containers, as the engine told it.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use types::deployment::EngineEvent;

use crate::StoreError;

/// An event to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// When.
    pub at: OffsetDateTime,
    /// When, in the engine's nanoseconds since 1970.
    pub time_nano: i64,
    /// To which container.
    pub container_id: String,
    /// The compose project.
    pub project: String,
    /// The service.
    pub service: String,
    /// The verb.
    pub action: String,
    /// The exit code of a `die`.
    pub exit_code: Option<i64>,
    /// The image.
    pub image: String,
}

/// Which events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter<'a> {
    /// Of this project.
    pub project: Option<&'a str>,
    /// Of this service.
    pub service: Option<&'a str>,
    /// Before the event with this id.
    pub before: Option<i64>,
    /// Of these services only: their projects and their names, side by side.
    pub among: Option<(&'a [String], &'a [String])>,
}

/// Keeps an event; one that is known already is not kept twice. True when it is new.
///
/// # Errors
/// The database failed.
pub async fn add(db: &mut PgConnection, event: &NewEvent) -> Result<bool, StoreError> {
    let added = sqlx::query!(
        "INSERT INTO engine_event (at, time_nano, container_id, project, service, action, exit_code, image)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT ON CONSTRAINT engine_event_once DO NOTHING",
        event.at,
        event.time_nano,
        event.container_id,
        event.project,
        event.service,
        event.action,
        event.exit_code,
        event.image
    )
    .execute(db)
    .await?;
    Ok(added.rows_affected() > 0)
}

/// The engine's time of the newest event.
///
/// # Errors
/// The database failed.
pub async fn newest(db: impl PgExecutor<'_>) -> Result<Option<i64>, StoreError> {
    Ok(
        sqlx::query_scalar!("SELECT time_nano FROM engine_event ORDER BY time_nano DESC LIMIT 1")
            .fetch_optional(db)
            .await?,
    )
}

/// At most `limit` events, the newest first.
///
/// # Errors
/// The database failed.
pub async fn list(
    db: impl PgExecutor<'_>,
    filter: Filter<'_>,
    limit: i64,
) -> Result<Vec<EngineEvent>, StoreError> {
    Ok(sqlx::query_as!(
        EngineEvent,
        "SELECT id, at, project, service, action, exit_code, image
         FROM engine_event
         WHERE ($1::text IS NULL OR project = $1)
           AND ($2::text IS NULL OR service = $2)
           AND ($3::bigint IS NULL OR id < $3)
           AND ($5::text[] IS NULL OR (project, service) IN (SELECT * FROM unnest($5::text[], $6::text[])))
         ORDER BY id DESC LIMIT $4",
        filter.project,
        filter.service,
        filter.before,
        limit,
        filter.among.map(|(projects, _)| projects),
        filter.among.map(|(_, services)| services)
    )
    .fetch_all(db)
    .await?)
}

/// Forgets events from before `before`.
///
/// # Errors
/// The database failed.
pub async fn forget(db: impl PgExecutor<'_>, before: OffsetDateTime) -> Result<u64, StoreError> {
    let gone = sqlx::query!("DELETE FROM engine_event WHERE at < $1", before)
        .execute(db)
        .await?;
    Ok(gone.rows_affected())
}
