//! Reads this host once a second, and stores what was read in one of the consoles that run on it.

mod refused;
mod thread;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Sender, channel},
    },
    time::Duration,
};

use collect::{Collector, Container, Options};
use ops::{Ops, deployment, resources};
use store::leader::{self, Leadership};
use tokio::task::JoinSet;
use types::{deployment::State, live::Topic};

use self::thread::{Told, ticks};
use crate::config::Config;

/// How soon another console takes over, and how often this one makes sure that it leads.
const EVERY: Duration = Duration::from_secs(3);

/// How often the list of containers is looked at even if nothing was heard.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// When old samples are looked for first, and how often.
const TIDY_AFTER: Duration = Duration::from_mins(5);
const TIDY_EVERY: Duration = Duration::from_hours(1);

/// Starts what reads and what writes.
pub fn spawn(loops: &mut JoinSet<()>, ops: &Ops, config: &Config) {
    // Until another console is known to store this host's samples, this one holds them.
    let keeps = Arc::new(AtomicBool::new(true));
    loops.spawn(read(ops.clone(), options(config), Arc::clone(&keeps)));
    loops.spawn(lead(ops.clone(), keeps));
    let writing = ops.clone();
    loops.spawn(async move { resources::write_loop(&writing).await });
}

fn options(config: &Config) -> Options {
    Options {
        proc: config.host_root.join("proc"),
        cgroups: config.host_root.join("sys/fs/cgroup"),
        root: config.host_root.clone(),
        ..Options::default()
    }
}

/// Reads on a thread of its own, so that no tick waits for a request and no request for a tick.
async fn read(ops: Ops, options: Options, keeps: Arc<AtomicBool>) {
    let (tell, told) = channel();
    let collector = Collector::new(&options);
    let on_thread = ops.clone();
    let started = std::thread::Builder::new()
        .name("collector".to_owned())
        .spawn(move || ticks(&on_thread, &keeps, collector, &told));
    if let Err(error) = started {
        tracing::error!(error = %error, "The meters are not read: no thread could be started.");
        return;
    }
    let _stop = Stop(tell.clone());
    let ask = tell.clone();
    ops.meters.set_expose(Box::new(move |answer| {
        // Of a thread that has ended there is no answer, which whoever waits finds out.
        let _ = ask.send(Told::Expose(answer));
    }));
    watch(&ops, &tell).await;
}

/// Ends the thread when what tells it is dropped.
struct Stop(Sender<Told>);

impl Drop for Stop {
    fn drop(&mut self) {
        let _ = self.0.send(Told::Stop);
    }
}

/// Tells the collector which containers there are, for ever.
async fn watch(ops: &Ops, tell: &Sender<Told>) {
    let mut heard = ops.live.subscribe();
    let mut known = None;
    let mut plain = Vec::new();
    loop {
        // An engine that is away tells nothing new: what ran is still looked at.
        if let Ok(found) = ops.outside.containers.plain().await {
            plain = found;
        }
        match deployment::containers(ops).await {
            Ok(all) => {
                let there = all.into_iter().filter(|one| {
                    matches!(
                        one.state,
                        State::Running | State::Paused | State::Restarting
                    )
                });
                let mut watched: Vec<Container> = there
                    .map(|one| Container {
                        id: one.id,
                        project: one.project,
                        service: one.service,
                        name: one.name,
                    })
                    .collect();
                watched.extend(plain.iter().map(|one| Container {
                    id: one.id.clone(),
                    project: String::new(),
                    service: String::new(),
                    name: one.name.clone(),
                }));
                watched.sort_by(|a, b| a.id.cmp(&b.id));
                if known.as_ref() != Some(&watched) {
                    known = Some(watched.clone());
                    let _ = tell.send(Told::Containers(watched));
                }
            }
            Err(fault) => {
                tracing::debug!(error = %fault, "The list of containers can't be read; it stays as it was.");
            }
        }
        let changes = async {
            while !matches!(heard.recv().await, Ok(change) if change.topic == Topic::Deployment) {}
        };
        let _ = tokio::time::timeout(LOOK_EVERY, changes).await;
    }
}

/// Stores this host's samples whenever no other console does, for ever. A database that goes away changes nothing: what
/// is read meanwhile is held.
async fn lead(ops: Ops, keeps: Arc<AtomicBool>) {
    let mut lock = None;
    loop {
        lock = turn(&ops, &keeps, lock).await;
        tokio::time::sleep(EVERY).await;
    }
}

/// One turn: makes sure of the lock, or tries to get it.
async fn turn(ops: &Ops, keeps: &AtomicBool, lock: Option<Leadership>) -> Option<Leadership> {
    if let Some(mut held) = lock
        && held.confirm().await.is_ok()
    {
        return Some(held);
    }
    let host = ops.meters.own_host();
    match leader::lead_host(&ops.db, &host).await {
        Ok(Some(held)) => {
            tracing::info!(host = &*host, "This console stores the host's samples.");
            keeps.store(true, Ordering::Release);
            Some(held)
        }
        Ok(None) => {
            if keeps.swap(false, Ordering::AcqRel) {
                tracing::info!(host = &*host, "Another console stores the host's samples.");
            }
            None
        }
        Err(error) => {
            tracing::debug!(error = %error, "Who stores the host's samples is agreed when the database is back.");
            None
        }
    }
}

/// Forgets old samples, for ever.
pub async fn tidy(ops: Ops) {
    tokio::time::sleep(TIDY_AFTER).await;
    loop {
        let settled = resources::settle_quiet(&ops).await;
        let forgot = resources::forget(&ops).await;
        if let Err(fault) = settled.and(forgot) {
            tracing::warn!(error = %fault, "Old samples were not forgotten; the next hour tries again.");
        }
        tokio::time::sleep(TIDY_EVERY).await;
    }
}

#[cfg(test)]
mod tests;
