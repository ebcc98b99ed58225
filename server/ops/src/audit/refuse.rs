//! Refusals on their way into the log, which keeps everything: each once a minute, however often it is asked for.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};
use types::audit::AuditResult;

use super::{Author, Entry, record_alone_as};
use crate::{Actor, Caller, Ops, Outcome, identity::waits::network};

/// The same refusal is written at most this often.
const EVERY: Duration = Duration::minutes(1);

/// So many refusals are written within [`EVERY`]; whoever makes more of them up fills neither the log nor the memory.
const MOST: usize = 10_000;

/// Who is written down where nobody gave a name.
const NOBODY: &str = "anonymous";

/// The refusals that this console wrote lately.
#[derive(Clone, Debug, Default)]
pub struct Refusals(Arc<Mutex<Written>>);

#[derive(Debug, Default)]
struct Written {
    at: HashMap<Key, OffsetDateTime>,
    /// There is no room before.
    full_until: Option<OffsetDateTime>,
}

type Key = [u8; 32];

fn key(parts: &[&str]) -> Key {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().into()
}

impl Refusals {
    /// True once in [`EVERY`] for each `key`.
    fn is_due(&self, key: Key, now: OffsetDateTime) -> bool {
        let mut written = self.lock();
        if written.full_until.is_some_and(|until| now < until) {
            return false;
        }
        if written.at.get(&key).is_some_and(|at| now - *at < EVERY) {
            return false;
        }
        if written.at.len() >= MOST {
            written.at.retain(|_, at| now - *at < EVERY);
            written.full_until = (written.at.len() >= MOST)
                .then(|| written.at.values().min().map(|oldest| *oldest + EVERY))
                .flatten();
            if written.full_until.is_some() {
                return false;
            }
        }
        written.at.insert(key, now);
        true
    }

    fn has(&self, key: Key) -> bool {
        self.lock().at.contains_key(&key)
    }

    fn forget(&self, key: Key) {
        self.lock().at.remove(&key);
    }

    fn lock(&self) -> MutexGuard<'_, Written> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key of a whole request.
fn of_request(caller: &Caller) -> Key {
    key(&["request", &caller.trace_id])
}

/// Adds what `actor` was refused to the log, unless the same was added within a minute or the whole request is in it
/// already.
///
/// # Errors
/// The database failed.
pub async fn refuse(ops: &Ops, actor: &Actor, entry: Entry<'_>) -> Outcome<()> {
    if ops.refusals.has(of_request(&actor.caller)) {
        return Ok(());
    }
    let entry = entry.ended(AuditResult::Refused);
    record_seldom(ops, &actor.into(), entry).await
}

/// Adds a whole request of `actor` that was refused: what it is refused within goes without saying.
///
/// # Errors
/// The database failed.
pub async fn refuse_request(ops: &Ops, actor: &Actor, action: &str, path: &str) -> Outcome<()> {
    refuse(ops, actor, Entry::done(action, path)).await?;
    ops.refusals
        .is_due(of_request(&actor.caller), ops.clock.now());
    Ok(())
}

/// Adds what somebody without a name was refused: once a minute for their address, whatever they asked for.
///
/// # Errors
/// The database failed.
pub async fn refuse_stranger(
    ops: &Ops,
    caller: &Caller,
    action: &str,
    target: &str,
    detail: Value,
) -> Outcome<()> {
    let author = Author {
        name: NOBODY,
        id: None,
        caller,
    };
    let entry = Entry::done(action, target)
        .with(detail)
        .ended(AuditResult::Refused);
    let key = key(&[NOBODY, action, &network(&caller.address)]);
    write(ops, key, &author, entry).await
}

/// Adds `entry` unless one of the same author, address, action and target was added within a minute.
///
/// # Errors
/// The database failed.
pub(crate) async fn record_seldom(ops: &Ops, author: &Author<'_>, entry: Entry<'_>) -> Outcome<()> {
    let network = network(&author.caller.address);
    let key = key(&[author.name, &network, entry.action, entry.target]);
    write(ops, key, author, entry).await
}

async fn write(ops: &Ops, key: Key, author: &Author<'_>, entry: Entry<'_>) -> Outcome<()> {
    if !ops.refusals.is_due(key, ops.clock.now()) {
        return Ok(());
    }
    let written = record_alone_as(ops, author, entry).await;
    if written.is_err() {
        // The next one is to be written instead.
        ops.refusals.forget(key);
    }
    written
}

/// The detail of a refusal with only a reason.
pub(crate) fn reason(reason: &str) -> Value {
    json!({"reason": reason})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_due_once_a_minute_and_all_together_have_a_bound() {
        let refusals = Refusals::default();
        let start = OffsetDateTime::UNIX_EPOCH;
        assert!(refusals.is_due(key(&["a", "b"]), start));
        assert!(!refusals.is_due(key(&["a", "b"]), start + Duration::seconds(59)));
        assert!(refusals.is_due(key(&["ab"]), start), "another");
        let due = (0..2 * MOST)
            .filter(|number| refusals.is_due(key(&[&number.to_string()]), start))
            .count();
        assert_eq!(due, MOST - 2);
        assert!(
            refusals.is_due(key(&["a", "b"]), start + EVERY),
            "the minute is over"
        );
        assert_eq!(refusals.lock().at.len(), 1);
    }
}
