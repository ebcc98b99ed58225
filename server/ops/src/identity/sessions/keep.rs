//! What a session store needs: create, save, load, delete, by the hash of the id.

use std::{collections::HashMap, hash::BuildHasher};

use serde_json::Value;
use sha2::{Digest, Sha256};
use store::sessions::{self, NewSession};
use time::OffsetDateTime;

use super::{ABSOLUTE, IDLE, SIGNED_IN, SignedInAs};
use crate::{Fault, Ops, Outcome};

/// What is stored of a session's id.
pub fn hash(id: i128) -> Vec<u8> {
    Sha256::digest(id.to_be_bytes()).to_vec()
}

/// Opens a session. With a [`SignedInAs`] in its data it belongs to that user, and their proof of password counts from
/// the sign-in. False when the id is taken, or when the account was disabled or got a new password since.
///
/// `expires_at` is what a session without a user asks for, at most twelve hours.
///
/// # Errors
/// The database failed.
pub async fn create<S: BuildHasher + Sync>(
    ops: &Ops,
    id: i128,
    data: &HashMap<String, Value, S>,
    expires_at: OffsetDateTime,
) -> Outcome<bool> {
    let now = ops.clock.now();
    let holder = signed_in(data)?;
    let created_at = holder.as_ref().map_or(now, |holder| holder.at);
    let latest = now + IDLE;
    let new = NewSession {
        id_hash: &hash(id),
        user: holder
            .as_ref()
            .map(|holder| (holder.user_id, holder.generation)),
        data: &to_value(data)?,
        address: holder.as_ref().map_or("", |holder| &holder.address),
        user_agent: holder.as_ref().map_or("", |holder| &holder.user_agent),
        created_at,
        last_seen_at: now,
        proved_at: holder.as_ref().map(|holder| holder.at),
        expires_at: if holder.is_some() {
            latest.min(created_at + ABSOLUTE)
        } else {
            latest.min(expires_at)
        },
    };
    Ok(sessions::create(&ops.db, &new).await?)
}

/// Writes what an open session holds; false when it ended meanwhile, and then it stays ended. Whose it is was decided
/// when it was opened.
///
/// # Errors
/// The database failed.
pub async fn save<S: BuildHasher + Sync>(
    ops: &Ops,
    id: i128,
    data: &HashMap<String, Value, S>,
    expires_at: OffsetDateTime,
) -> Outcome<bool> {
    let now = ops.clock.now();
    let expires_at = expires_at.min(now + IDLE);
    Ok(sessions::save(&ops.db, &hash(id), &to_value(data)?, expires_at, now).await?)
}

/// What an open session holds, and when it ends; none when it ended.
///
/// # Errors
/// The database failed.
pub async fn load(
    ops: &Ops,
    id: i128,
) -> Outcome<Option<(HashMap<String, Value>, OffsetDateTime)>> {
    let Some((data, expires_at)) = sessions::load(&ops.db, &hash(id), ops.clock.now()).await?
    else {
        return Ok(None);
    };
    let data = serde_json::from_value(data).map_err(|error| Fault::Inside(error.to_string()))?;
    Ok(Some((data, expires_at)))
}

/// Ends a session without a word in the audit log: for ids that are replaced. A person's sign-out is
/// [`super::sign_out`].
///
/// # Errors
/// The database failed.
pub async fn delete(ops: &Ops, id: i128) -> Outcome<()> {
    sessions::delete(&ops.db, &hash(id)).await?;
    Ok(())
}

fn signed_in<S: BuildHasher>(data: &HashMap<String, Value, S>) -> Outcome<Option<SignedInAs>> {
    data.get(SIGNED_IN)
        .map(|value| serde_json::from_value(value.clone()))
        .transpose()
        .map_err(|error| Fault::Inside(error.to_string()))
}

fn to_value<S: BuildHasher>(data: &HashMap<String, Value, S>) -> Outcome<Value> {
    serde_json::to_value(data).map_err(|error| Fault::Inside(error.to_string()))
}
