//! API tokens, kept as hashes.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use types::{
    Role,
    identity::{ApiToken, TeamRef},
};

use crate::{StoreError, users::role};

/// The foreign key of a token to the team it is confined to.
pub const TEAM_KEY: &str = "api_token_team_id_fkey";

/// A token to be made.
pub struct NewToken<'a> {
    /// What it is for.
    pub name: &'a str,
    /// The role it acts with.
    pub role: Role,
    /// The team it is confined to.
    pub team: Option<i64>,
    /// The host that it sends for.
    pub host: Option<&'a str>,
    /// Hash of the secret.
    pub token_hash: &'a [u8],
    /// Who makes it.
    pub created_by: &'a str,
    /// Now.
    pub now: OffsetDateTime,
    /// When it ends.
    pub expires_at: OffsetDateTime,
}

/// Whom a request with a token acts as.
pub struct Holder {
    /// The token's id.
    pub id: i64,
    /// What it is for.
    pub name: String,
    /// The role it acts with.
    pub role: Role,
    /// The name of the team it is confined to.
    pub team: Option<String>,
    /// When it was used last.
    pub last_used_at: Option<OffsetDateTime>,
    /// When it ends.
    pub expires_at: OffsetDateTime,
    /// When it was revoked.
    pub revoked_at: Option<OffsetDateTime>,
}

/// Every token, the newest first.
///
/// # Errors
/// The database failed.
pub async fn list(db: impl PgExecutor<'_>) -> Result<Vec<ApiToken>, StoreError> {
    read(db, None).await
}

/// The token with this id.
///
/// # Errors
/// The database failed.
pub async fn get(db: impl PgExecutor<'_>, id: i64) -> Result<Option<ApiToken>, StoreError> {
    Ok(read(db, Some(id)).await?.pop())
}

async fn read(db: impl PgExecutor<'_>, id: Option<i64>) -> Result<Vec<ApiToken>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT k.id, k.name, k.role, t.id AS "team_id?", t.name AS "team_name?", k.host, k.created_by,
                  k.created_at, k.expires_at, k.last_used_at, k.revoked_at
           FROM api_token k LEFT JOIN team t ON t.id = k.team_id
           WHERE $1::bigint IS NULL OR k.id = $1 ORDER BY k.id DESC"#,
        id
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(ApiToken {
                id: row.id,
                name: row.name,
                role: role(&row.role)?,
                team: row
                    .team_id
                    .zip(row.team_name)
                    .map(|(id, name)| TeamRef { id, name }),
                host: row.host,
                created_by: row.created_by,
                created_at: row.created_at,
                expires_at: row.expires_at,
                last_used_at: row.last_used_at,
                revoked_at: row.revoked_at,
            })
        })
        .collect()
}

/// Whether a token of that name is good at `now`; nobody else makes one until the transaction ends.
///
/// # Errors
/// The database failed.
pub async fn is_named(
    db: &mut PgConnection,
    name: &str,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    lock(db).await?;
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM api_token WHERE name = $1 AND revoked_at IS NULL AND expires_at > $2) AS "is!""#,
        name,
        now
    )
    .fetch_one(db)
    .await?)
}

/// Others read, and wait with making or changing tokens, until the transaction ends.
async fn lock(db: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("LOCK TABLE api_token IN SHARE ROW EXCLUSIVE MODE")
        .execute(db)
        .await?;
    Ok(())
}

/// Adds a token and gives back its id.
///
/// # Errors
/// [`TEAM_KEY`] when there is no such team; or the database failed.
pub async fn insert(db: &mut PgConnection, new: &NewToken<'_>) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "INSERT INTO api_token (name, role, team_id, host, token_hash, created_by, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
        new.name,
        new.role.as_str(),
        new.team,
        new.host,
        new.token_hash,
        new.created_by,
        new.now,
        new.expires_at
    )
    .fetch_one(db)
    .await?)
}

/// Revokes a token; false when there is none, or it is revoked already.
///
/// # Errors
/// The database failed.
pub async fn revoke(
    db: &mut PgConnection,
    id: i64,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    Ok(sqlx::query!(
        "UPDATE api_token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
        id,
        now
    )
    .execute(db)
    .await?
    .rows_affected()
        == 1)
}

/// Whom the token with this hash acts as, dead or alive; none when it is unknown.
///
/// # Errors
/// The database failed.
pub async fn holder(
    db: impl PgExecutor<'_>,
    token_hash: &[u8],
) -> Result<Option<Holder>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT k.id, k.name, k.role, t.name AS "team?", k.last_used_at, k.expires_at, k.revoked_at
           FROM api_token k LEFT JOIN team t ON t.id = k.team_id
           WHERE k.token_hash = $1"#,
        token_hash
    )
    .fetch_optional(db)
    .await?;
    row.map(|row| {
        Ok(Holder {
            id: row.id,
            name: row.name,
            role: role(&row.role)?,
            team: row.team,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
        })
    })
    .transpose()
}

/// Notes that a token was used.
///
/// # Errors
/// The database failed.
pub async fn touch(
    db: impl PgExecutor<'_>,
    id: i64,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE api_token SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)",
        id,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The host that a token sends for; the outer `None` where there is no such token.
///
/// # Errors
/// The database failed.
pub async fn host(db: impl PgExecutor<'_>, id: i64) -> Result<Option<Option<String>>, StoreError> {
    Ok(
        sqlx::query_scalar!("SELECT host FROM api_token WHERE id = $1", id)
            .fetch_optional(db)
            .await?,
    )
}

/// Lets a token that sends for no host yet send for `host`, of which nobody else may claim the like until the transaction
/// ends; false, and nothing is changed, where another token that is good at `now` sends for it, where samples of it are
/// stored, or where this token sends for another one by now.
///
/// # Errors
/// The database failed.
pub async fn claim(
    db: &mut PgConnection,
    id: i64,
    host: &str,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    lock(db).await?;
    let claimed = sqlx::query!(
        "UPDATE api_token SET host = $2
         WHERE id = $1 AND host IS NULL
           AND NOT EXISTS (SELECT FROM api_token WHERE host = $2 AND revoked_at IS NULL AND expires_at > $3)
           AND NOT EXISTS (SELECT FROM resource_host WHERE name = $2)",
        id,
        host,
        now
    )
    .execute(db)
    .await?;
    Ok(claimed.rows_affected() == 1)
}
