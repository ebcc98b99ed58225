//! The timeline.

use store::engine_events::{Filter, list};
use types::{
    Capability,
    deployment::{EngineEvent, Stack},
};

use super::stack;
use crate::{Actor, Ops, Outcome};

/// The most events that are given at once.
const MOST: u32 = 500;

/// Events, the newest first: of all, of a project, or of a service of it; before the event with the id `before`. At
/// most `limit`, and never more than 500. Whoever acts for one team sees those of that team's services alone.
///
/// # Errors
/// The actor may not see the stack; the database failed.
pub async fn events(
    ops: &Ops,
    actor: &Actor,
    project: Option<&str>,
    service: Option<&str>,
    before: Option<i64>,
    limit: u32,
) -> Outcome<Vec<EngineEvent>> {
    actor.may(Capability::SeeStack)?;
    // Postgres takes no NUL, and no name holds one.
    if [project, service]
        .into_iter()
        .flatten()
        .any(|name| name.contains('\0'))
    {
        return Ok(Vec::new());
    }
    let seen = if actor.is_confined() {
        Some(names(&*stack(ops, actor).await?))
    } else {
        None
    };
    let filter = Filter {
        project,
        service,
        before,
        among: seen
            .as_ref()
            .map(|(projects, services)| (projects.as_slice(), services.as_slice())),
    };
    Ok(list(&ops.db, filter, i64::from(limit.min(MOST))).await?)
}

/// Project and name of every service of `stack`, side by side.
fn names(stack: &Stack) -> (Vec<String>, Vec<String>) {
    stack
        .projects
        .iter()
        .flat_map(|project| &project.services)
        .map(|service| (service.project.clone(), service.name.clone()))
        .unzip()
}
