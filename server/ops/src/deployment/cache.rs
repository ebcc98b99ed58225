//! The stack in memory, read again from the database when it has changed.

use std::{
    collections::HashMap,
    sync::{
        Arc, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use store::StoreError;
use time::OffsetDateTime;
use tokio::sync::{Mutex, broadcast, watch};
use types::{
    deployment::{Engine, EngineFault, Stack, Usage},
    listing::Listing,
    live::{Change, Topic},
};

use super::{
    assemble::{Known, Parts, assemble, unknown},
    compose::Files,
    listing::listing,
    rows::{on_disk, read_containers},
};
use crate::{Fault, Ops, Outcome, live::Hub};

/// Read again after this even if nothing was heard.
const OLDEST: Duration = Duration::from_secs(5);

/// How long the database may take before the last facts are shown.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a database that failed is left alone.
const PAUSE: Duration = Duration::from_secs(1);

/// Facts older than this say nothing of now: the engine is read every 15 s.
const STALE: time::Duration = time::Duration::minutes(1);

/// Usage older than this is not usage now: two of the longest rounds.
const USAGE_LASTS: time::Duration = time::Duration::minutes(1);

/// The stack and the containers it was made of.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The stack.
    pub stack: Arc<Stack>,
    /// The containers with their facts.
    pub containers: Arc<Vec<Arc<Known>>>,
    /// The stack as JSON and as a list, made once for all who ask.
    json: Arc<OnceLock<Arc<[u8]>>>,
    listing: Arc<OnceLock<Arc<Listing>>>,
}

impl Snapshot {
    fn of(stack: Stack, containers: Arc<Vec<Arc<Known>>>) -> Self {
        Self {
            stack: Arc::new(stack),
            containers,
            json: Arc::default(),
            listing: Arc::default(),
        }
    }

    /// The stack as JSON.
    pub fn json(&self) -> Outcome<Arc<[u8]>> {
        if let Some(json) = self.json.get() {
            return Ok(Arc::clone(json));
        }
        let json =
            serde_json::to_vec(&*self.stack).map_err(|error| Fault::Inside(error.to_string()))?;
        Ok(Arc::clone(self.json.get_or_init(|| json.into())))
    }

    /// The stack as a list.
    pub fn listing(&self) -> Arc<Listing> {
        let make = || Arc::new(listing(&self.stack));
        Arc::clone(self.listing.get_or_init(make))
    }

    /// The containers of a service, those of `docker compose run` left out.
    pub fn of_service(&self, project: &str, service: &str) -> Vec<&Arc<Known>> {
        self.containers
            .iter()
            .filter(|known| {
                let container = &known.container;
                !container.oneoff && container.project == project && container.service == service
            })
            .collect()
    }
}

/// The stack as it was last read; cheap to clone.
#[derive(Clone)]
pub struct Cache(Arc<Inner>);

struct Inner {
    held: Mutex<Held>,
    forgotten: AtomicBool,
    /// What is served meanwhile, once the database was found to be away.
    last_resort: std::sync::Mutex<Option<Snapshot>>,
    /// The compose files as this console last read them.
    files: Files,
}

struct Held {
    heard: broadcast::Receiver<Change>,
    deaf: watch::Receiver<bool>,
    /// What was heard of and is not read yet. It outlives a reading that its caller gave up.
    owed: Stale,
    parts: Parts,
    snapshot: Option<Snapshot>,
    read_at: Instant,
    failed_at: Option<Instant>,
    /// What is served while the database or its facts can't be relied on, and why.
    degraded: Option<(EngineFault, Snapshot)>,
}

/// How much has to be read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stale {
    Nothing,
    Usage,
    Everything,
}

impl Cache {
    /// An empty cache that hears of changes from `live`.
    pub fn new(live: &Hub) -> Self {
        Self(Arc::new(Inner {
            held: Mutex::new(Held {
                heard: live.subscribe(),
                deaf: live.deaf(),
                owed: Stale::Everything,
                parts: Parts::default(),
                snapshot: None,
                read_at: Instant::now(),
                failed_at: None,
                degraded: None,
            }),
            forgotten: AtomicBool::new(false),
            last_resort: std::sync::Mutex::default(),
            files: Files::default(),
        }))
    }

    /// The next who asks reads the database: for what this process itself has changed a moment ago.
    pub fn forget(&self) {
        self.0.forgotten.store(true, Ordering::Release);
    }

    fn last_resort(&self) -> std::sync::MutexGuard<'_, Option<Snapshot>> {
        self.0
            .last_resort
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn files(&self) -> &Files {
        &self.0.files
    }

