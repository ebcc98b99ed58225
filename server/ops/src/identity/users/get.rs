//! One user.

use types::{Error, identity::User};

use crate::{Actor, Ops, Outcome, audit, identity::manages};

/// The user `id`: oneself, or anyone for who manages users.
///
/// # Errors
/// `Forbidden`, `NotFound`; or the database failed.
pub async fn get(ops: &Ops, actor: &Actor, id: i64) -> Outcome<User> {
    if actor.user_id() != Some(id) {
        audit::permit(
            ops,
            actor,
            "user.get",
            &format!("user {id}"),
            None,
            manages(actor),
        )
        .await?;
    }
    let user = store::users::get(&ops.db, id).await?;
    Ok(user.ok_or_else(|| Error::not_found("user"))?)
}
