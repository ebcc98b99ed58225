//! Follows the engine: every event at once, everything every 15 s.

use std::collections::BTreeSet;

use futures::{FutureExt, StreamExt, future::FusedFuture, pin_mut, stream};
use store::{containers::Key, engine_events::NewEvent};
use time::{Duration, OffsetDateTime};
use types::live::Topic;

use super::{
    bounds::bounded,
    reconcile::{Broken, drift_of, publish, reconcile, row},
    text,
};
use crate::{
    Fault, Ops, Outcome,
    outside::{Container, ContainerEvent, EngineError},
};

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

/// Containers that are inspected at a time.
const AT_ONCE: usize = 8;

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
                handling.set(handle(ops, batch.unwrap_or_default()).fuse());
            }
            handled = &mut handling, if !handling.is_terminated() => unreadable |= handled?,
            ended = &mut full, if !full.is_terminated() => ended?,
            _ = ticks.tick(), if full.is_terminated() => {
                forget(ops).await?;
                full.set(reconcile(ops).fuse());
            }
        }
    }
}

/// Events and what became of their containers, stored and told in one transaction. True when everything has to be read
/// anew: something happened that can't be read, or to a project that was not known.
async fn handle(
    ops: &Ops,
    batch: Vec<Result<ContainerEvent, EngineError>>,
) -> Result<bool, Broken> {
    let mut events = Vec::new();
    let mut broken = batch.is_empty().then(|| EngineError::Unreachable {
        reason: "The Docker Engine ended its stream of events.".to_owned(),
        hint: String::new(),
    });
    for event in batch {
        match event {
            Ok(event) => events.push(event),
            Err(error) => broken = Some(error),
        }
    }
    let mut unreadable = false;
    if !events.is_empty() {
        unreadable = store_events(ops, &events).await?;
    }
    match broken {
        Some(error) => Err(error.into()),
        None => Ok(unreadable),
    }
}

async fn store_events(ops: &Ops, events: &[ContainerEvent]) -> Result<bool, Broken> {
    let files = ops.stack.files();
    let ids: BTreeSet<String> = events
        .iter()
        .map(|event| event.container_id.clone())
        .filter(|id| !id.is_empty())
        .collect();
    let asked_at = ops.clock.now();
    let read: Vec<(String, Result<Container, EngineError>)> = stream::iter(ids)
        .map(|id| inspect(ops, id))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut everything = events.iter().any(|event| event.container_id.is_empty());
    let mut rows = Vec::new();
    let mut gone = Vec::new();
    for (id, read) in read {
        match read {
            Ok(container) => {
                let Some(container) = bounded(container) else {
                    continue;
                };
                everything |= files.last(&container.project).is_none();
                rows.push(row(&container, &drift_of(files, &container), asked_at)?);
            }
            Err(EngineError::NotFound) => gone.push(id),
            Err(EngineError::Refused { .. }) => everything = true,
            Err(error @ EngineError::Unreachable { .. }) => return Err(error.into()),
        }
    }
    let mut changed: Vec<Key> = Vec::new();
    let mut tx = ops.begin().await?;
    for event in events.iter().filter_map(new_event) {
        if store::engine_events::add(&mut tx, &event)
            .await
            .map_err(Fault::from)?
        {
            changed.push((event.project, event.service));
        }
    }
    changed.extend(
        store::containers::save(&mut tx, &rows, asked_at)
            .await
            .map_err(Fault::from)?,
    );
    for id in gone {
        changed.extend(
            store::containers::forget(&mut tx, &id)
                .await
                .map_err(Fault::from)?,
        );
    }
    store::engine::still_true(&mut tx, asked_at)
        .await
        .map_err(Fault::from)?;
    publish(&mut tx, changed).await?;
    Ops::commit(tx).await?;
    ops.stack.forget();
    Ok(everything)
}

async fn inspect(ops: &Ops, id: String) -> (String, Result<Container, EngineError>) {
    let read = ops.outside.containers.inspect(&id).await;
    (id, read)
}

/// An event as it is kept; `None` for one of no project.
fn new_event(event: &ContainerEvent) -> Option<NewEvent> {
    let project = text::name(&event.project);
    let service = match text::name(&event.service) {
        service if service.is_empty() => text::name(&text::clean(&event.name, 300)),
        service => service,
    };
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(event.time_nano)).ok()?;
    if project.is_empty() || service.is_empty() || event.container_id.is_empty() {
        return None;
    }
    Some(NewEvent {
        at,
        time_nano: event.time_nano,
        container_id: text::clean(&event.container_id, 80),
        project,
        service,
        action: text::clean(&event.action, 100),
        exit_code: event.exit_code,
        image: text::clean(&event.image, 300),
    })
}

fn nanos(at: OffsetDateTime) -> i64 {
    at.unix_timestamp_nanos().try_into().unwrap_or(0)
}

async fn answered(ops: &Ops, version: &str) -> Outcome<()> {
    let mut tx = ops.begin().await?;
    let version = text::clean(version, 100);
    if store::engine::answered(&mut tx, &version, ops.clock.now()).await? {
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
    store::engine_events::forget(&ops.db, ops.clock.now() - KEPT).await?;
    Ok(())
}
