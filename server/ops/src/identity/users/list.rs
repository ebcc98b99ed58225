//! Every user.

use types::identity::User;

use crate::{Actor, Ops, Outcome, audit, identity::manages};

/// Every user, by name.
///
/// # Errors
/// `Forbidden`; or the database failed.
pub async fn list(ops: &Ops, actor: &Actor) -> Outcome<Vec<User>> {
    audit::permit(ops, actor, "user.list", "users", None, manages(actor)).await?;
    Ok(store::users::list(&ops.db).await?)
}
