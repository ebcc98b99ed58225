//! Teams that only labels know.

use std::collections::BTreeSet;

use crate::{Actor, Ops, Outcome, audit, deployment, identity::manages};

/// The names of teams that own services by their label ytops.team and are not made yet, so that nobody can belong to
/// them.
///
/// # Errors
/// `Forbidden`; or the database failed.
pub async fn named(ops: &Ops, actor: &Actor) -> Outcome<Vec<String>> {
    audit::permit(ops, actor, "team.list", "teams", None, manages(actor)).await?;
    let made = store::teams::list(&ops.db).await?;
    let stack = deployment::stack(ops, actor).await?;
    let services = stack.projects.iter().flat_map(|one| &one.services);
    let named: BTreeSet<&str> = services.map(|service| service.team.as_str()).collect();
    let unmade = named
        .into_iter()
        .filter(|name| made.iter().all(|team| team.name != *name));
    Ok(unmade.map(ToOwned::to_owned).collect())
}
