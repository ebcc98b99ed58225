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
    /// What an update changed; empty where that is not known.
    pub detail: String,
}

/// A turn in a container's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// When.
    pub at: OffsetDateTime,
    /// Whose.
    pub container_id: String,
    /// The verb.
    pub action: String,
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

/// Keeps an event, with the name of who asked for it through the console; one that is known already is not kept twice.
/// True when it is new.
///
/// # Errors
/// The database failed.
pub async fn add(db: &mut PgConnection, event: &NewEvent) -> Result<bool, StoreError> {
    let added = sqlx::query!(
        "INSERT INTO engine_event (at, time_nano, container_id, project, service, action, exit_code, image, detail,
                                   asked_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, asked_by($4, $5, $6, $1))
         ON CONFLICT ON CONSTRAINT engine_event_once DO NOTHING",
        event.at,
        event.time_nano,
        event.container_id,
        event.project,
        event.service,
        event.action,
        event.exit_code,
        event.image,
        event.detail
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
        "SELECT id, at, project, service, container_id, action, exit_code, image, asked_by, detail
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

/// The newest `limit` starts, ends and kills for memory from `from` to before `to`, the newest first; `before` of the filter
/// counts as well.
///
/// # Errors
/// The database failed.
pub async fn lives(
    db: impl PgExecutor<'_>,
    filter: Filter<'_>,
    from: OffsetDateTime,
    to: OffsetDateTime,
    limit: i64,
) -> Result<Vec<EngineEvent>, StoreError> {
    Ok(sqlx::query_as!(
        EngineEvent,
        "SELECT id, at, project, service, container_id, action, exit_code, image, asked_by, detail
         FROM engine_event
         WHERE at >= $1 AND at < $2 AND action IN ('start', 'die', 'oom')
           AND ($3::text IS NULL OR project = $3)
           AND ($4::text IS NULL OR service = $4)
           AND ($5::bigint IS NULL OR id < $5)
           AND ($7::text[] IS NULL OR (project, service) IN (SELECT * FROM unnest($7::text[], $8::text[])))
         ORDER BY at DESC, id DESC LIMIT $6",
        from,
        to,
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

/// The last `limit` turns of a service's life, the oldest first.
///
/// # Errors
/// The database failed.
pub async fn turns(
    db: impl PgExecutor<'_>,
    project: &str,
    service: &str,
    limit: i64,
) -> Result<Vec<Turn>, StoreError> {
    let mut turns = sqlx::query_as!(
        Turn,
        "SELECT at, container_id, action FROM engine_event
         WHERE project = $1 AND service = $2
           AND action IN ('start', 'kill', 'die', 'stop', 'pause', 'unpause')
         ORDER BY id DESC LIMIT $3",
        project,
        service,
        limit
    )
    .fetch_all(db)
    .await?;
    turns.sort_by_key(|turn| turn.at);
    Ok(turns)
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
