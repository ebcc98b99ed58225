//! Runs what may hang (a lost network mount, a stuck driver) where it can't hold up the rest.

use std::time::Duration;

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
