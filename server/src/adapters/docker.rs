//! The Docker Engine over its socket.
//!
//! bollard speaks for what is small: version, info, stats, start, stop, restart. It collects an answer before it reads
//! it and offers it to the debug log, so what a container can make as large as it likes, or fill with secrets
//! (descriptions, events, logs), is read here piece by piece over the same connection: memory stays bounded, values of
//! environment variables go nowhere.
//!
//! Paths carry no API version: the engine answers in its own newest one, and the few fields read here are the same from
//! 1.41 (engine 20.10) on.

mod connect;
mod events;
mod facts;
mod frames;
mod images;
mod mask;
mod read;
mod stats;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use bollard::{
    API_DEFAULT_VERSION, BollardRequest, Docker,
    query_parameters::{RestartContainerOptions, StartContainerOptions, StopContainerOptions},
};
use futures::StreamExt;
use ops::{
    outside::{
        Answer, Container, ContainerEvent, Containers, EngineError, EngineInfo, Listing, LogPiece,
        LogsFrom, Pieces, PlainContainer, Secret, UsageSample,
    },
    pace::paced,
};
use serde::de::DeserializeOwned;
use types::deployment::Operation;

use self::{connect::Connector, images::Images};

/// How long one question to the engine may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long a question about one container may take: the engine can hang on one and tell of all others.
const INSPECT: Duration = Duration::from_secs(5);

/// How long listing every container may take, and after that reading what each of them is.
const LIST: Duration = Duration::from_secs(30);

/// How long the engine may take for an operation beyond the container's own grace.
const OPERATION: Duration = Duration::from_secs(30);

/// The longest grace that is waited for, in seconds.
const LONGEST_GRACE: u64 = 6 * 3_600;

/// How many containers are inspected at a time.
const AT_ONCE: usize = 8;

/// How far apart they are asked.
const APART: Duration = Duration::from_millis(2);

/// The most containers that are read.
const MOST: usize = 5_000;

/// bollard's own limit, in seconds: out of the way, every call here has its own.
const NEVER: u64 = 24 * 3_600;

/// A Docker Engine.
pub struct DockerEngine {
    connector: Arc<Connector>,
    docker: Docker,
    images: Images,
    /// How long a question about one container may take.
    inspect: Duration,
}

impl DockerEngine {
    /// The engine at `host` (`unix:///path` or `tcp://host:port`), or at the platform's default socket. Connects with
    /// every question, so the engine may come and go.
    ///
    /// # Errors
    /// `host` can't be read; the text says what is allowed.
    pub fn new(host: Option<&str>) -> Result<Self, String> {
        let connector = Arc::new(Connector::parse(host)?);
        let shared = Arc::clone(&connector);
        let transport = move |request: BollardRequest| {
            let connector = Arc::clone(&shared);
            async move { connector.send(request).await.map_err(connect::to_bollard) }
        };
        let docker = Docker::connect_with_custom_transport(
            transport,
            Some("http://docker"),
            NEVER,
            API_DEFAULT_VERSION,
        )
        .map_err(|error| error.to_string())?;
        Ok(Self {
            connector,
            docker,
            images: Images::default(),
            inspect: INSPECT,
        })
    }

    /// The answer of one of bollard's calls within `limit`.
    async fn ask<T>(
        &self,
        limit: Duration,
        call: impl Future<Output = Result<T, bollard::errors::Error>>,
    ) -> Result<T, EngineError> {
        match tokio::time::timeout(limit, call).await {
            Ok(answer) => answer.map_err(|error| self.connector.explain(&error)),
            Err(_elapsed) => Err(self.connector.too_slow()),
        }
    }

    async fn read_info(&self) -> Result<EngineInfo, EngineError> {
        let version = self.ask(PATIENCE, self.docker.version()).await?;
        let info = self.ask(PATIENCE, self.docker.info()).await?;
        let mut runtimes: Vec<String> = info
            .runtimes
            .unwrap_or_default()
            .into_keys()
            .take(64)
            .collect();
        runtimes.sort();
        Ok(EngineInfo {
            version: version.version.unwrap_or_default(),
            api_version: version.api_version.unwrap_or_default(),
            runtimes,
            default_runtime: info.default_runtime.unwrap_or_default(),
            cores: info.ncpu.and_then(|n| n.try_into().ok()).unwrap_or(0),
            memory_bytes: info.mem_total.and_then(|n| n.try_into().ok()).unwrap_or(0),
            root_dir: info.docker_root_dir.unwrap_or_default(),
        })
    }

