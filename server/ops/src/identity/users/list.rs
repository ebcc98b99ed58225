//! Every user.

use types::{Role, identity::User};

use crate::{Actor, Ops, Outcome, Who, audit, identity::manages};

/// Every user, by name. Reading manages nothing, so the token of a CTO reads too.
///
/// # Errors
/// `Forbidden`; or the database failed.
pub async fn list(ops: &Ops, actor: &Actor) -> Outcome<Vec<User>> {
    let is_token = matches!(actor.who, Who::Token { .. });
    let allowed = if is_token && actor.role == Role::Cto && !actor.is_confined() {
        Ok(())
    } else {
        manages(actor)
    };
    audit::permit(ops, actor, "user.list", "users", None, allowed).await?;
    Ok(store::users::list(&ops.db).await?)
}
