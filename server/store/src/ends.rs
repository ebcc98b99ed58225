//! How each service last ended, which outlives the container and the console.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

use crate::{StoreError, containers::Key};

/// How a service last ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// The compose project.
    pub project: String,
    /// The service.
    pub service: String,
    /// Its container.
    pub container_id: String,
    /// When.
    pub at: OffsetDateTime,
    /// The exit code.
    pub exit_code: Option<i64>,
    /// The kernel killed it, or a process of it, for memory.
    pub oom_killed: bool,
    /// It was stopped: by the console, by `docker stop`, by compose.
    pub is_deliberate: bool,
}

/// The last end of every service that has ended.
///
/// # Errors
/// The database failed.
pub async fn all(db: impl PgExecutor<'_>) -> Result<Vec<End>, StoreError> {
    Ok(sqlx::query_as!(
        End,
        "SELECT project, service, container_id, at, exit_code, oom_killed, is_deliberate FROM service_end"
    )
    .fetch_all(db)
    .await?)
}

/// Reckons the last end of services anew from their events, of which some were added.
///
/// # Errors
/// The database failed.
pub async fn reckon(db: &mut PgConnection, services: &[Key]) -> Result<(), StoreError> {
    let (projects, names): (Vec<String>, Vec<String>) = services.iter().cloned().unzip();
    sqlx::query!(
        "INSERT INTO service_end
         SELECT ended.*
         FROM (SELECT DISTINCT project, service FROM unnest($1::text[], $2::text[]) AS one (project, service)
               ORDER BY project, service) AS one,
              last_end(one.project, one.service) AS ended
         ON CONFLICT (project, service) DO UPDATE SET
             container_id = EXCLUDED.container_id, at = EXCLUDED.at, exit_code = EXCLUDED.exit_code,
             oom_killed = EXCLUDED.oom_killed, is_deliberate = EXCLUDED.is_deliberate",
        &projects,
        &names
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets ends from before `before` of services that have no container any more.
///
/// # Errors
/// The database failed.
pub async fn forget(db: impl PgExecutor<'_>, before: OffsetDateTime) -> Result<u64, StoreError> {
    let gone = sqlx::query!(
        "DELETE FROM service_end AS ended WHERE at < $1 AND NOT EXISTS (
             SELECT FROM container WHERE container.project = ended.project AND container.service = ended.service
         )",
        before
    )
        .execute(db)
        .await?;
    Ok(gone.rows_affected())
}
