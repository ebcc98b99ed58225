//! Changes on their way to open pages: read from the outbox once a process, handed to every stream.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use store::{PgPool, StoreError, changes};
use tokio::sync::{broadcast, watch};
use types::live::Change;

/// Changes a slow stream may lag behind before it has to read the outbox itself.
const CAPACITY: usize = 1_024;

/// How long to trust a database that says nothing, and how long it may take to answer.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// Without a notice for this long the outbox is read all the same: a server that froze, or a network that went
    /// away, ends no connection.
    quiet: Duration,
    /// A question that takes longer is not answered any more.
    answer: Duration,
}

/// What the console goes by.
const PATIENCE: Patience = Patience {
    quiet: Duration::from_secs(10),
    answer: Duration::from_secs(3),
};

/// Hands changes to every listener of this process.
#[derive(Clone)]
pub struct Hub {
    heard: Arc<broadcast::Sender<Change>>,
    /// The id of the last change heard of, or [`NONE`].
    head: Arc<AtomicI64>,
    /// No change can be heard of: the database is away.
    deaf: Arc<watch::Sender<bool>>,
}

/// Stands for "no change was heard of yet".
const NONE: i64 = -1;

impl Default for Hub {
    fn default() -> Self {
        Self::new()
    }
}

impl Hub {
    /// A hub without listeners.
    pub fn new() -> Self {
        Self {
            heard: Arc::new(broadcast::Sender::new(CAPACITY)),
            head: Arc::new(AtomicI64::new(NONE)),
            deaf: Arc::new(watch::Sender::new(false)),
        }
    }

    /// Whether changes can't be heard of because the database is away. Told when it turns, so that pages which stand
    /// open learn that their facts are old, and that they are not any more.
    pub fn deaf(&self) -> watch::Receiver<bool> {
        self.deaf.subscribe()
    }

    /// Tells pages which stand open to read everything again: what they read while the database was on its way back may be
    /// from before.
    pub fn tell_again(&self) {
        self.deaf.send_modify(|_| ());
    }

    /// Changes from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Change> {
        self.heard.subscribe()
    }

    /// The last change heard of; whatever is read from the database after asking holds it and all before it. None
    /// until the outbox was read for the first time.
    pub fn head(&self) -> Option<i64> {
        Some(self.head.load(Ordering::Acquire)).filter(|id| *id != NONE)
    }

    fn turn(&self, deaf: bool) {
        self.deaf
            .send_if_modified(|is| std::mem::replace(is, deaf) != deaf);
    }

    /// Reads the outbox whenever the database says it grew, for ever; outlives a database that goes away or falls
    /// silent.
    pub async fn follow(self, db: PgPool) {
        self.follow_with(db, PATIENCE).await;
    }

    async fn follow_with(self, db: PgPool, patience: Patience) {
        let mut last = None;
        loop {
            if let Err(error) = self.follow_once(&db, &mut last, patience).await {
                tracing::warn!(error = %error, "Lost the database's notices; trying again in a second.");
                self.turn(true);
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn follow_once(
        &self,
        db: &PgPool,
        last: &mut Option<i64>,
        patience: Patience,
    ) -> Result<(), StoreError> {
        let mut notices = within(patience.answer, changes::listen(db)).await?;
        let mut seen = match *last {
            Some(id) => id,
            None => within(patience.answer, changes::head(db)).await?,
        };
        self.head.store(seen, Ordering::Release);
        self.turn(false);
        loop {
            loop {
                let batch = within(patience.answer, changes::after(db, seen, 500)).await?;
                let Some(newest) = batch.last() else { break };
                seen = newest.id;
                *last = Some(seen);
                for change in batch {
                    // Nobody listening is no fault.
                    let _ = self.heard.send(change);
                }
                self.head.store(seen, Ordering::Release);
            }
            *last = Some(seen);
            match tokio::time::timeout(patience.quiet, notices.try_recv()).await {
                // `None`: the connection was lost and has been made again; read what was missed.
                Ok(heard) => drop(heard.map_err(StoreError::from)?),
                // Nothing happened, or nothing is told any more: the outbox knows which.
                Err(_elapsed) => {}
            }
        }
    }
}

async fn within<T>(
    limit: Duration,
    asking: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    tokio::time::timeout(limit, asking)
        .await
        .unwrap_or_else(|_elapsed| Err(StoreError::timed_out()))
}

#[cfg(test)]
mod tests;
