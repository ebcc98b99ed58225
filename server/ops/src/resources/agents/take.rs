//! Taking what an agent sends.

use std::{collections::BTreeSet, sync::Arc};

use types::{
    Capability, Error,
    agent::{Batch, MOST_SERIES, Receipt, SentTick},
    resources::{Frame, Series},
};

use super::{Link, bind, check};
use crate::{
    Actor, Ops, Outcome, Who, audit,
    resources::{Taken, millis},
};

const ACTION: &str = "samples.send";

/// How long an agent must have been silent before one whose place it took may have it back, in milliseconds.
const SILENT_MS: i64 = 60_000;

/// Takes a batch of samples of another host. What was taken already is left out, so a batch may come twice.
///
/// # Errors
/// The actor is no agent; `Invalid` for what is out of bounds, a host that the token is not for, or a clock that is ahead;
/// `Conflict` where another agent sends for the host; the database failed, and nothing was taken.
pub async fn take_batch(ops: &Ops, actor: &Actor, batch: Batch) -> Outcome<Receipt> {
    let allowed = actor.may(Capability::SendSamples);
    audit::permit(ops, actor, ACTION, &batch.host, None, allowed).await?;
    let Who::Token { id: token } = actor.who else {
        let capability = Capability::SendSamples;
        return Err(Error::Forbidden { capability }.into());
    };
    let now = millis(ops.clock.now());
    check::check(&batch, now)?;
    if !ops.agents.is_bound(&batch.host, token) {
        bind::bind(ops, actor, token, &batch.host).await?;
    }
    let stored_until = store::samples::hosts::stored_until(&ops.db, &batch.host).await?;
    take(ops, token, batch, stored_until, now).map_err(Into::into)
}

/// One batch of a host at a time.
fn take(
    ops: &Ops,
    token: i64,
    batch: Batch,
    stored_until: i64,
    now: i64,
) -> Result<Receipt, Error> {
    let mut links = ops.agents.lock();
    let current = links.get(&batch.host);
    if current.is_some_and(|link| link.has_replaced(batch.session, now)) {
        return Err(Error::conflict(format!(
            "Another agent sends as {}. Stop one of them, or give this host another name: ytops agent --host NAME.",
            batch.host
        )));
    }
    let is_known = current.is_some_and(|link| link.session == batch.session);
    if batch.begins {
        let link = begin(ops, &batch, links.remove(&batch.host), token, now);
        links.insert(batch.host.clone(), link);
    }
    match links.get_mut(&batch.host) {
        Some(link) if is_known || batch.begins => {
            link.token = token;
            link.heard_at = now;
            Ok(feed(ops, link, batch, stored_until))
        }
        _ => Ok(Receipt {
            is_known: false,
            taken_until: stored_until,
            stored_until,
        }),
    }
}

/// A session begins, or begins anew; the series of the one before have ended.
fn begin(ops: &Ops, batch: &Batch, old: Option<Link>, token: i64, now: i64) -> Link {
    let before = old.and_then(|old| {
        let known: Vec<u32> = old.known.iter().copied().collect();
        ops.meters.end(&batch.host, &known);
        if old.session == batch.session {
            old.before
        } else {
            Some(old.session)
        }
    });
    Link {
        token,
        session: batch.session,
        before,
        heard_at: now,
        known: BTreeSet::new(),
    }
}

impl Link {
    /// This session took the place of `session`, and still sends.
    fn has_replaced(&self, session: u32, now: i64) -> bool {
        self.before == Some(session) && now.saturating_sub(self.heard_at) < SILENT_MS
    }
}

/// Hands a batch to the meters.
fn feed(ops: &Ops, link: &mut Link, batch: Batch, stored_until: i64) -> Receipt {
    let host = batch.host.as_str();
    let mut began: Vec<(u32, Series)> = Vec::new();
    for named in batch.named {
        if link.known.len() < MOST_SERIES && link.known.insert(named.number) {
            began.push((named.number, named.into()));
        }
    }
    ops.meters.begin(host, &began);
    if let Some(states) = batch.states {
        ops.meters.set_states(host, Arc::new(states));
    }
    let newest = ops.meters.newest(host).unwrap_or(0);
    let mut taken_until = newest.max(stored_until);
    for mut tick in batch.ticks {
        end(ops, host, link, &tick.ended);
        let at = tick.at;
        // What is not newer was taken before, and its answer did not arrive.
        if at > taken_until {
            let errors = std::mem::take(&mut tick.errors);
            // Before the frame: a flush between the two stores it, and the agent sends its errors no more. What comes
            // again is stored once.
            ops.meters.note_errors(host, at, errors);
            if ops.meters.take(host, frame(tick), true) == Taken::Busy {
                break;
            }
            taken_until = at;
        }
    }
    Receipt {
        is_known: true,
        taken_until,
        stored_until,
    }
}

fn end(ops: &Ops, host: &str, link: &mut Link, ended: &[u32]) {
    let ended: Vec<u32> = ended
        .iter()
        .copied()
        .filter(|number| link.known.remove(number))
        .collect();
    ops.meters.end(host, &ended);
}

fn frame(tick: SentTick) -> Frame {
    let values = tick.values.into_iter().map(f64::from);
    Frame {
        at: tick.at,
        samples: tick.numbers.into_iter().zip(values).collect(),
    }
}
