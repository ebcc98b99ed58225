//! Compares the machine with what the platform needs.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Mutex, time::Instant};
use types::{
    Capability,
    preflight::{Preflight, Thresholds},
};

use super::{
    THRESHOLDS,
    judge::{self, Engine},
};
use crate::{
    Actor, Ops, Outcome,
    health::{ENGINE_LIMIT, candidates, data_paths},
};

/// What a machine has does not change within seconds, and to look costs some where something hangs; every open overview
/// asks.
const KEPT: Duration = Duration::from_secs(30);

/// What was found last, and when and by which thresholds; cheap to clone.
#[derive(Clone, Default)]
pub struct Examined(Arc<Mutex<Option<(Instant, Thresholds, Preflight)>>>);

/// Every requirement with what was found, at most half a minute ago. Who asks meanwhile waits for the one who looks.
///
/// # Errors
/// The actor may not see the stack; the database failed.
pub async fn preflight(ops: &Ops, actor: &Actor) -> Outcome<Preflight> {
    actor.may(Capability::SeeStack)?;
    let thresholds = store::settings::get(&ops.db, THRESHOLDS).await?;
    let mut examined = ops.machine.0.lock().await;
    if let Some((at, by, found)) = &*examined
        && at.elapsed() < KEPT
        && *by == thresholds
    {
        return Ok(found.clone());
    }
    let found = examine(ops, &thresholds).await;
    *examined = Some((Instant::now(), thresholds, found.clone()));
    Ok(found)
}

/// The same, looked for now and judged by `thresholds`; for a console without a database yet.
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
