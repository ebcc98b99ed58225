//! Compares the machine with what the platform needs.

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
    health::{candidates, data_paths},
};

/// Every requirement with what was found, read now.
///
/// # Errors
/// The actor may not see the stack; the database failed.
pub async fn preflight(ops: &Ops, actor: &Actor) -> Outcome<Preflight> {
    actor.may(Capability::SeeStack)?;
    let thresholds = store::settings::get(&ops.db, THRESHOLDS).await?;
    Ok(examine(ops, &thresholds).await)
}

/// The same with `thresholds`, for a console without a database yet.
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
    match ops.outside.containers.info().await {
        Ok(info) => Engine {
            version: Some(info.version),
            reason: String::new(),
            runtimes: Some(info.runtimes),
        },
        Err(error) => Engine {
            reason: error.to_string(),
            ..Engine::default()
        },
    }
}
