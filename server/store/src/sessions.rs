//! Sessions of browsers. The cookie holds the id, the table its hash.

use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use time::{Duration, OffsetDateTime};
use types::{Role, identity::SessionInfo};

use crate::{StoreError, users::role};

/// How many bytes of the hash make the public handle.
pub const HANDLE_BYTES: i32 = 8;

/// A session to be opened.
pub struct NewSession<'a> {
    /// Hash of the id.
    pub id_hash: &'a [u8],
    /// Who signed in, with the account's generation as it was then; none before sign-in.
    pub user: Option<(i64, i64)>,
    /// What the session holds.
    pub data: &'a Value,
    /// From which address.
    pub address: &'a str,
    /// With which program.
    pub user_agent: &'a str,
    /// When it began; its greatest age counts from here.
    pub created_at: OffsetDateTime,
    /// When it was used last.
    pub last_seen_at: OffsetDateTime,
    /// The last proof of password.
    pub proved_at: Option<OffsetDateTime>,
    /// When it ends if nothing else happens.
    pub expires_at: OffsetDateTime,
}

/// Who a session belongs to, for the actor of a request.
pub struct Holder {
    /// The user's id.
    pub user_id: i64,
    /// The address they sign in with.
    pub email: String,
    /// Their role now.
    pub role: Role,
    /// The names of their teams now.
    pub teams: Vec<String>,
    /// The last proof of password in this session.
    pub proved_at: Option<OffsetDateTime>,
    /// They have a second factor.
    pub has_second_factor: bool,
    /// When the session was used last.
    pub last_seen_at: OffsetDateTime,
}

/// Opens a session. False when the id is taken, or when its user was disabled or got a new password since the
/// sign-in that wants it.
///
/// # Errors
/// The database failed.
pub async fn create(db: impl PgExecutor<'_>, new: &NewSession<'_>) -> Result<bool, StoreError> {
    let (user, generation) = new.user.unzip();
    // The share lock waits for whoever is changing the account right now, and then sees the change.
    Ok(sqlx::query!(
        "WITH holder AS (
             SELECT id FROM users
             WHERE id = $2 AND session_generation = $3 AND disabled_at IS NULL FOR SHARE)
         INSERT INTO session
             (id_hash, user_id, data, address, user_agent, proved_at, created_at, last_seen_at, expires_at)
         SELECT $1, $2::bigint, $4, $5, $6, $7, $8, $9, $10
         WHERE $2 IS NULL OR EXISTS (SELECT FROM holder)
         ON CONFLICT (id_hash) DO NOTHING",
        new.id_hash,
        user,
        generation,
        new.data,
        new.address,
        new.user_agent,
        new.proved_at,
        new.created_at,
        new.last_seen_at,
        new.expires_at
    )
    .execute(db)
    .await?
    .rows_affected()
        == 1)
}

/// Writes what an open session holds. False when it is not open any more: an ended session stays ended. Only a
/// session that nobody signed in to takes a new end; the others end by age and idleness.
///
/// # Errors
/// The database failed.
pub async fn save(
    db: impl PgExecutor<'_>,
    id_hash: &[u8],
    data: &Value,
    expires_at: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    Ok(sqlx::query!(
        "UPDATE session SET data = $2, expires_at = CASE WHEN user_id IS NULL THEN $3 ELSE expires_at END
         WHERE id_hash = $1 AND expires_at > $4",
        id_hash,
        data,
        expires_at,
        now
    )
    .execute(db)
    .await?
    .rows_affected()
        == 1)
}

/// What an open session holds, and when it ends.
///
/// # Errors
/// The database failed.
pub async fn load(
    db: impl PgExecutor<'_>,
    id_hash: &[u8],
    now: OffsetDateTime,
) -> Result<Option<(Value, OffsetDateTime)>, StoreError> {
    let row = sqlx::query!(
        "SELECT data, expires_at FROM session WHERE id_hash = $1 AND expires_at > $2",
        id_hash,
        now
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.data, row.expires_at)))
}

/// Who holds an open session; none when nobody signed in to it, it ended, or its user is disabled.
///
/// # Errors
/// The database failed.
pub async fn holder(
    db: impl PgExecutor<'_>,
    id_hash: &[u8],
    now: OffsetDateTime,
) -> Result<Option<Holder>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT u.id, u.email, u.role, s.proved_at, s.last_seen_at,
                  u.totp_secret IS NOT NULL AS "has_second_factor!",
                  ARRAY(SELECT t.name FROM team_member m JOIN team t ON t.id = m.team_id
                        WHERE m.user_id = u.id ORDER BY t.name) AS "teams!"
           FROM session s JOIN users u ON u.id = s.user_id
           WHERE s.id_hash = $1 AND s.expires_at > $2 AND u.disabled_at IS NULL"#,
        id_hash,
        now
    )
    .fetch_optional(db)
    .await?;
    row.map(|row| {
        Ok(Holder {
            user_id: row.id,
            email: row.email,
            role: role(&row.role)?,
            teams: row.teams,
            proved_at: row.proved_at,
            has_second_factor: row.has_second_factor,
            last_seen_at: row.last_seen_at,
        })
    })
    .transpose()
}

