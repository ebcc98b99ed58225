//! How a caller follows and stops what takes long.

use std::{fmt, sync::Arc};

use tokio_util::sync::CancellationToken;

use crate::{Error, Result};

/// How far something is. Rates and times left are the caller's to compute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes done so far.
    pub bytes_done: u64,
    /// Bytes in all, where that is known or a good guess.
    pub bytes_total: Option<u64>,
    /// Files done so far; packs, where a repository is checked.
    pub files_done: u64,
    /// Files, or packs, in all, where that is known.
    pub files_total: Option<u64>,
}

/// What is told while something runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A stage began; the names are those of [`Stage`].
    Stage(Stage),
    /// How far the stage is.
    Progress(Progress),
    /// A line for the operation's log.
    Note(String),
}

/// Stages, in the order in which they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Backup: the snapshot is taken and every table is locked against being dropped.
    Snapshot,
    /// Backup: the dump runs into the repository while rows are counted.
    Dump,
    /// Backup: roles and manifest follow it.
    Details,
    /// Restore: space, roles, and the fresh database.
    Prepare,
    /// Restore: the dump is fetched from the repository.
    Fetch,
    /// Restore: it is restored into the fresh database.
    Fill,
    /// Restore: the fresh database is compared with the manifest, and analysed.
    Compare,
    /// Restore: the fresh database is whole and waits for the switch.
    Ready,
    /// Restore: the databases change names.
    Switch,
}

/// Handed to everything that takes long; cheap to clone.
#[derive(Clone)]
pub struct Control {
    /// Cancelling it stops what runs and leaves nothing half.
    pub cancel: CancellationToken,
    events: Arc<dyn Fn(Event) + Send + Sync>,
}

impl Control {
    /// `events` is called often and must not block.
    pub fn new(cancel: CancellationToken, events: impl Fn(Event) + Send + Sync + 'static) -> Self {
        Self {
            cancel,
            events: Arc::new(events),
        }
    }

    /// Nobody watches and nobody cancels.
    pub fn none() -> Self {
        Self::new(CancellationToken::new(), |_| ())
    }

    /// As this, and may be cancelled by itself.
    pub(crate) fn child(&self) -> Self {
        Self {
            cancel: self.cancel.child_token(),
            events: Arc::clone(&self.events),
        }
    }

    pub(crate) fn stage(&self, stage: Stage) {
        (self.events)(Event::Stage(stage));
    }

    pub(crate) fn progress(&self, progress: Progress) {
        (self.events)(Event::Progress(progress));
    }

    pub(crate) fn note(&self, note: impl Into<String>) {
        (self.events)(Event::Note(note.into()));
    }

    /// Runs `work` until it ends or the caller cancels; it is dropped then.
    pub(crate) async fn unless_cancelled<T>(
        &self,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        tokio::select! {
            done = work => done,
            () = self.cancel.cancelled() => Err(Error::cancelled()),
        }
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control").finish_non_exhaustive()
    }
}
