//! A user's open sessions.

use types::identity::SessionInfo;

use crate::{
    Actor, Ops, Outcome, Who, audit,
    identity::{manages, users},
};

/// The open sessions of user `id`, the last used first: one's own, or anyone's for who manages users.
///
/// # Errors
/// `Forbidden`, `NotFound`; or the database failed.
pub async fn list(ops: &Ops, actor: &Actor, id: i64) -> Outcome<Vec<SessionInfo>> {
    if actor.user_id() != Some(id) {
        audit::permit(
            ops,
            actor,
            "session.list",
            &format!("user {id}"),
            None,
            manages(actor),
        )
        .await?;
        users::named(ops, id).await?;
    }
    let current = match &actor.who {
        Who::User { session, .. } => Some(session.as_slice()),
        Who::Token { .. } | Who::System => None,
    };
    Ok(store::sessions::list(&ops.db, id, current, ops.clock.now()).await?)
}