    /// What the engine tells of the container `id`, read as `T`.
    async fn describe<T: DeserializeOwned + Send + 'static>(
        &self,
        id: &str,
        limit: Duration,
    ) -> Result<T, EngineError> {
        if !is_id(id) {
            return Err(EngineError::NotFound);
        }
        let path = format!("/containers/{id}/json");
        let reading = read::json(&self.connector, &path, PATIENCE);
        tokio::time::timeout(limit, reading)
            .await
            .unwrap_or(Err(EngineError::TimedOut))
    }

    async fn read_one(&self, id: &str, limit: Duration) -> Result<Container, EngineError> {
        let description: facts::Inspected = self.describe(id, limit).await?;
        let image = self.images.get(&self.connector, description.image()).await;
        description
            .into_container(&image)
            .ok_or(EngineError::NotFound)
    }

    async fn read_all(&self) -> Result<Listing, EngineError> {
        let path = format!("/containers/json?all=true&filters={COMPOSE_ONLY}");
        let listed: Vec<facts::Listed> = read::json(&self.connector, &path, LIST).await?;
        let until = Instant::now() + LIST;
        let listed = listed.into_iter().take(MOST).collect();
        let mut answers = paced(listed, APART)
            .map(|listed| async move {
                let left = until.saturating_duration_since(Instant::now());
                let answer = self.read_one(&listed.id, self.inspect.min(left)).await;
                (listed, answer)
            })
            .buffer_unordered(AT_ONCE);
        let mut listing = Listing::default();
        while let Some((listed, answer)) = answers.next().await {
            match answer {
                Ok(container) => listing.containers.push(container),
                // Gone since the list was made.
                Err(EngineError::NotFound) => {}
                // It is there; what it is can't be told.
                Err(error @ (EngineError::Refused { .. } | EngineError::TimedOut)) => {
                    tracing::warn!(
                        container = listed.id,
                        error = %error,
                        "A container could not be read."
                    );
                    listing.unreadable.extend(listed.into_unknown());
                }
                Err(error @ EngineError::Unreachable { .. }) => return Err(error),
            }
        }
        Ok(listing)
    }

    /// Running containers, of compose projects or not: what a collector needs to know of them, which takes no questions
    /// about each.
    ///
    /// # Errors
    /// The engine does not answer, or not as it should.
    pub async fn running(&self) -> Result<Vec<collect::Container>, EngineError> {
        let listed = self.list_running().await?;
        Ok(listed
            .into_iter()
            .map(facts::Listed::into_watched)
            .collect())
    }

    async fn list_running(&self) -> Result<Vec<facts::Listed>, EngineError> {
        let mut listed: Vec<facts::Listed> =
            read::json(&self.connector, "/containers/json", PATIENCE).await?;
        listed.truncate(MOST);
        Ok(listed)
    }

    async fn run(&self, id: &str, operation: Operation) -> Result<(), EngineError> {
        // Also makes sure that it is a compose project's.
        let grace = self.read_one(id, self.inspect).await?;
        let grace = grace.stop_grace_s.min(LONGEST_GRACE);
        let limit = OPERATION + Duration::from_secs(grace);
        match operation {
            Operation::Start => {
                let call = self
                    .docker
                    .start_container(id, None::<StartContainerOptions>);
                self.ask(OPERATION, call).await
            }
            Operation::Stop => {
                let call = self.docker.stop_container(id, None::<StopContainerOptions>);
                self.ask(limit, call).await
            }
            Operation::Restart => {
                let call = self
                    .docker
                    .restart_container(id, None::<RestartContainerOptions>);
                self.ask(limit, call).await
            }
        }
    }

    async fn read_logs(&self, id: &str, from: LogsFrom) -> Result<Pieces<LogPiece>, EngineError> {
        let terminal: facts::Terminal = self.describe(id, self.inspect).await?;
        let path = frames::path(id, from);
        let body = read::body(&self.connector, &path, PATIENCE).await?;
        Ok(frames::pieces(
            body,
            terminal.tty(),
            Arc::clone(&self.connector),
        ))
    }

    async fn read_secrets(
        &self,
        id: &str,
        names: &[&str],
    ) -> Result<BTreeMap<String, Secret>, EngineError> {
        let values: facts::Values = self.describe(id, self.inspect).await?;
        Ok(values.of(names))
    }
}

/// `{"label":["com.docker.compose.project"]}`, encoded.
const COMPOSE_ONLY: &str = "%7B%22label%22%3A%5B%22com.docker.compose.project%22%5D%7D";

/// Ids go into paths, so only what the engine itself gives out counts as one.
fn is_id(id: &str) -> bool {
    (12..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Containers for DockerEngine {
    fn info(&self) -> Answer<'_, EngineInfo> {
        Box::pin(self.read_info())
    }

    fn list(&self) -> Answer<'_, Listing> {
        Box::pin(self.read_all())
    }

    fn plain(&self) -> Answer<'_, Vec<PlainContainer>> {
        Box::pin(async move {
            let listed = self.list_running().await?;
            Ok(listed
                .into_iter()
                .filter_map(facts::Listed::into_plain)
                .collect())
        })
    }

    fn inspect<'a>(&'a self, id: &'a str) -> Answer<'a, Container> {
        Box::pin(self.read_one(id, self.inspect))
    }

    fn operate<'a>(&'a self, id: &'a str, operation: Operation) -> Answer<'a, ()> {
        Box::pin(self.run(id, operation))
    }

    fn events(&self, since_nano: i64) -> Answer<'_, Pieces<ContainerEvent>> {
        Box::pin(async move {
            let path = events::path(since_nano);
            let body = read::body(&self.connector, &path, PATIENCE).await?;
            Ok(events::events(body, Arc::clone(&self.connector)))
        })
    }

    fn logs<'a>(&'a self, id: &'a str, from: LogsFrom) -> Answer<'a, Pieces<LogPiece>> {
        Box::pin(self.read_logs(id, from))
    }

    fn stats<'a>(&'a self, id: &'a str) -> Answer<'a, UsageSample> {
        Box::pin(async move {
            if !is_id(id) {
                return Err(EngineError::NotFound);
            }
            let reading = self.ask(PATIENCE, stats::read(&self.docker, id));
            tokio::time::timeout(self.inspect, reading)
                .await
                .unwrap_or(Err(EngineError::TimedOut))
        })
    }

    fn secret_env<'a>(
        &'a self,
        id: &'a str,
        names: &'a [&'a str],
    ) -> Answer<'a, BTreeMap<String, Secret>> {
        Box::pin(self.read_secrets(id, names))
    }
}

#[cfg(test)]
mod tests;
