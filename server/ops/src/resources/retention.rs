//! How long samples are kept.

use serde_json::json;
use store::samples::{Tier, blocks, errors, series, size};
use types::{Capability, Error, live::Topic, samples::Retention};

use super::millis;
use crate::{
    Actor, Ops, Outcome,
    audit::{Entry, record},
};

/// The setting.
const RETENTION: &str = "resources.retention";

/// A day in milliseconds.
pub const DAY_MS: i64 = 24 * 3_600_000;

/// How many blocks are forgotten in one statement.
const BATCH: i64 = 500;

/// Samples must outlive the making of their summaries, and summaries by the minute the making of those by the hour, also
/// where a host is silent for two days first.
const LEAST_DAYS: [u32; 3] = [4, 14, 14];

/// The longest time that can be set.
const MOST_DAYS: u32 = 36_500;

/// How long samples are kept.
///
/// # Errors
/// The actor may not see the stack; the database failed.
pub async fn retention(ops: &Ops, actor: &Actor) -> Outcome<Retention> {
    actor.may(Capability::SeeStack)?;
    kept(ops).await
}

/// How long samples are kept.
pub(super) async fn kept(ops: &Ops) -> Outcome<Retention> {
    Ok(store::settings::get(&ops.db, RETENTION).await?)
}

/// Sets how long samples are kept. What is older by then goes with the next [`forget`].
///
/// # Errors
/// The actor may not manage settings; `Invalid`; the database failed.
pub async fn set_retention(ops: &Ops, actor: &Actor, keep: Retention) -> Outcome<()> {
    actor.may(Capability::Manage)?;
    let days = [
        ("second_days", keep.second_days),
        ("minute_days", keep.minute_days),
        ("hour_days", keep.hour_days),
    ];
    for ((field, days), least) in days.into_iter().zip(LEAST_DAYS) {
        if !(least..=MOST_DAYS).contains(&days) {
            let message = format!("Give a number of days from {least} to {MOST_DAYS}.");
            return Err(Error::field(field, message).into());
        }
    }
    let mut tx = ops.begin().await?;
    store::settings::set(&mut tx, RETENTION, &keep, &actor.name, ops.clock.now()).await?;
    store::changes::publish(&mut tx, Topic::Settings, RETENTION).await?;
    let entry = Entry::done("settings.retention", "samples").with(json!(keep));
    record(&mut tx, ops, actor, entry).await?;
    Ops::commit(tx).await
}

/// Forgets what has been kept for long enough, in batches, and makes its room usable again; returns how many blocks
/// went.
///
/// # Errors
/// The database failed; what went is gone, the rest goes the next time.
pub async fn forget(ops: &Ops) -> Outcome<u64> {
    let keep = kept(ops).await?;
    let now = millis(ops.clock.now());
    let mut gone = 0;
    for tier in Tier::ALL {
        let before = now - i64::from(days(&keep, tier)) * DAY_MS;
        loop {
            let batch = blocks::forget(&ops.db, tier, before, BATCH).await?;
            gone += batch;
            if batch == 0 {
                break;
            }
        }
    }
    if gone > 0 {
        size::vacuum(&ops.db).await?;
    }
    let longest = Tier::ALL.map(|tier| days(&keep, tier)).into_iter().max();
    let before = now - i64::from(longest.unwrap_or(MOST_DAYS)) * DAY_MS;
    series::forget(&ops.db, before).await?;
    errors::forget(&ops.db, before).await?;
    Ok(gone)
}

/// How many days a tier is kept.
pub(super) const fn days(keep: &Retention, tier: Tier) -> u32 {
    match tier {
        Tier::Second => keep.second_days,
        Tier::Minute => keep.minute_days,
        Tier::Hour => keep.hour_days,
    }
}
