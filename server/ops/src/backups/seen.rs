//! The sets in memory, for what every page asks: read again when something was heard of them, or after a while, for they
//! also change by getting older.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::{
    Mutex,
    broadcast::{self, error::TryRecvError},
};
use types::{
    backups::BackupSet,
    live::{Change, Topic},
};

use super::list;
use crate::{Actor, Ops, Outcome, live::Hub};

/// Read again after this even if nothing was heard.
const OLDEST: Duration = Duration::from_secs(20);

/// The sets as they were last read; cheap to clone.
#[derive(Clone)]
pub struct Seen(Arc<Mutex<Held>>);

struct Held {
    heard: broadcast::Receiver<Change>,
    read: Option<(Instant, Arc<[BackupSet]>)>,
}

impl Seen {
    /// Nothing read yet; hears of changes from `live`.
    pub fn new(live: &Hub) -> Self {
        Self(Arc::new(Mutex::new(Held {
            heard: live.subscribe(),
            read: None,
        })))
    }
}

impl Held {
    /// Whether something of backups was heard of since this was asked last.
    fn is_told(&mut self) -> bool {
        let mut told = false;
        loop {
            match self.heard.try_recv() {
                Ok(change) => told |= matches!(change.topic, Topic::Backups | Topic::Operations),
                Err(TryRecvError::Lagged(_)) => told = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return told,
            }
        }
    }
}

/// Every set as it was when something was last heard of it, at most twenty seconds ago. For the console itself: what of
/// them an actor sees is the caller's to find.
///
/// # Errors
/// The database failed.
pub async fn seen(ops: &Ops) -> Outcome<Arc<[BackupSet]>> {
    let mut held = ops.sets.0.lock().await;
    let told = held.is_told();
    if let Some((at, read)) = &held.read
        && !told
        && at.elapsed() < OLDEST
    {
        return Ok(Arc::clone(read));
    }
    // Whoever asks next reads anew where this is given up.
    held.read = None;
    let sets: Arc<[BackupSet]> = list::sets(ops, &Actor::system()).await?.into();
    held.read = Some((Instant::now(), Arc::clone(&sets)));
    Ok(sets)
}
