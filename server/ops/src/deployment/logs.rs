//! Logs of a service as they are written.

use std::{
    collections::HashSet,
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

use super::{lines::Lines, service::find_seen};
use crate::{
    Actor, Ops, Outcome,
    outside::{EngineError, LogsFrom},
};

/// Lines as they come, and at most once why some can't be read. Dropping it ends the reading.
pub type LogLines = BoxStream<'static, Result<LogLine, Error>>;

/// A line, or why there is none, on its way to the reader.
type Told = Result<LogLine, Error>;

/// The most lines that are read back.
pub(super) const MOST_LINES: u32 = 5_000;

/// Lines that wait for a slow reader; then the reading waits.
const WAITING: usize = 256;

/// How long to wait before a log that has ended is looked at again: its container may have started anew.
const PAUSE: Duration = Duration::from_secs(1);

/// The most containers of a service whose logs are read.
const MOST_CONTAINERS: usize = 32;

/// The newest `tail` lines and then every line as it comes, across restarts and new containers of the service. A reader
/// that is slow slows the reading down; nothing piles up. A log that the engine refuses (its driver keeps none that
/// could be read) is an error in the stream, told once.
///
/// # Errors
/// The actor may not see the stack; there is no such service; the engine does not answer; the database failed.
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

/// The containers whose logs are the service's, as the actor may see them.
pub(super) async fn containers_of(
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
