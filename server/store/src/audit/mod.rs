//! The audit log: append, read, and the chain of hashes.

mod read;

pub use read::{Link, Query, before, head, links, read_only_snapshot};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};
use types::{audit::AuditResult, live::Topic};

use crate::{StoreError, changes};

/// A link to be added.
#[derive(Clone, Debug)]
pub struct NewEntry<'a> {
    /// When.
    pub at: OffsetDateTime,
    /// Who.
    pub actor: &'a str,
    /// Their id, if they have one.
    pub actor_id: Option<i64>,
    /// The verb.
    pub action: &'a str,
    /// On what.
    pub target: &'a str,
    /// The team that owns the target.
    pub team: Option<&'a str>,
    /// From which address.
    pub address: &'a str,
    /// With which program.
    pub user_agent: &'a str,
    /// How it ended.
    pub result: AuditResult,
    /// JSON text.
    pub detail: &'a str,
}

/// The hash of a link: SHA-256 over the hash before it and every field, each preceded by its length.
///
/// # Errors
/// The time can't be written as RFC 3339.
pub fn chain(previous: &[u8], id: i64, entry: &NewEntry<'_>) -> Result<Vec<u8>, StoreError> {
    let at = entry
        .at
        .format(&Rfc3339)
        .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let id = id.to_string();
    let actor_id = entry.actor_id.map(|id| id.to_string()).unwrap_or_default();
    let mut hasher = Sha256::new();
    hasher.update(previous);
    for field in [
        id.as_str(),
        &at,
        entry.actor,
        &actor_id,
        entry.action,
        entry.target,
        entry.team.unwrap_or("\0none"),
        entry.address,
        entry.user_agent,
        entry.result.as_str(),
        entry.detail,
    ] {
        hasher.update((field.len() as u64).to_be_bytes());
        hasher.update(field.as_bytes());
    }
    Ok(hasher.finalize().to_vec())
}

/// `at` as Postgres gives it back.
fn stored(at: OffsetDateTime) -> OffsetDateTime {
    let utc = at.to_offset(UtcOffset::UTC);
    utc.replace_microsecond(utc.microsecond()).unwrap_or(utc)
}

/// Adds a link. The head's row lock makes appenders queue, so ids have no gap.
///
/// # Errors
/// The database failed.
pub async fn append(db: &mut PgConnection, entry: &NewEntry<'_>) -> Result<i64, StoreError> {
    // Published first: whoever publishes and records locks the two heads in the same order.
    changes::publish(db, Topic::Audit, "").await?;
    let head = sqlx::query!("SELECT id, hash FROM audit_head FOR UPDATE")
        .fetch_one(&mut *db)
        .await?;
    let id = head.id + 1;
    // What is hashed is what will be read back: UTC, to the microsecond.
    let entry = &NewEntry {
        at: stored(entry.at),
        ..entry.clone()
    };
    let hash = chain(&head.hash, id, entry)?;
    sqlx::query!(
        "INSERT INTO audit
         (id, at, actor, actor_id, action, target, team, address, user_agent, result, detail, prev_hash, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        id,
        entry.at,
        entry.actor,
        entry.actor_id,
        entry.action,
        entry.target,
        entry.team,
        entry.address,
        entry.user_agent,
        entry.result.as_str(),
        entry.detail,
        head.hash,
        hash
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("UPDATE audit_head SET id = $1, hash = $2", id, hash)
        .execute(&mut *db)
        .await?;
    Ok(id)
}
