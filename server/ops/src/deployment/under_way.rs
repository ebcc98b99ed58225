//! Operations on services that are under way, so that the console does not end without a word of theirs in the log.

use tokio::task::JoinHandle;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Operations that outlive the requests that asked for them.
#[derive(Clone, Debug, Default)]
pub struct UnderWay {
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl UnderWay {
    /// Runs `task` on its own.
    pub(super) fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        self.tasks.spawn(task)
    }

    /// Ends once nobody waits for the operations any more.
    pub(super) async fn given_up(&self) {
        self.stop.cancelled().await;
    }

    /// Waits until none is under way.
    pub async fn ended(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Waits for none any more: those under way write down that nobody knows how they end.
    pub fn give_up(&self) {
        self.stop.cancel();
    }
}
