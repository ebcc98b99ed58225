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
    /// The console that follows the engine had an answer of it.
    engine_answered: bool,
    preflight: Preflight,
}

impl Examined {
    fn last(&self, thresholds: &Thresholds) -> Option<Found> {
        let last = self.0.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone().filter(|found| found.by == *thresholds)
    }

    /// What was found within half a minute, the engine standing as it does now.
    fn fresh(&self, thresholds: &Thresholds, engine_answers: bool) -> Option<Preflight> {
        let found = self.last(thresholds)?;
        let is_fresh = found.at.elapsed() < KEPT && found.engine_answered == engine_answers;
        is_fresh.then_some(found.preflight)
    }
}

/// Looks where nobody did within half a minute, so that since when something is as it is is known though no page is open.
///
/// # Errors
/// The database failed.
pub async fn watch(ops: &Ops) -> Outcome<()> {
    let thresholds = store::settings::get(&ops.db, THRESHOLDS).await?;
    let answers = engine_answers(ops).await?;
    look(ops, thresholds, answers).await;
    Ok(())
}

/// Every requirement with what was found, at most half a minute ago and since the engine fell silent or was back. Who asks
/// meanwhile waits for the one who looks.
///
/// # Errors
/// The actor may not see the stack; the database failed.
pub async fn preflight(ops: &Ops, actor: &Actor) -> Outcome<Preflight> {
    actor.may(Capability::SeeStack)?;
    let thresholds = store::settings::get(&ops.db, THRESHOLDS).await?;
    let answers = engine_answers(ops).await?;
    Ok(look(ops, thresholds, answers).await)
}

async fn engine_answers(ops: &Ops) -> Outcome<bool> {
    Ok(ops.stack.snapshot(ops).await?.stack.engine.reachable)
}

/// The same for other use-cases, which check the actor themselves: what was found last, however long ago. It is looked
/// again meanwhile where that is more than half a minute; only the first who asks waits, and the first once the engine is
/// back: `engine_answers` says whether it is there now.
///
/// # Errors
/// The database failed.
pub(crate) async fn last(ops: &Ops, engine_answers: bool) -> Outcome<Preflight> {
    let thresholds = store::settings::get(&ops.db, THRESHOLDS).await?;
    let last = ops.machine.last(&thresholds);
    let Some(found) = last.filter(|found| found.engine_answered || !engine_answers) else {
        return Ok(look(ops, thresholds, engine_answers).await);
    };
    let is_old = found.at.elapsed() >= KEPT || found.engine_answered != engine_answers;
    if is_old && ops.machine.0.looking.try_lock().is_ok() {
        let ops = ops.clone();
        tokio::spawn(async move { look(&ops, thresholds, engine_answers).await });
    }
    Ok(found.preflight)
}

async fn look(ops: &Ops, thresholds: Thresholds, engine_answers: bool) -> Preflight {
    if let Some(found) = ops.machine.fresh(&thresholds, engine_answers) {
        return found;
    }
    let inner = &ops.machine.0;
    let _looking = inner.looking.lock().await;
    // Whoever held it may just have looked.
    if let Some(found) = ops.machine.fresh(&thresholds, engine_answers) {
        return found;
    }
    let preflight = since::examine(ops, &thresholds).await;
    let mut last = inner.last.lock().unwrap_or_else(PoisonError::into_inner);
    *last = Some(Found {
        at: Instant::now(),
        by: thresholds,
        engine_answered: engine_answers,
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
