//! Every team.

use types::identity::Team;

use crate::{Actor, Ops, Outcome, audit, identity::manages};

/// Every team with its members, by name.
///
/// # Errors
/// `Forbidden`; or the database failed.
pub async fn list(ops: &Ops, actor: &Actor) -> Outcome<Vec<Team>> {
    audit::permit(ops, actor, "team.list", "teams", None, manages(actor)).await?;
    Ok(store::teams::list(&ops.db).await?)
}
