//! Compose projects and what is known of their files.

use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

use crate::StoreError;

/// A project as it is kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Its compose files.
    pub files: Value,
    /// Why drift could not be told, if so.
    pub drift_unknown: Option<String>,
    /// The services of its files, in their order.
    pub services: Value,
}

/// A service that was given to a team in the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceTeam {
    /// The project.
    pub project: String,
    /// The service.
    pub service: String,
    /// The team's name.
    pub team: String,
}

/// Every project by name.
///
/// # Errors
/// The database failed.
pub async fn all(db: impl PgExecutor<'_>) -> Result<Vec<Row>, StoreError> {
    Ok(sqlx::query_as!(
        Row,
        "SELECT name, files, drift_unknown, services FROM project ORDER BY name"
    )
    .fetch_all(db)
    .await?)
}

/// Stores a project. True when something of it changed.
///
/// # Errors
/// The database failed.
pub async fn save(
    db: &mut PgConnection,
    project: &Row,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let changed = sqlx::query!(
        "INSERT INTO project AS old (name, files, drift_unknown, services, updated_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (name) DO UPDATE SET files = $2, drift_unknown = $3, services = $4
         WHERE (old.files, old.drift_unknown, old.services) IS DISTINCT FROM ($2, $3, $4)",
        project.name,
        project.files,
        project.drift_unknown,
        project.services,
        now
    )
    .execute(db)
    .await?;
    Ok(changed.rows_affected() > 0)
}

/// A container of each of the projects `names` was seen at `now`.
///
/// # Errors
/// The database failed.
pub async fn seen(
    db: &mut PgConnection,
    names: &[String],
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE project SET updated_at = $2 WHERE name = ANY ($1)",
        names,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets the projects of which no container is left and none was seen since `before`. Returns their names.
///
/// # Errors
/// The database failed.
pub async fn forget_empty(
    db: &mut PgConnection,
    before: OffsetDateTime,
) -> Result<Vec<String>, StoreError> {
    Ok(sqlx::query_scalar!(
        "DELETE FROM project p
         WHERE p.updated_at < $1 AND NOT EXISTS (SELECT FROM container c WHERE c.project = p.name)
         RETURNING name",
        before
    )
    .fetch_all(db)
    .await?)
}

/// Forgets a project.
///
/// # Errors
/// The database failed.
pub async fn forget(db: &mut PgConnection, name: &str) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM project WHERE name = $1", name)
        .execute(db)
        .await?;
    Ok(())
}

/// The services that were given to a team in the console.
///
/// # Errors
/// The database failed.
pub async fn service_teams(db: impl PgExecutor<'_>) -> Result<Vec<ServiceTeam>, StoreError> {
    Ok(sqlx::query_as!(
        ServiceTeam,
        "SELECT s.project, s.service, t.name AS team FROM service_team s JOIN team t ON t.id = s.team_id"
    )
    .fetch_all(db)
    .await?)
}
