//! Errors of GPUs, until they are stored.

use std::collections::BTreeMap;

use store::samples::{
    errors::{self, GpuError},
    hosts,
};
use types::live::Topic;

use super::{Meters, lock};
use crate::{Fault, Ops, Outcome};

/// The most errors of a host that wait: a card that is broken may tell of thousands, and the first ones say it.
const MOST: usize = 1_000;

/// Errors by host.
pub type Waiting = BTreeMap<String, Vec<GpuError>>;

impl Meters {
    /// Takes errors that the NVIDIA driver of a host told at `at` (milliseconds since 1970); they are stored with the
    /// next samples.
    pub fn note_errors(&self, host: &str, at: i64, told: Vec<types::resources::GpuError>) {
        if told.is_empty() {
            return;
        }
        let mut waiting = lock(&self.0.errors);
        let waiting = waiting.entry(host.to_owned()).or_default();
        let room = MOST.saturating_sub(waiting.len());
        let told = told.into_iter().map(|error| GpuError {
            at,
            uuid: error.uuid,
            card: error.card,
            xid: i64::try_from(error.xid).unwrap_or(i64::MAX),
        });
        // What an agent sends again waits once.
        let new: Vec<GpuError> = (told.filter(|error| !waiting.contains(error)))
            .take(room)
            .collect();
        waiting.extend(new);
    }

    /// Stores the errors that wait, and tells open pages. They go on waiting while the database is away.
    pub(super) async fn store_errors(&self, ops: &Ops) -> Outcome<()> {
        let waiting = lock(&self.0.errors).clone();
        for (host, told) in waiting {
            match store(ops, &host, &told).await {
                Ok(()) => {}
                Err(Fault::Store(error)) if error.is_unavailable() => return Err(error.into()),
                Err(fault) => {
                    tracing::warn!(host, error = %fault, "Errors of GPUs were not stored.");
                }
            }
            self.forget_errors(&host, told.len());
        }
        Ok(())
    }

    /// The first ones wait no more; others may have come meanwhile.
    fn forget_errors(&self, host: &str, count: usize) {
        let mut waiting = lock(&self.0.errors);
        if let Some(of_host) = waiting.get_mut(host) {
            of_host.drain(..count.min(of_host.len()));
            if of_host.is_empty() {
                waiting.remove(host);
            }
        }
    }
}

async fn store(ops: &Ops, host: &str, told: &[GpuError]) -> Outcome<()> {
    let mut tx = ops.begin().await?;
    let id = hosts::ensure(&mut tx, host).await?;
    if errors::add(&mut tx, id, told).await? > 0 {
        // Charts are read anew when a service changes; so they are for this.
        store::changes::publish(&mut tx, Topic::Deployment, "").await?;
    }
    Ops::commit(tx).await
}
