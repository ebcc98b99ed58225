//! Teams, their members, and the services they own.

use sqlx::{PgConnection, PgExecutor, types::Json};
use time::OffsetDateTime;
use types::identity::{Member, Team};

use crate::StoreError;

/// The constraint over names.
pub const NAME_KEY: &str = "team_name_key";

/// The foreign key of a membership to its team.
pub const MEMBER_TEAM_KEY: &str = "team_member_team_id_fkey";

/// Keeps everyone else from changing memberships until the transaction ends. Taken before any other lock by whatever
/// changes them, from the user's side or the team's, so that two at once queue instead of waiting for each other.
///
/// # Errors
/// The database failed.
pub async fn hold_memberships(db: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("LOCK TABLE team_member IN SHARE ROW EXCLUSIVE MODE")
        .execute(db)
        .await?;
    Ok(())
}

/// Every team with its members, by name.
///
/// # Errors
/// The database failed.
pub async fn list(db: impl PgExecutor<'_>) -> Result<Vec<Team>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT t.id, t.name,
                  coalesce((SELECT jsonb_agg(jsonb_build_object('user_id', u.id, 'name', u.name) ORDER BY lower(u.name), u.id)
                            FROM team_member m JOIN users u ON u.id = m.user_id WHERE m.team_id = t.id),
                           '[]') AS "members!: Json<Vec<Member>>"
           FROM team t ORDER BY t.name"#
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Team {
            id: row.id,
            name: row.name,
            members: row.members.0,
        })
        .collect())
}

/// Adds a team and gives back its id.
///
/// # Errors
/// [`NAME_KEY`] when the name is taken; or the database failed.
pub async fn insert(
    db: &mut PgConnection,
    name: &str,
    now: OffsetDateTime,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "INSERT INTO team (name, created_at) VALUES ($1, $2) RETURNING id",
        name,
        now
    )
    .fetch_one(db)
    .await?)
}

/// The team's name, its row locked until the transaction ends.
///
/// # Errors
/// The database failed.
pub async fn lock(db: &mut PgConnection, id: i64) -> Result<Option<String>, StoreError> {
    Ok(
        sqlx::query_scalar!("SELECT name FROM team WHERE id = $1 FOR NO KEY UPDATE", id)
            .fetch_optional(db)
            .await?,
    )
}

/// Renames a team.
///
/// # Errors
/// [`NAME_KEY`] when the name is taken; or the database failed.
pub async fn rename(db: &mut PgConnection, id: i64, name: &str) -> Result<bool, StoreError> {
    Ok(
        sqlx::query!("UPDATE team SET name = $2 WHERE id = $1", id, name)
            .execute(db)
            .await?
            .rows_affected()
            == 1,
    )
}

/// What a team still has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Belongings {
    /// Who belongs to it.
    pub members: i64,
    /// Services that were given to it, or that name it in their label.
    pub services: i64,
    /// Tokens confined to it that are valid at the time.
    pub tokens: i64,
}

/// What the team `id` of this name has at `now`.
///
/// # Errors
/// The database failed.
pub async fn belongings(
    db: &mut PgConnection,
    id: i64,
    name: &str,
    now: OffsetDateTime,
) -> Result<Belongings, StoreError> {
    Ok(sqlx::query_as!(
        Belongings,
        r#"SELECT (SELECT count(*) FROM team_member WHERE team_id = $1) AS "members!",
                  (SELECT count(DISTINCT (c.project, c.service)) FROM container c
                   LEFT JOIN service_team s ON s.project = c.project AND s.service = c.service
                   WHERE s.team_id = $1 OR s.team_id IS NULL AND c.facts->>'team' = $2) AS "services!",
                  (SELECT count(*) FROM api_token
                   WHERE team_id = $1 AND revoked_at IS NULL AND expires_at > $3) AS "tokens!""#,
        id,
        name,
        now
    )
    .fetch_one(db)
    .await?)
}

/// Deletes a team with its memberships, its tokens, and what it owns.
///
/// # Errors
/// The database failed.
pub async fn delete(db: &mut PgConnection, id: i64) -> Result<bool, StoreError> {
    Ok(sqlx::query!("DELETE FROM team WHERE id = $1", id)
        .execute(db)
        .await?
        .rows_affected()
        == 1)
}

/// The team that a service was given to in the console; none leaves it to the service's label.
///
/// # Errors
/// The database failed.
pub async fn of_service(
    db: impl PgExecutor<'_>,
    project: &str,
    service: &str,
) -> Result<Option<String>, StoreError> {
    Ok(sqlx::query_scalar!(
        "SELECT t.name FROM service_team s JOIN team t ON t.id = s.team_id
         WHERE s.project = $1 AND s.service = $2",
        project,
        service
    )
    .fetch_optional(db)
    .await?)
}

/// True when a container of this service is known.
///
/// # Errors
/// The database failed.
pub async fn service_exists(
    db: impl PgExecutor<'_>,
    project: &str,
    service: &str,
) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM container WHERE project = $1 AND service = $2) AS "exists!""#,
        project,
        service
    )
    .fetch_one(db)
    .await?)
}

/// Gives a service to a team, or with none leaves it to its label again.
///
/// # Errors
/// `service_team_team_id_fkey` when there is no such team; or the database failed.
pub async fn set_of_service(
    db: &mut PgConnection,
    project: &str,
    service: &str,
    team: Option<i64>,
) -> Result<(), StoreError> {
    if let Some(team) = team {
        sqlx::query!(
            "INSERT INTO service_team (project, service, team_id) VALUES ($1, $2, $3)
             ON CONFLICT (project, service) DO UPDATE SET team_id = $3",
            project,
            service,
            team
        )
        .execute(db)
        .await?;
    } else {
        sqlx::query!(
            "DELETE FROM service_team WHERE project = $1 AND service = $2",
            project,
            service
        )
        .execute(db)
        .await?;
    }
    Ok(())
}
