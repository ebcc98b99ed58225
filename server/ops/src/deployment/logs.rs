//! Logs of a service.

use std::{
    collections::{HashSet, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::{sync::mpsc, task::JoinSet};
use types::{Capability, Error, deployment::LogLine};

use super::{
    lines::{Line, Lines},
    service::find_seen,
};
use crate::{
    Actor, Ops, Outcome,
    outside::{EngineError, LogsFrom},
};

/// Lines as they come, and at most once why some can't be read. Dropping it ends the reading.
pub type LogLines = BoxStream<'static, Result<LogLine, Error>>;

/// A line, or why there is none, on its way to the reader.
type Told = Result<LogLine, Error>;

/// The most lines that are read back.
const MOST_LINES: u32 = 5_000;

/// The most text that is read back, in bytes: the oldest lines give way.
const MOST_BYTES: usize = 4 << 20;

/// How long reading back may take; what was read by then counts.
const PATIENCE: Duration = Duration::from_secs(10);

/// Lines that wait for a slow reader; then the reading waits.
const WAITING: usize = 256;

/// How long to wait before a log that has ended is looked at again: its container may have started anew.
const PAUSE: Duration = Duration::from_secs(1);

/// The most containers of a service whose logs are read.
const MOST_CONTAINERS: usize = 32;

/// The newest `tail` lines of all containers of a service, the oldest first; at most 5,000 lines and 4 MiB.
///
/// # Errors
/// The actor may not see the stack; there is no such service; the engine does not answer; the database failed.
pub async fn logs(
    ops: &Ops,
    actor: &Actor,
    project: &str,
    service: &str,
    tail: u32,
) -> Outcome<Vec<LogLine>> {
    actor.may(Capability::SeeStack)?;
    let tail = tail.min(MOST_LINES);
    let mut read = Vec::new();
    for id in containers_of(ops, actor, project, service).await? {
        read.extend(read_back(ops, &id, tail).await?);
    }
    // Of several containers by time; of one in its own order, which this keeps.
    read.sort_by_key(|line| line.nano.unwrap_or(i64::MIN));
    let from = read.len().saturating_sub(tail as usize);
    Ok(read.drain(from..).map(|line| line.line).collect())
}

/// The newest `tail` lines and then every line as it comes, across restarts and new containers of the service. A reader
/// that is slow slows the reading down; nothing piles up. A log that the engine refuses (its driver keeps none that
/// could be read) is an error in the stream, told once.
///
/// # Errors
/// As [`logs`].
pub async fn follow_logs(
    ops: &Ops,
    actor: &Actor,
    project: &str,
    service: &str,
    tail: u32,
) -> Outcome<LogLines> {
    actor.may(Capability::SeeStack)?;
    let containers = containers_of(ops, actor, project, service).await?;
    if let Some(id) = containers.first() {
        // Said at once rather than by a stream that never begins.
        match ops.outside.containers.inspect(id).await {
            Ok(_) | Err(EngineError::NotFound) => {}
            Err(error) => return Err(told(error).into()),
        }
    }
    let (lines, read) = mpsc::channel(WAITING);
    let (project, service) = (project.to_owned(), service.to_owned());
    tokio::spawn(follow(
        ops.clone(),
        actor.clone(),
        project,
        service,
        tail.min(MOST_LINES),
        lines,
    ));
    Ok(stream::unfold(
        read,
        |mut read| async move { Some((read.recv().await?, read)) },
    )
    .boxed())
}

/// What the caller is told of the engine's failure.
pub(super) fn told(error: EngineError) -> Error {
    match error {
        EngineError::Unreachable { reason, hint } => Error::Unavailable {
            what: "The Docker Engine".to_owned(),
            hint: format!("{reason} {hint}"),
        },
        EngineError::NotFound => Error::not_found("container"),
        EngineError::TimedOut => Error::Unavailable {
            what: "The Docker Engine".to_owned(),
            hint: "It answers, but hangs on this one container; sudo journalctl -u docker may tell why."
                .to_owned(),
        },
        EngineError::Refused { message } => Error::conflict(format!(
            "The Docker Engine refused: {}",
            super::text::clean(&message, 500)
        )),
    }
}

async fn containers_of(
    ops: &Ops,
    actor: &Actor,
    project: &str,
    service: &str,
) -> Outcome<Vec<String>> {
    let snapshot = ops.stack.snapshot(ops).await?;
    find_seen(&snapshot, actor, project, service)?;
    let containers = snapshot.of_service(project, service);
    Ok(containers
        .iter()
        .take(MOST_CONTAINERS)
        .map(|known| known.container.id.clone())
        .collect())
}

/// The newest lines of one container; none of one that is gone.
async fn read_back(ops: &Ops, id: &str, tail: u32) -> Outcome<VecDeque<Line>> {
    let mut newest = Newest {
        most: tail as usize,
        ..Newest::default()
    };
    let from = LogsFrom {
        tail: Some(tail),
        follow: false,
        since_nano: None,
    };
    let reading = async {
        let mut pieces = ops.outside.containers.logs(id, from).await?;
        let mut lines = Lines::default();
        while let Some(piece) = pieces.next().await {
            lines.take(&piece?, |line| newest.push(line));
        }
        lines.finish(|line| newest.push(line));
        Ok(())
    };
    match tokio::time::timeout(PATIENCE, reading).await {
        Ok(Ok(()) | Err(EngineError::NotFound)) | Err(_) => Ok(newest.lines),
        Ok(Err(error)) => Err(told(error).into()),
    }
}

/// The newest lines, as many as there is room for.
#[derive(Debug, Default)]
struct Newest {
    lines: VecDeque<Line>,
    bytes: usize,
    most: usize,
}

impl Newest {
    fn push(&mut self, line: Line) {
        self.bytes += line.line.message.len();
        self.lines.push_back(line);
        while self.lines.len() > self.most || self.bytes > MOST_BYTES {
            let Some(oldest) = self.lines.pop_front() else {
                return;
            };
            self.bytes -= oldest.line.message.len();
        }
    }
}

/// Follows every container that the service has or gets, until nobody reads any more.
async fn follow(
    ops: Ops,
    actor: Actor,
    project: String,
    service: String,
    tail: u32,
    lines: mpsc::Sender<Told>,
) {
    let refusal = Arc::new(AtomicBool::new(false));
    let mut following: HashSet<String> = HashSet::new();
    let mut readers: JoinSet<String> = JoinSet::new();
    // A container that comes later is new: all of its log is.
    let mut tail = Some(tail);
    loop {
        let containers = match containers_of(&ops, &actor, &project, &service).await {
            Ok(containers) => containers,
            // It may have gone to a team that the actor doesn't see.
            Err(fault) if actor.is_confined() && fault.told().is_some() => return,
            // While the database or the engine is away, what is followed goes on being followed.
            Err(_) => Vec::new(),
        };
        for id in containers {
            if following.len() < MOST_CONTAINERS && following.insert(id.clone()) {
                let (ops, lines, refusal) = (ops.clone(), lines.clone(), Arc::clone(&refusal));
                readers.spawn(async move {
                    follow_one(&ops, &id, tail, &lines, &refusal).await;
                    id
                });
            }
        }
        tail = Some(MOST_LINES);
        tokio::select! {
            () = lines.closed() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
        while let Some(Ok(id)) = readers.try_join_next() {
            following.remove(&id);
        }
    }
}

/// Hands on the lines of one container until it is removed or nobody reads any more. That the engine refuses them is
/// said by whoever sets `refused` first.
async fn follow_one(
    ops: &Ops,
    id: &str,
    tail: Option<u32>,
    lines: &mpsc::Sender<Told>,
    refused: &AtomicBool,
) {
    let mut from = LogsFrom {
        tail,
        follow: true,
        since_nano: None,
    };
    loop {
        let read = tokio::select! {
            read = follow_run(ops, id, &mut from, lines) => read,
            () = lines.closed() => return,
        };
        if lines.is_closed() || read == Err(EngineError::NotFound) {
            return;
        }
        if let Err(error @ EngineError::Refused { .. }) = read
            && !refused.swap(true, Ordering::AcqRel)
            && lines.send(Err(told(error))).await.is_err()
        {
            return;
        }
        tokio::select! {
            () = lines.closed() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// Hands on lines until the container ends; leaves in `from` where to go on.
async fn follow_run(
    ops: &Ops,
    id: &str,
    from: &mut LogsFrom,
    to: &mpsc::Sender<Told>,
) -> Result<(), EngineError> {
    let mut pieces = ops.outside.containers.logs(id, *from).await?;
    let mut lines = Lines::default();
    let mut ready = Vec::new();
    let mut ended = false;
    while !ended {
        if let Some(piece) = pieces.next().await {
            lines.take(&piece?, |line| ready.push(line));
        } else {
            lines.finish(|line| ready.push(line));
            ended = true;
        }
        for line in ready.drain(..) {
            if let Some(nano) = line.nano {
                *from = LogsFrom {
                    tail: None,
                    follow: true,
                    since_nano: Some(nano + 1),
                };
            }
            if to.send(Ok(line.line)).await.is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}
