//! What an operation has at hand while it is done.

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Serialize, de::DeserializeOwned};
use store::operations::Claimed;
use tokio::sync::watch;
use types::{
    live::Topic,
    operations::{Phase, Progress},
};

use crate::{Fault, Ops, Outcome};

/// Why an operation did not do what was asked.
#[derive(Debug)]
pub enum Ended {
    /// A person asked for its end, and nothing of it is left.
    Cancelled,
    /// It failed; the sentence says why, what became of what was half done, and what to do.
    Failed(String),
    /// This process no longer has it: the lease ran out, or the console stops. It is claimed anew.
    Lost,
}

impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        match fault.told() {
            Some(error) => Self::Failed(error.to_string()),
            None => Self::Failed(match &fault {
                Fault::Store(error) if error.is_unavailable() => {
                    "The console's own database does not answer.".to_owned()
                }
                other => {
                    tracing::error!(error = %other, "An operation failed inside.");
                    "Something went wrong in the console; its log has the detail.".to_owned()
                }
            }),
        }
    }
}

/// What the process that works on an operation was told last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Word {
    #[default]
    GoOn,
    Cancel,
    Lost,
}

/// An operation that this process works on. Cheap to clone.
#[derive(Clone)]
pub struct At {
    pub(super) ops: Ops,
    pub(super) worker: i64,
    pub(super) claimed: Arc<Claimed>,
    pub(super) word: watch::Receiver<Word>,
    pub(super) progress: Arc<Mutex<Option<Progress>>>,
}

impl At {
    /// The tools.
    pub const fn ops(&self) -> &Ops {
        &self.ops
    }

    /// Its number.
    pub fn id(&self) -> i64 {
        self.claimed.id
    }

    /// To what, whose that is, and who asked.
    pub fn claimed(&self) -> &Claimed {
        &self.claimed
    }

    /// Whether an earlier attempt began it.
    pub fn is_resumed(&self) -> bool {
        self.claimed.attempts > 1
    }

    /// What was asked for.
    ///
    /// # Errors
    /// It is not a `T`: another version of the console asked for it.
    pub fn request<T: DeserializeOwned>(&self) -> Outcome<T> {
        serde_json::from_value(self.claimed.request.clone())
            .map_err(|error| Fault::Inside(format!("request of operation {}: {error}", self.id())))
    }

    /// What the last attempt left; the default where there was none.
    ///
    /// # Errors
    /// It is not a `T`.
    pub fn state<T: DeserializeOwned + Default>(&self) -> Outcome<T> {
        if self.claimed.state.is_null() {
            return Ok(T::default());
        }
        serde_json::from_value(self.claimed.state.clone())
            .map_err(|error| Fault::Inside(format!("state of operation {}: {error}", self.id())))
    }

    /// Keeps what another attempt needs to know, before what it is about is done.
    ///
    /// # Errors
    /// [`Ended::Lost`] when another process has the operation; the database failed.
    pub async fn keep(&self, state: &impl Serialize) -> Result<(), Ended> {
        let state =
            serde_json::to_value(state).map_err(|error| Fault::Inside(error.to_string()))?;
        let held = store::operations::set_state(&self.ops.db, self.id(), self.worker, &state)
            .await
            .map_err(Fault::from)?;
        if held { Ok(()) } else { Err(Ended::Lost) }
    }

    /// Does a stage, and tells how it ended with what `work` says of it in short. A person who asked for the end is heard
    /// before it begins; `work` itself listens to [`At::stopped`] where it takes long.
    ///
    /// # Errors
    /// What `work` fails with; cancelled or lost before it began.
    pub async fn stage<T>(
        &self,
        name: &str,
        work: impl Future<Output = Result<(T, String), Ended>>,
    ) -> Result<T, Ended> {
        self.go_on()?;
        self.last_stage(name, work).await
    }

    /// Does a stage that has to be done even where a person asked for the end: it puts back what was changed.
    ///
    /// # Errors
    /// What `work` fails with; the database failed.
    pub async fn last_stage<T>(
        &self,
        name: &str,
        work: impl Future<Output = Result<(T, String), Ended>>,
    ) -> Result<T, Ended> {
        self.set_progress(None);
        let (db, id) = (&self.ops.db, self.id());
        store::operations::begin_stage(db, id, name, self.ops.clock.now())
            .await
            .map_err(Fault::from)?;
        self.tell().await;
        let ended = work.await;
        let (phase, detail) = match &ended {
            Ok((_, detail)) => (Phase::Succeeded, detail.as_str()),
            Err(Ended::Failed(why)) => (Phase::Failed, why.as_str()),
            Err(Ended::Cancelled) => (Phase::Cancelled, ""),
            Err(Ended::Lost) => return Err(Ended::Lost),
        };
        let told =
            store::operations::end_stage(db, id, name, phase, detail, self.ops.clock.now()).await;
        self.tell().await;
        let (done, _) = ended?;
        told.map_err(Fault::from)?;
        Ok(done)
    }

    /// Whether to go on.
    ///
    /// # Errors
    /// Cancelled, or lost.
    pub fn go_on(&self) -> Result<(), Ended> {
        match *self.word.borrow() {
            Word::GoOn => Ok(()),
            Word::Cancel => Err(Ended::Cancelled),
            Word::Lost => Err(Ended::Lost),
        }
    }

    /// Comes back when it is not to go on, and says why.
    pub async fn stopped(&self) -> Ended {
        let mut word = self.word.clone();
        match word.wait_for(|word| *word != Word::GoOn).await.as_deref() {
            Ok(Word::Cancel) => Ended::Cancelled,
            _ => Ended::Lost,
        }
    }

    /// How far the stage is; written with the next renewal, so it may be called as often as one likes.
    pub fn set_progress(&self, progress: Option<Progress>) {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = progress;
    }

    /// Adds a line to the log.
    pub async fn say(&self, text: &str) {
        let now = self.ops.clock.now();
        if let Err(error) = store::operations::say(&self.ops.db, self.id(), text, now).await {
            tracing::warn!(operation = self.id(), error = %error, text, "A line of an operation's log was not stored.");
        }
        self.tell().await;
    }

    async fn tell(&self) {
        tell(&self.ops, self.id()).await;
    }
}

/// Tells open pages that an operation moved. They also ask again by themselves while one is under way, so a notice that
/// fails costs seconds.
pub(super) async fn tell(ops: &Ops, id: i64) {
    let told = async {
        let mut tx = ops.begin().await?;
        store::changes::publish(&mut tx, Topic::Operations, &id.to_string()).await?;
        Ops::commit(tx).await
    };
    if let Err(fault) = told.await {
        tracing::debug!(operation = id, error = %fault, "A notice was not given.");
    }
}
