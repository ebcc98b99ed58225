//! Setting who belongs to a team.

use serde_json::json;
use types::{Error, identity::Team, live::Topic};

use super::{hold, key, refused};
use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
    identity::{check::Fields, manages_and_proved},
};

const ACTION: &str = "team.set_members";

/// Sets the members of team `id`, and gives it back. It counts from the next request of every open session.
///
/// # Errors
/// `Forbidden`, `StepUpRequired`, `NotFound`, `Invalid` for unknown `members`; or the database failed.
pub async fn set_members(ops: &Ops, actor: &Actor, id: i64, members: &[i64]) -> Outcome<Team> {
    let allowed = manages_and_proved(ops, actor);
    audit::permit(ops, actor, ACTION, &format!("team {id}"), None, allowed).await?;
    let mut fields = Fields::default();
    fields.ids("members", members);
    fields.done()?;
    let unknown = || Error::not_found("team");
    let mut tx = ops.begin().await?;
    store::teams::hold_memberships(&mut tx).await?;
    let name = hold(&mut tx, id).await?;
    let before = store::teams::get(&mut *tx, id).await?.ok_or_else(unknown)?;
    store::teams::set_members(&mut tx, id, members)
        .await
        .map_err(refused)?;
    let after = store::teams::get(&mut *tx, id).await?.ok_or_else(unknown)?;
    if before == after {
        return Ok(after);
    }
    let ids = |team: &Team| -> Vec<i64> { team.members.iter().map(|one| one.user_id).collect() };
    let entry = Entry::done(ACTION, &name)
        .of_team(&name)
        .with(json!({"members": [ids(&before), ids(&after)]}));
    store::changes::publish(&mut tx, Topic::Identity, &key(id)).await?;
    audit::record(&mut tx, ops, actor, entry).await?;
    Ops::commit(tx).await?;
    Ok(after)
}
