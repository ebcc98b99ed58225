//! Users: accounts with their secrets for signing in, and as pages see them.

use sqlx::{PgConnection, PgExecutor, types::Json};
use time::OffsetDateTime;
use types::{
    Role,
    identity::{TeamRef, User},
};

use crate::StoreError;

/// The unique index over addresses, whatever their case.
pub const EMAIL_KEY: &str = "users_email_key";

/// What signing in needs of a user. Never leaves the server; deliberately without `Debug`.
pub struct Account {
    /// The user's id.
    pub id: i64,
    /// The address they sign in with.
    pub email: String,
    /// PHC string of the password.
    pub password_hash: String,
    /// The second factor's seed.
    pub totp_secret: Option<Vec<u8>>,
    /// They may not sign in.
    pub disabled: bool,
    /// Grows when the password changes or the account is disabled.
    pub session_generation: i64,
}

/// A user to be made.
pub struct NewAccount<'a> {
    /// The address they sign in with.
    pub email: &'a str,
    /// The name that pages show.
    pub name: &'a str,
    /// Their one role.
    pub role: Role,
    /// PHC string of the password.
    pub password_hash: &'a str,
    /// Now.
    pub now: OffsetDateTime,
}

pub(crate) fn role(text: &str) -> Result<Role, StoreError> {
    Role::parse(text).ok_or_else(|| StoreError::Corrupt(format!("role {text:?}")))
}

/// The account that signs in with `email`, whatever its case.
///
/// # Errors
/// The database failed.
pub async fn account_by_email(
    db: impl PgExecutor<'_>,
    email: &str,
) -> Result<Option<Account>, StoreError> {
    Ok(sqlx::query_as!(
        Account,
        r#"SELECT id, email, password_hash, totp_secret, disabled_at IS NOT NULL AS "disabled!", session_generation
           FROM users WHERE lower(email) = lower($1)"#,
        email
    )
    .fetch_optional(db)
    .await?)
}

/// The account with this id.
///
/// # Errors
/// The database failed.
pub async fn account(db: impl PgExecutor<'_>, id: i64) -> Result<Option<Account>, StoreError> {
    Ok(sqlx::query_as!(
        Account,
        r#"SELECT id, email, password_hash, totp_secret, disabled_at IS NOT NULL AS "disabled!", session_generation
           FROM users WHERE id = $1"#,
        id
    )
    .fetch_optional(db)
    .await?)
}

/// Every user, by name.
///
/// # Errors
/// The database failed.
pub async fn list(db: impl PgExecutor<'_>) -> Result<Vec<User>, StoreError> {
    read(db, None).await
}

/// The user with this id.
///
/// # Errors
/// The database failed.
pub async fn get(db: impl PgExecutor<'_>, id: i64) -> Result<Option<User>, StoreError> {
    Ok(read(db, Some(id)).await?.pop())
}

async fn read(db: impl PgExecutor<'_>, id: Option<i64>) -> Result<Vec<User>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT u.id, u.email, u.name, u.role, u.totp_secret IS NOT NULL AS "totp!", u.disabled_at, u.created_at,
                  u.last_sign_in_at,
                  coalesce((SELECT jsonb_agg(jsonb_build_object('id', t.id, 'name', t.name) ORDER BY t.name)
                            FROM team_member m JOIN team t ON t.id = m.team_id WHERE m.user_id = u.id),
                           '[]') AS "teams!: Json<Vec<TeamRef>>"
           FROM users u WHERE $1::bigint IS NULL OR u.id = $1
           ORDER BY lower(u.name), u.id"#,
        id
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(User {
                id: row.id,
                email: row.email,
                name: row.name,
                role: role(&row.role)?,
                teams: row.teams.0,
                totp: row.totp,
                disabled_at: row.disabled_at,
                created_at: row.created_at,
                last_sign_in_at: row.last_sign_in_at,
            })
        })
        .collect()
}

/// True when there is a user, disabled or not.
///
/// # Errors
/// The database failed.
pub async fn any(db: impl PgExecutor<'_>) -> Result<bool, StoreError> {
    Ok(
        sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM users) AS "any!""#)
            .fetch_one(db)
            .await?,
    )
}

/// Keeps everyone else from adding a user until the transaction ends, so that "there is none" stays true.
///
/// # Errors
/// The database failed.
pub async fn hold_additions(db: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE")
        .execute(db)
        .await?;
    Ok(())
}

/// Adds a user and gives back the id.
///
/// # Errors
/// [`EMAIL_KEY`] when the address is taken; or the database failed.
pub async fn insert(db: &mut PgConnection, new: &NewAccount<'_>) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "INSERT INTO users (email, name, role, password_hash, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id",
        new.email,
        new.name,
        new.role.as_str(),
        new.password_hash,
        new.now
    )
    .fetch_one(db)
    .await?)
}

