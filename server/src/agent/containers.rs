//! Which containers run on this host, as its Docker Engine says; none where there is no engine or no way to it.

use std::time::Duration;

use collect::Container;

use super::{say, ticks::Ticking};
use crate::{adapters::DockerEngine, config::Config};

/// How often the engine is asked.
const EVERY: Duration = Duration::from_secs(10);

/// Tells the collector which containers there are, for ever.
pub async fn watch(config: &Config, ticking: &Ticking) {
    let engine = match DockerEngine::new(config.docker_host.as_deref()) {
        Ok(engine) => engine,
        Err(error) => {
            say(&format!(
                "DOCKER_HOST can't be used: {error}. No containers are read."
            ));
            return std::future::pending().await;
        }
    };
    let mut known: Vec<Container> = Vec::new();
    loop {
        // An engine that is away tells nothing new: what ran is still looked at.
        if let Ok(mut running) = engine.running().await {
            running.sort_by(|a, b| a.id.cmp(&b.id));
            if running != known {
                ticking.watch(running.clone());
                known = running;
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}
