//! Deleting a team.

use types::live::Topic;

use super::{hold, key, not_the_default};
use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
    identity::manages_and_proved,
};

const ACTION: &str = "team.delete";

/// Deletes team `id` with its memberships and the tokens confined to it; its services fall back to their labels.
///
/// # Errors
/// `Forbidden`, `StepUpRequired`, `NotFound`, `Conflict` for the default team; or the database failed.
pub async fn delete(ops: &Ops, actor: &Actor, id: i64) -> Outcome<()> {
    let allowed = manages_and_proved(ops, actor);
    audit::permit(ops, actor, ACTION, &format!("team {id}"), None, allowed).await?;
    let mut tx = ops.begin().await?;
    store::teams::hold_memberships(&mut tx).await?;
    let name = hold(&mut tx, id).await?;
    not_the_default(&name)?;
    store::teams::delete(&mut tx, id).await?;
    store::changes::publish(&mut tx, Topic::Identity, &key(id)).await?;
    store::changes::publish(&mut tx, Topic::Deployment, "").await?;
    audit::record(
        &mut tx,
        ops,
        actor,
        Entry::done(ACTION, &name).of_team(&name),
    )
    .await?;
    Ops::commit(tx).await
}
