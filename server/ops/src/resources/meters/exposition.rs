//! The collector's last reading in Prometheus' words.

use std::time::Duration;

use tokio::sync::oneshot;

use super::{Meters, lock};

/// Asks the collector for its last reading.
pub type Expose = Box<dyn Fn(oneshot::Sender<String>) + Send>;

/// A collector that is amid a reading answers when it is done.
const PATIENCE: Duration = Duration::from_millis(500);

impl Meters {
    /// From now on `expose` is how this console's collector is asked.
    pub fn set_expose(&self, expose: Expose) {
        *lock(&self.0.expose) = Some(expose);
    }

    /// The last reading of this console's collector in Prometheus' text format; empty where there is none.
    pub async fn exposition(&self) -> String {
        let (answer, answered) = oneshot::channel();
        if let Some(expose) = lock(&self.0.expose).as_ref() {
            expose(answer);
        }
        match tokio::time::timeout(PATIENCE, answered).await {
            Ok(Ok(text)) => text,
            _ => String::new(),
        }
    }
}
