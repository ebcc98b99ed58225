//! Compares the machine with what the platform needs.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use tokio::{sync::Mutex, time::Instant};
use types::{
    Capability,
    preflight::{Preflight, Thresholds},
};

use super::{
    THRESHOLDS,
    judge::{self, Engine},
    since,
};
use crate::{
    Actor, Ops, Outcome,
    health::{ENGINE_LIMIT, candidates, data_paths},
};

/// What a machine has does not change within seconds, and to look costs some where something hangs; every open overview
/// asks.
const KEPT: Duration = Duration::from_secs(30);

/// What was found last; cheap to clone.
#[derive(Clone, Default)]
pub struct Examined(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// Held by the one who looks.
    looking: Mutex<()>,
    last: std::sync::Mutex<Option<Found>>,
}

#[derive(Clone)]
struct Found {
    at: Instant,
    by: Thresholds,
    preflight: Preflight,
}

impl Examined {
    fn last(&self, thresholds: &Thresholds) -> Option<Found> {
        let last = self.0.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone().filter(|found| found.by == *thresholds)
    }

    fn fresh(&self, thresholds: &Thresholds) -> Option<Preflight> {
        let found = self.last(thresholds)?;
        (found.at.elapsed() < KEPT).then_some(found.preflight)
    }
}

/// Looks where nobody did within half a minute, so that since when something is as it is is known though no page is open.
///
/// # Errors
/// The database failed.
pub async fn watch(ops: &Ops) -> Outcome<()> {
    let thresholds = store::settings::get(&ops.db, THRESHOLDS).await?;
    look(ops, thresholds).await;
    Ok(())
}

/// Every requirement with what was found, at most half a minute ago. Who asks meanwhile waits for the one who looks.
///
/// # Errors
/// The actor may not see the stack; the database failed.
pub async fn preflight(ops: &Ops, actor: &Actor) -> Outcome<Preflight> {
    actor.may(Capability::SeeStack)?;
    let thresholds = store::settings::get(&ops.db, THRESHOLDS).await?;
    Ok(look(ops, thresholds).await)
}

/// The same for other use-cases, which check the actor themselves: what was found last, however long ago. It is looked
/// again meanwhile where that is more than half a minute; only the first who asks waits.
///
/// # Errors
/// The database failed.
pub(crate) async fn last(ops: &Ops) -> Outcome<Preflight> {
    let thresholds = store::settings::get(&ops.db, THRESHOLDS).await?;
    let Some(found) = ops.machine.last(&thresholds) else {
        return Ok(look(ops, thresholds).await);
    };
    if found.at.elapsed() >= KEPT && ops.machine.0.looking.try_lock().is_ok() {
        let ops = ops.clone();
        tokio::spawn(async move { look(&ops, thresholds).await });
    }
    Ok(found.preflight)
}

async fn look(ops: &Ops, thresholds: Thresholds) -> Preflight {
    if let Some(found) = ops.machine.fresh(&thresholds) {
        return found;
    }
    let inner = &ops.machine.0;
    let _looking = inner.looking.lock().await;
    // Whoever held it may just have looked.
    if let Some(found) = ops.machine.fresh(&thresholds) {
        return found;
    }
    let preflight = since::examine(ops, &thresholds).await;
    let mut last = inner.last.lock().unwrap_or_else(PoisonError::into_inner);
    *last = Some(Found {
        at: Instant::now(),
        by: thresholds,
        preflight: preflight.clone(),
    });
    preflight
}

/// The same, looked for now and judged by `thresholds`, without since when; for a console without a database yet.
pub async fn examine(ops: &Ops, thresholds: &Thresholds) -> Preflight {
    // Without a database the folders that containers write to stay unknown; the rest is read all the same.
    let candidates = candidates(ops).await.unwrap_or_default();
    let (engine, also) = tokio::join!(engine(ops), data_paths(ops, &candidates));
    let outside = &ops.outside;
    let (machine, cards, filesystems, compose) = tokio::join!(
        outside.host.machine(),
        outside.gpu.cards(),
        outside.host.filesystems(also),
        outside.host.compose(),
    );
    let requirements = vec![
        judge::cpu(&machine, thresholds),
        judge::memory(&machine, thresholds),
        judge::gpu(&cards),
        judge::storage(&filesystems, thresholds),
        judge::docker(&engine),
        judge::compose(compose.as_deref()),
        judge::nvidia_runtime(&engine),
    ];
    Preflight {
        ok: judge::passes(&requirements),
        requirements,
    }
}

async fn engine(ops: &Ops) -> Engine {
    let info = tokio::time::timeout(ENGINE_LIMIT, ops.outside.containers.info()).await;
    match info {
        Err(_elapsed) => Engine {
            reason: format!("it does not answer within {} s", ENGINE_LIMIT.as_secs()),
            ..Engine::default()
        },
        Ok(Ok(info)) => Engine {
            version: Some(info.version),
            reason: String::new(),
            runtimes: Some(info.runtimes),
        },
        Ok(Err(error)) => Engine {
            reason: error.to_string(),
            ..Engine::default()
        },
    }
}
