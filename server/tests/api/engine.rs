//! A Docker Engine of one's own, to see what reaches it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use futures::{StreamExt, stream};
use ops::{
    Ops,
    outside::{
        Answer, Container, ContainerEvent, Containers, EngineError, EngineInfo, Listing, LogPiece,
        LogStream, LogsFrom, Outside, Pieces, Secret, UsageSample,
    },
};
use store::containers::Reading;
use types::deployment::{HealthState, Operation, State};

/// The pieces that a long line comes in, in bytes.
const PIECE: usize = 64 * 1024;

/// Containers that do as they are told, or refuse.
#[derive(Default)]
pub struct Engine {
    pub containers: Vec<Container>,
    pub log: String,
    /// Bytes of one line more, before a last one that says `after`.
    pub long_line: usize,
    pub operated: Mutex<Vec<(String, Operation)>>,
    pub refuses: Mutex<Option<EngineError>>,
}

/// The id of the container of a service: as the engine's, 64 digits.
pub fn id(service: &str) -> String {
    let hex = service
        .bytes()
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    format!("{hex:0>64}").chars().take(64).collect()
}

/// A running container of `project`/`service`.
pub fn container(project: &str, service: &str, team: &str) -> Container {
    Container {
        id: id(service),
        name: format!("{project}-{service}-1"),
        project: project.to_owned(),
        service: service.to_owned(),
        state: State::Running,
        health: HealthState::Healthy,
        image: "demo:1".to_owned(),
        team: team.to_owned(),
        environment: vec!["DATABASE_PASSWORD".to_owned()],
        ..Container::default()
    }
}

impl Engine {
    /// Tools over this engine, which has been read once.
    pub async fn read_by(self: &Arc<Self>, ops: &Ops) -> Ops {
        let ops = ops.clone().with(Outside {
            containers: self.clone(),
            ..Outside::none()
        });
        ops::deployment::reconcile(&ops).await.expect("a reading");
        let mut tx = ops.db.begin().await.unwrap();
        let reading = Reading {
            number: store::reading::begin(&mut *tx).await.unwrap(),
            at: ops.clock.now(),
        };
        store::engine::answered(&mut tx, "20.10", reading)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        ops
    }
}

fn ready<T: Send + 'static>(answer: Result<T, EngineError>) -> Answer<'static, T> {
    Box::pin(async move { answer })
}

impl Containers for Engine {
    fn info(&self) -> Answer<'_, EngineInfo> {
        ready(Ok(EngineInfo::default()))
    }

    fn list(&self) -> Answer<'_, Listing> {
        ready(Ok(Listing {
            containers: self.containers.clone(),
            unreadable: Vec::new(),
        }))
    }

    fn inspect<'a>(&'a self, id: &'a str) -> Answer<'a, Container> {
        let found = self.containers.iter().find(|container| container.id == id);
        ready(found.cloned().ok_or(EngineError::NotFound))
    }

    fn operate<'a>(&'a self, id: &'a str, operation: Operation) -> Answer<'a, ()> {
        if let Some(error) = self.refuses.lock().unwrap().clone() {
            return ready(Err(error));
        }
        self.operated
            .lock()
            .unwrap()
            .push((id.to_owned(), operation));
        ready(Ok(()))
    }

    fn events(&self, _since_nano: i64) -> Answer<'_, Pieces<ContainerEvent>> {
        ready(Ok(stream::pending().boxed()))
    }

    fn logs<'a>(&'a self, _id: &'a str, from: LogsFrom) -> Answer<'a, Pieces<LogPiece>> {
        let lines: Vec<&str> = self.log.lines().collect();
        let skipped = from
            .tail
            .map_or(0, |tail| lines.len().saturating_sub(tail as usize));
        let pieces: Vec<_> = lines[skipped..]
            .iter()
            .enumerate()
            .map(|(second, line)| {
                let text = format!("2026-01-01T00:00:{second:02}.000000001Z {line}\n");
                Ok(LogPiece {
                    stream: LogStream::Stdout,
                    bytes: text.into_bytes(),
                })
            })
            .collect();
        let long = (0..self.long_line.div_ceil(PIECE)).map(|_| vec![b'x'; PIECE]);
        let after = b"\n2026-01-01T00:01:00.000000001Z after\n".to_vec();
        let more = long
            .chain((self.long_line > 0).then_some(after))
            .map(|bytes| {
                Ok(LogPiece {
                    stream: LogStream::Stdout,
                    bytes,
                })
            });
        ready(Ok(stream::iter(pieces.into_iter().chain(more)).boxed()))
    }

    fn stats<'a>(&'a self, _id: &'a str) -> Answer<'a, UsageSample> {
        ready(Err(EngineError::NotFound))
    }

    fn secret_env<'a>(
        &'a self,
        _id: &'a str,
        _names: &'a [&'a str],
    ) -> Answer<'a, BTreeMap<String, Secret>> {
        ready(Ok(BTreeMap::new()))
    }
}
