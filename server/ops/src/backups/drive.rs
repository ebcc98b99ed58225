//! The engine of backups, driven by an operation: its cancelling, progress and notes.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use backup::{Control, Error, Event, Kind};
use tokio::{sync::mpsc, task::JoinSet};
use tokio_util::sync::CancellationToken;
use types::operations::Progress;

use crate::operations::{At, Ended};

/// A control for as long as this lives.
pub struct Driven {
    /// What the engine is given.
    pub control: Control,
    _tasks: JoinSet<()>,
}

/// The engine's control for what `at` does.
pub fn driven(at: &At) -> Driven {
    let cancel = CancellationToken::new();
    let (notes, mut heard) = mpsc::unbounded_channel();
    let mut tasks = JoinSet::new();
    let (stopping, token) = (at.clone(), cancel.clone());
    tasks.spawn(async move {
        stopping.stopped().await;
        token.cancel();
    });
    let saying = at.clone();
    tasks.spawn(async move {
        while let Some(note) = heard.recv().await {
            let note: String = note;
            saying.say(&note).await;
        }
    });
    let (at, rate) = (at.clone(), Mutex::new(Rate::default()));
    let control = Control::new(cancel, move |event| match event {
        Event::Stage(_) => *rate.lock().unwrap_or_else(PoisonError::into_inner) = Rate::default(),
        Event::Progress(progress) => {
            let mut rate = rate.lock().unwrap_or_else(PoisonError::into_inner);
            at.set_progress(Some(Progress {
                done_bytes: progress.bytes_done,
                total_bytes: progress.bytes_total,
                bytes_per_s: rate.at(progress.bytes_done, Instant::now()),
            }));
        }
        Event::Note(note) => drop(notes.send(note)),
    });
    Driven {
        control,
        _tasks: tasks,
    }
}

/// Bytes a second since the stage began, which jumps less than that of the last moment.
#[derive(Debug, Default)]
struct Rate {
    began: Option<(Instant, u64)>,
}

impl Rate {
    fn at(&mut self, bytes: u64, now: Instant) -> f64 {
        let (began, from) = *self.began.get_or_insert((now, bytes));
        let seconds = now.duration_since(began).as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate needs no more")]
        let done = bytes.saturating_sub(from) as f64;
        if seconds > 0.0 { done / seconds } else { 0.0 }
    }
}

/// Does `work`, again while the server says that another restore is under way: the operation alone works on it, so that is
/// what is left of an attempt that was killed, whose sessions the server has not noticed to be gone.
///
/// # Errors
/// What `work` fails with, at the latest after half a minute.
pub async fn once_free<T, F>(at: &At, mut work: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    for _ in 0..30 {
        match work().await {
            Err(error) if error.kind == Kind::Busy && at.go_on().is_ok() => {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            ended => return ended,
        }
    }
    work().await
}

/// How long a repository in which others work is waited for: reading all of one back takes that long.
const UNLOCKED_WITHIN: Duration = Duration::from_hours(1);

/// How often it is asked again: at first, and at the most.
const ASK_AGAIN: Duration = Duration::from_secs(1);
const ASK_AGAIN_AT_MOST: Duration = Duration::from_secs(15);

/// Does `work`, again while the repository is locked by what others do in it.
///
/// # Errors
/// What `work` fails with, at the latest after an hour; at once when the operation is not to go on.
pub async fn once_unlocked<T, F>(at: &At, mut work: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let began = Instant::now();
    let mut wait = ASK_AGAIN;
    loop {
        match work().await {
            Err(error)
                if error.kind == Kind::Locked
                    && began.elapsed() < UNLOCKED_WITHIN
                    && at.go_on().is_ok() =>
            {
                if wait == ASK_AGAIN {
                    at.say("Other work is under way in the repository; this waits for its end.")
                        .await;
                }
                let _ = tokio::time::timeout(wait, at.stopped()).await;
                wait = (wait * 2).min(ASK_AGAIN_AT_MOST);
            }
            ended => return ended,
        }
    }
}

/// How an operation ended whose engine failed.
pub fn ended(at: &At, error: Error) -> Ended {
    if error.kind == Kind::Cancelled
        && let Err(why) = at.go_on()
    {
        return why;
    }
    tracing::warn!(operation = at.id(), kind = ?error.kind, detail = error.detail, "{}", error.message);
    Ended::Failed(error.message)
}
