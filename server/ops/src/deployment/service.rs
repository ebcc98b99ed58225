//! One service's page.

use types::{Capability, Error, deployment::ServiceDetail};

use crate::{Actor, Ops, Outcome};

/// The service `name` of `project` with its events and what the actor may do to it.
///
/// # Errors
/// The actor may not see the stack; there is no such service; the database failed.
pub async fn service(
    ops: &Ops,
    actor: &Actor,
    project: &str,
    name: &str,
) -> Outcome<ServiceDetail> {
    actor.may(Capability::SeeStack)?;
    let _ = (ops, project, name);
    Err(Error::not_found("service").into())
}