/// Notes that a session was used, and moves its end to `now + idle`, never past `created_at + absolute`.
///
/// # Errors
/// The database failed.
pub async fn touch(
    db: impl PgExecutor<'_>,
    id_hash: &[u8],
    address: &str,
    user_agent: &str,
    now: OffsetDateTime,
    idle: Duration,
    absolute: Duration,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE session SET last_seen_at = $2, address = $3, user_agent = $4,
                expires_at = least($2 + make_interval(secs => $5), created_at + make_interval(secs => $6))
         WHERE id_hash = $1 AND expires_at > $2",
        id_hash,
        now,
        address,
        user_agent,
        idle.as_seconds_f64(),
        absolute.as_seconds_f64()
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes a proof of password; false when the session is not open any more.
///
/// # Errors
/// The database failed.
pub async fn note_proof(
    db: &mut PgConnection,
    id_hash: &[u8],
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    Ok(sqlx::query!(
        "UPDATE session SET proved_at = $2 WHERE id_hash = $1 AND expires_at > $2",
        id_hash,
        now
    )
    .execute(db)
    .await?
    .rows_affected()
        == 1)
}

/// A user's open sessions, the last used first; `current` is the hash of the one that asks.
///
/// # Errors
/// The database failed.
pub async fn list(
    db: impl PgExecutor<'_>,
    user: i64,
    current: Option<&[u8]>,
    now: OffsetDateTime,
) -> Result<Vec<SessionInfo>, StoreError> {
    Ok(sqlx::query_as!(
        SessionInfo,
        r#"SELECT encode(substring(s.id_hash FOR $4), 'hex') AS "handle!", u.id AS user_id, u.name AS user_name,
                  s.address, s.user_agent, s.created_at, s.last_seen_at,
                  coalesce(s.id_hash = $2, false) AS "current!"
           FROM session s JOIN users u ON u.id = s.user_id
           WHERE u.id = $1 AND s.expires_at > $3
           ORDER BY s.last_seen_at DESC, s.id_hash"#,
        user,
        current,
        now,
        HANDLE_BYTES
    )
    .fetch_all(db)
    .await?)
}

/// Whose the session with this handle is.
///
/// # Errors
/// The database failed.
pub async fn owner(
    db: impl PgExecutor<'_>,
    handle: &[u8],
    now: OffsetDateTime,
) -> Result<Option<(i64, String)>, StoreError> {
    let row = sqlx::query!(
        "SELECT u.id, u.email FROM session s JOIN users u ON u.id = s.user_id
         WHERE substring(s.id_hash FOR $2) = $1 AND s.expires_at > $3",
        handle,
        HANDLE_BYTES,
        now
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.id, row.email)))
}

/// Ends a user's session with this handle; false when there is none.
///
/// # Errors
/// The database failed.
pub async fn end(db: &mut PgConnection, user: i64, handle: &[u8]) -> Result<bool, StoreError> {
    Ok(sqlx::query!(
        "DELETE FROM session WHERE user_id = $1 AND substring(id_hash FOR $3) = $2",
        user,
        handle,
        HANDLE_BYTES
    )
    .execute(db)
    .await?
    .rows_affected()
        >= 1)
}

/// Ends a user's sessions, all but `except`; gives back how many.
///
/// # Errors
/// The database failed.
pub async fn end_all_of(
    db: &mut PgConnection,
    user: i64,
    except: Option<&[u8]>,
) -> Result<u64, StoreError> {
    Ok(sqlx::query!(
        "DELETE FROM session WHERE user_id = $1 AND id_hash IS DISTINCT FROM $2",
        user,
        except
    )
    .execute(db)
    .await?
    .rows_affected())
}

/// Deletes the session with this id's hash; true when there was one.
///
/// # Errors
/// The database failed.
pub async fn delete(db: impl PgExecutor<'_>, id_hash: &[u8]) -> Result<bool, StoreError> {
    Ok(
        sqlx::query!("DELETE FROM session WHERE id_hash = $1", id_hash)
            .execute(db)
            .await?
            .rows_affected()
            == 1,
    )
}

/// Forgets sessions that ended.
///
/// # Errors
/// The database failed.
pub async fn forget(db: impl PgExecutor<'_>, now: OffsetDateTime) -> Result<u64, StoreError> {
    Ok(
        sqlx::query!("DELETE FROM session WHERE expires_at <= $1", now)
            .execute(db)
            .await?
            .rows_affected(),
    )
}
