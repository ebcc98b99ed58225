//! Runs what may hang (a lost network mount, a stuck driver) where it can't hold up the rest.

use std::{
    collections::HashSet,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::oneshot;

/// Runs `work` in a thread of its own and waits for it, `limit` at most; `None` when it did not end in time or the
/// thread could not be started.
///
/// Not the runtime's blocking pool: a thread that hangs there would keep the process from stopping.
pub async fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (done, result) = oneshot::channel();
    let thread = std::thread::Builder::new()
        .name("ytops-aside".to_owned())
        .spawn(move || {
            // Nobody waits any more when the limit has passed.
            let _ = done.send(work());
        });
    if let Err(error) = thread {
        tracing::warn!(error = %error, "A thread could not be started.");
        return None;
    }
    tokio::time::timeout(limit, result).await.ok()?.ok()
}

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// It did not end within the limit.
    TimedOut,
    /// What was begun before under the same key has not ended yet: another thread would only hang beside it.
    StillWaiting,
}

/// Work by keys, one thread a key at most; cheap to clone.
#[derive(Clone, Debug)]
pub struct Asides<K>(Arc<Mutex<HashSet<K>>>);

impl<K> Default for Asides<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Clone + Eq + Hash + Send + 'static> Asides<K> {
    /// Runs `work` as [`within`] does, unless an earlier work of `key` still hangs.
    ///
    /// # Errors
    /// There is no result, and why.
    pub async fn run<T: Send + 'static>(
        &self,
        key: K,
        limit: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Late> {
        let is_first = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key.clone());
        if !is_first {
            return Err(Late::StillWaiting);
        }
        let taken = Taken(Arc::clone(&self.0), key);
        let work = move || {
            let result = work();
            drop(taken);
            result
        };
        within(limit, work).await.ok_or(Late::TimedOut)
    }
}

/// A key that is waited for, until this is dropped: by the work's end, or with a thread that could not be started.
struct Taken<K: Eq + Hash>(Arc<Mutex<HashSet<K>>>, K);

impl<K: Eq + Hash> Drop for Taken<K> {
    fn drop(&mut self) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.remove(&self.1);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn a_key_that_hangs_gets_no_second_thread() {
        let asides = Asides::default();
        let (release, hang) = mpsc::channel::<()>();
        let (ended, end) = mpsc::channel::<()>();
        let short = Duration::from_millis(50);
        let hanging = asides.run("lost", short, move || {
            let _ = hang.recv();
            // Dropped after the key was given back: by then the thread has ended.
            ended
        });
        assert_eq!(hanging.await.err(), Some(Late::TimedOut));
        let begun = asides.run("lost", short, || unreachable!("it must not begin"));
        assert_eq!(begun.await.err(), Some(Late::StillWaiting));
        let long = Duration::from_secs(30);
        assert_eq!(asides.run("other", long, || 7).await, Ok(7));
        drop(release);
        let _ = end.recv();
        assert_eq!(asides.run("lost", long, || 8).await, Ok(8));
    }
}
