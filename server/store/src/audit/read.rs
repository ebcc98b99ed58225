//! Reading the log: pages of it for people, all of it for the walk along the chain.

use sqlx::{PgConnection, PgExecutor, PgPool, Postgres, Transaction};
use time::OffsetDateTime;
use types::audit::{AuditEntry, AuditResult};

use super::NewEntry;
use crate::StoreError;

/// What to look for; an empty text matches everything.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Only entries of these teams; none for all.
    pub teams: Option<Vec<String>>,
    /// Part of the actor.
    pub actor: String,
    /// Part of the action.
    pub action: String,
    /// Part of the target.
    pub target: String,
    /// How it ended.
    pub result: Option<AuditResult>,
    /// Not before.
    pub since: Option<OffsetDateTime>,
    /// Only before.
    pub until: Option<OffsetDateTime>,
}

/// Up to `limit` entries before `before` (none: from the newest), the newest first.
///
/// # Errors
/// The database failed.
pub async fn before(
    db: impl PgExecutor<'_>,
    query: &Query,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<AuditEntry>, StoreError> {
    let rows = sqlx::query!(
        "SELECT id, at, actor, action, target, team, address, user_agent, result, detail FROM audit
         WHERE ($1::bigint IS NULL OR id < $1)
           AND ($2::text[] IS NULL OR team = ANY($2))
           AND ($3 = '' OR strpos(lower(actor), lower($3)) > 0)
           AND ($4 = '' OR strpos(lower(action), lower($4)) > 0)
           AND ($5 = '' OR strpos(lower(target), lower($5)) > 0)
           AND ($6::text IS NULL OR result = $6)
           AND ($7::timestamptz IS NULL OR at >= $7)
           AND ($8::timestamptz IS NULL OR at < $8)
         ORDER BY id DESC LIMIT $9",
        before,
        query.teams.as_deref(),
        query.actor,
        query.action,
        query.target,
        query.result.map(AuditResult::as_str),
        query.since,
        query.until,
        limit
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(AuditEntry {
                id: row.id,
                at: row.at,
                actor: row.actor,
                action: row.action,
                target: row.target,
                team: row.team,
                address: row.address,
                user_agent: row.user_agent,
                result: result(&row.result)?,
                detail: serde_json::from_str(&row.detail)
                    .map_err(|error| StoreError::Corrupt(format!("audit {}: {error}", row.id)))?,
            })
        })
        .collect()
}

fn result(text: &str) -> Result<AuditResult, StoreError> {
    AuditResult::parse(text).ok_or_else(|| StoreError::Corrupt(format!("audit result {text:?}")))
}

/// An entry as it is stored, with its hashes.
pub struct Link {
    /// Its id.
    pub id: i64,
    /// When.
    pub at: OffsetDateTime,
    /// Who.
    pub actor: String,
    /// Their id.
    pub actor_id: Option<i64>,
    /// The verb.
    pub action: String,
    /// On what.
    pub target: String,
    /// The team that owns the target.
    pub team: Option<String>,
    /// From which address.
    pub address: String,
    /// With which program.
    pub user_agent: String,
    /// How it ended, as text: what was tampered with needn't be readable.
    pub result: String,
    /// JSON text.
    pub detail: String,
    /// The hash before it.
    pub prev_hash: Vec<u8>,
    /// Its own hash.
    pub hash: Vec<u8>,
}

impl Link {
    /// The hash that its content should have; none where the content can't be one that was written.
    pub fn expected_hash(&self) -> Option<Vec<u8>> {
        let entry = NewEntry {
            at: self.at,
            actor: &self.actor,
            actor_id: self.actor_id,
            action: &self.action,
            target: &self.target,
            team: self.team.as_deref(),
            address: &self.address,
            user_agent: &self.user_agent,
            result: AuditResult::parse(&self.result)?,
            detail: &self.detail,
        };
        super::chain(&self.prev_hash, self.id, &entry).ok()
    }
}

/// A transaction that sees the database as it is now, however long it lasts, and changes nothing.
///
/// # Errors
/// The database failed.
pub async fn read_only_snapshot(db: &PgPool) -> Result<Transaction<'static, Postgres>, StoreError> {
    let mut tx = db.begin().await?;
    sqlx::query!("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .execute(&mut *tx)
        .await?;
    Ok(tx)
}

/// What the log remembers as its end: the last entry's id and hash.
///
/// # Errors
/// The database failed.
pub async fn head(db: &mut PgConnection) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
    let row = sqlx::query!("SELECT id, hash FROM audit_head")
        .fetch_optional(db)
        .await?;
    Ok(row.map(|row| (row.id, row.hash)))
}

/// Up to `limit` links after `after`, the oldest first.
///
/// # Errors
/// The database failed.
pub async fn links(db: &mut PgConnection, after: i64, limit: i64) -> Result<Vec<Link>, StoreError> {
    Ok(sqlx::query_as!(
        Link,
        "SELECT id, at, actor, actor_id, action, target, team, address, user_agent, result, detail, prev_hash, hash
         FROM audit WHERE id > $1 ORDER BY id LIMIT $2",
        after,
        limit
    )
    .fetch_all(db)
    .await?)
}
