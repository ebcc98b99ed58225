//! Refusals on their way into the log, which keeps everything: each once a minute, however often it is asked for, and of
//! each author a bounded number.

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

/// So many of them are of one author at one network: nobody takes the room of all others. What is beyond is counted.
const MOST_OF_ONE: u32 = 60;

/// What the entry about those that were only counted is on.
const COUNTED: &str = "refusals";

/// Who is written down where nobody gave a name.
const NOBODY: &str = "anonymous";

/// The refusals that this console wrote lately.
#[derive(Clone, Debug, Default)]
pub struct Refusals(Arc<Mutex<Written>>);

#[derive(Debug, Default)]
struct Written {
    at: HashMap<Key, OffsetDateTime>,
    /// Requests that are in the log as a whole.
    requests: HashMap<Key, OffsetDateTime>,
    shares: HashMap<Key, Share>,
    /// There is no room before.
    full_until: Option<OffsetDateTime>,
}

type Key = [u8; 32];

/// What one author was refused at one network within [`EVERY`].
#[derive(Clone, Debug, PartialEq, Eq)]
struct Share {
    since: OffsetDateTime,
    written: u32,
    left_out: u64,
    name: String,
    id: Option<i64>,
    caller: Caller,
}

impl Share {
    fn new(author: &Author<'_>, now: OffsetDateTime) -> Self {
        Self {
            since: now,
            written: 0,
            left_out: 0,
            name: name(author).to_owned(),
            id: author.id,
            caller: author.caller.clone(),
        }
    }
}

/// A name that somebody only gave is no author's own: with another one for each request they would be many.
const fn name<'a>(author: &Author<'a>) -> &'a str {
    match author.id {
        Some(_) => author.name,
        None => NOBODY,
    }
}

fn share_of(author: &Author<'_>) -> Key {
    let id = author.id.unwrap_or_default().to_string();
    key(&[name(author), &id, &network(&author.caller.address)])
}

fn key(parts: &[&str]) -> Key {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().into()
}

impl Refusals {
    /// True once in [`EVERY`] for each `key`, as long as its author's share lasts.
    fn is_due(&self, key: Key, author: &Author<'_>, now: OffsetDateTime) -> bool {
        let mut written = self.lock();
        if written.at.get(&key).is_some_and(|at| now - *at < EVERY) {
            return false;
        }
        if !written.has_share(author, now) || !written.has_room(now) {
            return false;
        }
        written.at.insert(key, now);
        true
    }

    /// The shares whose time is over and of which something was left out.
    fn over(&self, now: OffsetDateTime) -> Vec<Share> {
        let mut written = self.lock();
        let over = written
            .shares
            .extract_if(|_, share| now - share.since >= EVERY);
        over.map(|(_, share)| share)
            .filter(|share| share.left_out > 0)
            .collect()
    }

    /// Remembers that a whole request is in the log; not while too many are.
    fn mark(&self, request: Key, now: OffsetDateTime) {
        let requests = &mut self.lock().requests;
        if requests.len() >= MOST {
            requests.retain(|_, at| now - *at < EVERY);
        }
        if requests.len() < MOST {
            requests.insert(request, now);
        }
    }

    fn has(&self, request: Key) -> bool {
        self.lock().requests.contains_key(&request)
    }

    fn forget(&self, key: Key) {
        self.lock().at.remove(&key);
    }

    fn lock(&self) -> MutexGuard<'_, Written> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Written {
    /// Takes one of the author's share, or counts one more that was left out.
    fn has_share(&mut self, author: &Author<'_>, now: OffsetDateTime) -> bool {
        let of = share_of(author);
        if self.shares.len() >= MOST && !self.shares.contains_key(&of) {
            return false;
        }
        let share = self
            .shares
            .entry(of)
            .or_insert_with(|| Share::new(author, now));
        if share.written < MOST_OF_ONE {
            share.written += 1;
            true
        } else {
            share.left_out += 1;
            false
        }
    }

    fn has_room(&mut self, now: OffsetDateTime) -> bool {
        if self.full_until.is_some_and(|until| now < until) {
            return false;
        }
        if self.at.len() >= MOST {
            self.at.retain(|_, at| now - *at < EVERY);
            self.full_until = (self.at.len() >= MOST)
                .then(|| self.at.values().min().map(|oldest| *oldest + EVERY))
                .flatten();
        }
        self.at.len() < MOST
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
        .mark(of_request(&actor.caller), ops.clock.now());
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
    sum_up(ops).await?;
    if !ops.refusals.is_due(key, author, ops.clock.now()) {
        return Ok(());
    }
    let written = record_alone_as(ops, author, entry).await;
    if written.is_err() {
        // The next one is to be written instead.
        ops.refusals.forget(key);
    }
    written
}

/// Adds how many refusals of an author were not written, for each whose minute is over.
///
/// # Errors
/// The database failed.
pub async fn sum_up(ops: &Ops) -> Outcome<()> {
    for share in ops.refusals.over(ops.clock.now()) {
        let author = Author {
            name: &share.name,
            id: share.id,
            caller: &share.caller,
        };
        let told = format!("{} further refusals were not written", share.left_out);
        let entry = Entry::done("request.refused", COUNTED)
            .with(json!({"reason": told, "left_out": share.left_out}))
            .ended(AuditResult::Refused);
        record_alone_as(ops, &author, entry).await?;
    }
    Ok(())
}

/// The detail of a refusal with only a reason.
pub(crate) fn reason(reason: &str) -> Value {
    json!({"reason": reason})
}

#[cfg(test)]
mod tests;
