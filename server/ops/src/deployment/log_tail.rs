//! The end of a service's log.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use futures::{StreamExt, future::try_join_all};
use types::{Capability, deployment::LogLine};

use super::{
    lines::{Line, Lines},
    logs::{MOST_LINES, containers_of, told},
};
use crate::{
    Actor, Ops, Outcome,
    outside::{EngineError, LogsFrom},
};

/// The most text that is read back, in bytes: the oldest lines give way.
const MOST_BYTES: usize = 4 << 20;

/// How long reading back may take, however many containers there are; what was read by then counts.
const PATIENCE: Duration = Duration::from_secs(10);

/// The newest lines of a service's log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogTail {
    /// The lines, the oldest first.
    pub lines: Vec<LogLine>,
    /// False where reading took too long. The engine tells the oldest lines first: it is the newest that are missing.
    pub is_complete: bool,
}

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
) -> Outcome<LogTail> {
    actor.may(Capability::SeeStack)?;
    let containers = containers_of(ops, actor, project, service).await?;
    read(ops, &containers, tail.min(MOST_LINES), PATIENCE).await
}

/// The newest lines of these containers, as far as they are told within `patience`.
pub(super) async fn read(
    ops: &Ops,
    containers: &[String],
    tail: u32,
    patience: Duration,
) -> Outcome<LogTail> {
    let newest = Mutex::new(Newest {
        most: tail as usize,
        ..Newest::default()
    });
    let reading = read_all(ops, containers, tail, &newest);
    let is_complete = match tokio::time::timeout(patience, reading).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => return Err(told(error).into()),
        Err(_) => false,
    };
    let newest = newest.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(LogTail {
        lines: newest.lines.into_values().collect(),
        is_complete,
    })
}

async fn read_all(
    ops: &Ops,
    containers: &[String],
    tail: u32,
    newest: &Mutex<Newest>,
) -> Result<(), EngineError> {
    let mut readings = Vec::new();
    for (place, id) in containers.iter().enumerate() {
        readings.push(read_one(ops, id, place, tail, newest));
    }
    try_join_all(readings).await?;
    Ok(())
}

/// Adds the lines of one container; none of one that is gone.
async fn read_one(
    ops: &Ops,
    id: &str,
    place: usize,
    tail: u32,
    newest: &Mutex<Newest>,
) -> Result<(), EngineError> {
    let from = LogsFrom {
        tail: Some(tail),
        follow: false,
        since_nano: None,
    };
    let add = |line: Line| {
        newest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(place, line);
    };
    let reading = async {
        let mut pieces = ops.outside.containers.logs(id, from).await?;
        let mut lines = Lines::default();
        while let Some(piece) = pieces.next().await {
            lines.take(&piece?, add);
        }
        lines.finish(add);
        Ok(())
    };
    match reading.await {
        Err(EngineError::NotFound) => Ok(()),
        read => read,
    }
}

/// The newest lines of all containers, as many as there is room for.
#[derive(Debug, Default)]
struct Newest {
    /// By time; lines of the same time by container, and then as they came.
    lines: BTreeMap<(i64, usize, u64), LogLine>,
    taken: u64,
    bytes: usize,
    most: usize,
}

impl Newest {
    fn push(&mut self, place: usize, Line { nano, line }: Line) {
        self.bytes += line.message.len();
        self.taken += 1;
        let key = (nano.unwrap_or(i64::MIN), place, self.taken);
        self.lines.insert(key, line);
        while self.lines.len() > self.most || self.bytes > MOST_BYTES {
            let Some((_, oldest)) = self.lines.pop_first() else {
                return;
            };
            self.bytes -= oldest.message.len();
        }
    }
}