/// Locks the enabled CTOs until the transaction ends and gives back their ids. Whoever takes one away locks them
/// first, so two at once can't take the last two.
///
/// # Errors
/// The database failed.
pub async fn lock_enabled_ctos(db: &mut PgConnection) -> Result<Vec<i64>, StoreError> {
    Ok(sqlx::query_scalar!(
        "SELECT id FROM users WHERE role = 'cto' AND disabled_at IS NULL ORDER BY id FOR NO KEY UPDATE"
    )
    .fetch_all(db)
    .await?)
}

/// Locks a user's row until the transaction ends; false when there is none.
///
/// # Errors
/// The database failed.
pub async fn lock(db: &mut PgConnection, id: i64) -> Result<bool, StoreError> {
    Ok(
        sqlx::query_scalar!("SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE", id)
            .fetch_optional(db)
            .await?
            .is_some(),
    )
}

/// Sets address, name and role; false when there is no such user.
///
/// # Errors
/// [`EMAIL_KEY`] when the address is taken; or the database failed.
pub async fn update(
    db: &mut PgConnection,
    id: i64,
    email: &str,
    name: &str,
    role: Role,
) -> Result<bool, StoreError> {
    Ok(sqlx::query!(
        "UPDATE users SET email = $2, name = $3, role = $4 WHERE id = $1",
        id,
        email,
        name,
        role.as_str()
    )
    .execute(db)
    .await?
    .rows_affected()
        == 1)
}

/// Sets the teams a user belongs to.
///
/// # Errors
/// `team_member_team_id_fkey` when there is no such team; or the database failed.
pub async fn set_teams(db: &mut PgConnection, id: i64, teams: &[i64]) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM team_member WHERE user_id = $1 AND team_id <> ALL($2)",
        id,
        teams
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "INSERT INTO team_member (team_id, user_id) SELECT DISTINCT team, $1::bigint FROM unnest($2::bigint[]) AS team
         ON CONFLICT DO NOTHING",
        id,
        teams
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Disables (`Some`: since when) or enables (`None`) a user; false when there is none, or nothing to change.
///
/// # Errors
/// The database failed.
pub async fn set_disabled(
    db: &mut PgConnection,
    id: i64,
    since: Option<OffsetDateTime>,
) -> Result<bool, StoreError> {
    Ok(sqlx::query!(
        "UPDATE users SET disabled_at = $2, session_generation = session_generation + 1
         WHERE id = $1 AND (disabled_at IS NULL) <> ($2::timestamptz IS NULL)",
        id,
        since
    )
    .execute(db)
    .await?
    .rows_affected()
        == 1)
}

/// Sets a new password; sign-ins that began with the old one open no session any more.
///
/// # Errors
/// The database failed.
pub async fn set_password(db: &mut PgConnection, id: i64, hash: &str) -> Result<bool, StoreError> {
    Ok(sqlx::query!(
        "UPDATE users SET password_hash = $2, session_generation = session_generation + 1 WHERE id = $1",
        id,
        hash
    )
    .execute(db)
    .await?
    .rows_affected()
        == 1)
}

/// As [`set_password`], if the account is enabled and still of `generation`; false when it is not.
///
/// # Errors
/// The database failed.
pub async fn set_password_of(
    db: &mut PgConnection,
    id: i64,
    generation: i64,
    hash: &str,
) -> Result<bool, StoreError> {
    Ok(sqlx::query!(
        "UPDATE users SET password_hash = $3, session_generation = session_generation + 1
         WHERE id = $1 AND session_generation = $2 AND disabled_at IS NULL",
        id,
        generation,
        hash
    )
    .execute(db)
    .await?
    .rows_affected()
        == 1)
}

/// Replaces the hash of the same password by a stronger one, unless the password changed meanwhile.
///
/// # Errors
/// The database failed.
pub async fn rehash(
    db: &mut PgConnection,
    id: i64,
    old: &str,
    new: &str,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2",
        id,
        old,
        new
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes a sign-in. False when the account was disabled or its password changed since `generation` was read.
///
/// # Errors
/// The database failed.
pub async fn note_sign_in(
    db: &mut PgConnection,
    id: i64,
    generation: i64,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    Ok(sqlx::query!(
        "UPDATE users SET last_sign_in_at = $3
         WHERE id = $1 AND session_generation = $2 AND disabled_at IS NULL",
        id,
        generation,
        now
    )
    .execute(db)
    .await?
    .rows_affected()
        == 1)
}
