//! Ending all sessions of a user.

use serde_json::json;
use types::live::Topic;

use crate::{
    Actor, Ops, Outcome, Who,
    audit::{self, Entry},
    identity::{manages, users},
};

const ACTION: &str = "session.end_all";

/// Ends the sessions of user `id`, all but the one that asks, and gives back how many: one's own, or anyone's for who
/// manages users.
///
/// # Errors
/// `Forbidden`, `NotFound`; or the database failed.
pub async fn end_all_of(ops: &Ops, actor: &Actor, id: i64) -> Outcome<u64> {
    if actor.user_id() != Some(id) {
        audit::permit(
            ops,
            actor,
            ACTION,
            &format!("user {id}"),
            None,
            manages(actor),
        )
        .await?;
    }
    let target = users::named(ops, id).await?;
    let current = match &actor.who {
        Who::User { session, .. } => Some(session.as_slice()),
        Who::Token { .. } | Who::System => None,
    };
    let mut tx = ops.begin().await?;
    let ended = store::sessions::end_all_of(&mut tx, id, current).await?;
    store::changes::publish(&mut tx, Topic::Identity, &users::key(id)).await?;
    let entry = Entry::done(ACTION, &target).with(json!({"ended": ended}));
    audit::record(&mut tx, ops, actor, entry).await?;
    Ops::commit(tx).await?;
    Ok(ended)
}
