//! Follows the engine: every event at once, everything every 15 s.

use futures::{FutureExt, StreamExt, future::FusedFuture, pin_mut};
use time::{Duration, OffsetDateTime};
use types::live::Topic;

use super::{
    happen::{Handled, Late, handle, store_late},
    reconcile::{Broken, begin_reading, reconcile},
    text,
};
use crate::{Fault, Ops, Outcome, outside::EngineError};

/// How often everything is read.
const EVERY: std::time::Duration = std::time::Duration::from_secs(15);

/// How long to wait before an engine that went away is asked again.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(1);

/// How far back the first console ever asks for events; the engine itself remembers few.
const FIRST: Duration = Duration::hours(24);

/// How long events are kept.
const KEPT: Duration = Duration::days(30);

/// Events that are handled in one transaction.
const BATCH: usize = 64;

/// Follows the engine for ever. Only the console that leads runs this; running it twice does no harm.
pub async fn watch(ops: &Ops) {
    loop {
        match watch_once(ops).await {
            Broken::Engine(error) => {
                if let Err(error) = silent(ops, &error).await {
                    tracing::warn!(error = %error, "The engine does not answer, and that could not be stored.");
                }
            }
            Broken::Fault(error) => {
                tracing::warn!(error = %error, "What the engine tells could not be stored; trying again.");
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Follows the engine until it or the database goes away.
pub async fn watch_once(ops: &Ops) -> Broken {
    match follow(ops).await {
        Ok(never) => match never {},
        Err(broken) => broken,
    }
}

async fn follow(ops: &Ops) -> Result<std::convert::Infallible, Broken> {
    let info = ops.outside.containers.info().await?;
    let since = match store::engine_events::newest(&ops.db)
        .await
        .map_err(Fault::from)?
    {
        Some(nano) => nano,
        None => nanos(ops.clock.now() - FIRST),
    };
    // Events first, then everything: what happens in between is told, not lost.
    let events = ops.outside.containers.events(since).await?;
    let first = reconcile(ops).await;
    answered(ops, &info.version).await?;
    first?;
    let mut events = events.ready_chunks(BATCH);
    // Both are driven by this loop at all times: each may hold rows that the other waits for.
    let handling = futures::future::Fuse::terminated();
    let full = futures::future::Fuse::terminated();
    pin_mut!(handling, full);
    let mut late = Late::default();
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    ticks.tick().await;
    let mut unreadable = false;
    loop {
        if unreadable && full.is_terminated() {
            unreadable = false;
            full.set(reconcile(ops).fuse());
        }
        tokio::select! {
            batch = events.next(), if handling.is_terminated() => {
                let ids = late.ids.clone();
                handling.set(handle(ops, batch.unwrap_or_default(), ids).boxed().fuse());
            }
            handled = &mut handling, if !handling.is_terminated() => {
                let handled: Handled<'_> = handled?;
                unreadable |= handled.everything;
                late.add(handled.late);
            }
            Some(read) = late.reads.next(), if handling.is_terminated() => {
                late.ids.remove(&read.container.id);
                handling.set(store_late(ops, read).boxed().fuse());
            }
            ended = &mut full, if !full.is_terminated() => ended?,
            _ = ticks.tick(), if full.is_terminated() => {
                forget(ops).await?;
                full.set(reconcile(ops).fuse());
            }
        }
    }
}

fn nanos(at: OffsetDateTime) -> i64 {
    at.unix_timestamp_nanos().try_into().unwrap_or(0)
}

async fn answered(ops: &Ops, version: &str) -> Outcome<()> {
    let reading = begin_reading(ops).await?;
    let mut tx = ops.begin().await?;
    let version = text::clean(version, 100);
    if store::engine::answered(&mut tx, &version, reading).await? {
        tracing::info!(version, "The Docker Engine answers.");
        store::changes::publish(&mut tx, Topic::Deployment, "").await?;
    }
    Ops::commit(tx).await?;
    ops.stack.forget();
    Ok(())
}

/// Stores that the engine does not answer, and tells open pages when that is news.
///
/// # Errors
/// The database failed.
pub async fn silent(ops: &Ops, error: &EngineError) -> Outcome<()> {
    let reason = text::clean(&error.to_string(), 500);
    let mut tx = ops.begin().await?;
    if store::engine::silent(&mut tx, &reason, ops.clock.now()).await? {
        tracing::warn!(reason, "The Docker Engine does not answer.");
        store::changes::publish(&mut tx, Topic::Deployment, "").await?;
    }
    Ops::commit(tx).await?;
    ops.stack.forget();
    Ok(())
}

async fn forget(ops: &Ops) -> Outcome<()> {
    let before = ops.clock.now() - KEPT;
    store::engine_events::forget(&ops.db, before).await?;
    store::ends::forget(&ops.db, before).await?;
    Ok(())
}