    /// The stack as the database has it now, or, while the database is away, as it was last read with nothing known of
    /// its state.
    pub(crate) async fn snapshot(&self, ops: &Ops) -> Outcome<Snapshot> {
        let last_resort = self.last_resort().clone();
        let mut held = match (self.0.held.try_lock(), last_resort) {
            (Ok(held), _) => held,
            // Someone else is asking whether the database is back.
            (Err(_), Some(snapshot)) => return Ok(snapshot),
            (Err(_), None) => self.0.held.lock().await,
        };
        held.hear();
        if self.0.forgotten.swap(false, Ordering::AcqRel) {
            held.owed = Stale::Everything;
        }
        if held.staleness() > Stale::Nothing {
            let is_back = held.is_back();
            let down = !is_back && held.failed_at.is_some_and(|at| at.elapsed() < PAUSE);
            if down && let Some(snapshot) = held.degrade(EngineFault::DatabaseAway) {
                return Ok(snapshot);
            }
            match tokio::time::timeout(PATIENCE, read(ops, &mut held)).await {
                Ok(Ok(())) => {
                    held.failed_at = None;
                    if self.last_resort().take().is_some() {
                        ops.live.tell_again();
                    }
                }
                failed => {
                    held.owed = Stale::Everything;
                    held.failed_at = Some(Instant::now());
                    let error = failed
                        .unwrap_or_else(|_elapsed| Err(StoreError::timed_out()))
                        .err()
                        .unwrap_or_else(StoreError::timed_out);
                    let snapshot = held.degrade(EngineFault::DatabaseAway).ok_or(error)?;
                    *self.last_resort() = Some(snapshot.clone());
                    return Ok(snapshot);
                }
            }
        }
        held.as_of(ops.clock.now())
    }
}

impl Held {
    /// Takes what was heard into what is owed.
    fn hear(&mut self) {
        loop {
            let needed = match self.heard.try_recv() {
                Ok(change) => match change.topic {
                    Topic::Deployment | Topic::Identity => Stale::Everything,
                    Topic::Usage => Stale::Usage,
                    _ => Stale::Nothing,
                },
                Err(broadcast::error::TryRecvError::Lagged(_)) => Stale::Everything,
                Err(_) => return,
            };
            self.owed = self.owed.max(needed);
        }
    }

    /// The database has just been heard from again.
    fn is_back(&mut self) -> bool {
        self.deaf.has_changed().is_ok_and(|turned| turned) && !*self.deaf.borrow_and_update()
    }

    fn staleness(&self) -> Stale {
        if self.snapshot.is_none() || self.failed_at.is_some() {
            Stale::Everything
        } else if self.read_at.elapsed() > OLDEST {
            self.owed.max(Stale::Usage)
        } else {
            self.owed
        }
    }

    /// The last facts, nothing known of what they are worth now.
    fn degrade(&mut self, fault: EngineFault) -> Option<Snapshot> {
        let snapshot = self.snapshot.as_ref()?;
        if let Some((known, degraded)) = &self.degraded
            && *known == fault
        {
            return Some(degraded.clone());
        }
        let mut stack = Stack::clone(&snapshot.stack);
        stack.engine = Engine {
            reachable: false,
            fault: Some(fault),
            reason: Some(reason(fault).to_owned()),
            unreachable_since: stack.engine.unreachable_since.or(stack.engine.as_of),
            ..stack.engine
        };
        let degraded = Snapshot::of(unknown(stack), Arc::clone(&snapshot.containers));
        self.degraded = Some((fault, degraded.clone()));
        Some(degraded)
    }

    /// What was read, unless it is too old to tell of `now`.
    fn as_of(&mut self, now: OffsetDateTime) -> Outcome<Snapshot> {
        let engine = &self.parts.engine;
        let is_stale = engine.reachable && engine.as_of.is_none_or(|as_of| now - as_of > STALE);
        let snapshot = if is_stale {
            self.degrade(EngineFault::Stale)
        } else {
            self.snapshot.clone()
        };
        snapshot.ok_or_else(|| Fault::Inside("the stack was not read".to_owned()))
    }
}

/// What to do about it.
const fn reason(fault: EngineFault) -> &'static str {
    match fault {
        // Where it is so the one who asked the engine has stored a better reason.
        EngineFault::Unreachable => "Look whether it runs.",
        EngineFault::Stale => {
            "Each console that runs reads it every 15 s, one of them at a time. Look into their logs for what keeps \
             them from it."
        }
        EngineFault::DatabaseAway => {
            "Nothing newer is known until it is back; the console goes on by itself then. Look whether Postgres runs \
             and can be reached."
        }
    }
}

/// Reads what is stale, and puts the stack together anew.
async fn read(ops: &Ops, held: &mut Held) -> Result<(), StoreError> {
    let stale = held.staleness();
    let db = &ops.db;
    let since = ops.clock.now() - USAGE_LASTS;
    let engine = store::engine::get(db).await?;
    let usage: HashMap<String, Usage> = store::usage::since(db, since)
        .await?
        .into_iter()
        .map(|one| (one.container_id, one.usage))
        .collect();
    let known = held
        .snapshot
        .as_ref()
        .map(|snapshot| Arc::clone(&snapshot.containers));
    let mut containers = known.unwrap_or_default();
    if stale == Stale::Everything {
        containers = Arc::new(read_containers(db, &containers).await?);
        held.parts.projects = store::projects::all(db)
            .await?
            .into_iter()
            .map(on_disk)
            .collect::<Result<_, _>>()?;
        held.parts.teams = store::projects::service_teams(db)
            .await?
            .into_iter()
            .map(|given| ((given.project, given.service), given.team))
            .collect();
        held.parts.ends = store::ends::all(db)
            .await?
            .into_iter()
            .map(|end| ((end.project.clone(), end.service.clone()), end))
            .collect();
    }
    held.parts.engine = engine;
    held.parts.usage = usage;
    held.parts.now = Some(ops.clock.now());
    let stack = assemble(&held.parts, &containers);
    held.snapshot = Some(Snapshot::of(stack, containers));
    held.degraded = None;
    held.owed = Stale::Nothing;
    held.read_at = Instant::now();
    Ok(())
}
