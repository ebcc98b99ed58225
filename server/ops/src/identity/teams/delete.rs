//! Deleting a team.

use store::teams::Belongings;
use types::{Error, live::Topic};

use super::{hold, key, not_the_default};
use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
    identity::manages_and_proved,
};

const ACTION: &str = "team.delete";

/// Deletes team `id`, which has no members, services and valid tokens any more.
///
/// # Errors
/// `Forbidden`, `StepUpRequired`, `NotFound`, `Conflict` for the default team and one that still has something; or the
/// database failed.
pub async fn delete(ops: &Ops, actor: &Actor, id: i64) -> Outcome<()> {
    let allowed = manages_and_proved(ops, actor);
    audit::permit(ops, actor, ACTION, &format!("team {id}"), None, allowed).await?;
    let mut tx = ops.begin().await?;
    store::teams::hold_memberships(&mut tx).await?;
    let name = hold(&mut tx, id).await?;
    not_the_default(&name)?;
    let left = store::teams::belongings(&mut tx, id, &name, ops.clock.now()).await?;
    still_has(&name, &left)?;
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

/// Refuses while the team has something, and says where to give it.
fn still_has(name: &str, left: &Belongings) -> Result<(), Error> {
    let (has, advice): (Vec<String>, Vec<&str>) = [
        (
            left.members,
            "member",
            "take its members out on the page Users",
        ),
        (
            left.services,
            "service",
            "give its services to another team, on their pages or by their label ytops.team",
        ),
        (
            left.tokens,
            "valid API token",
            "revoke its tokens on the page API tokens",
        ),
    ]
    .into_iter()
    .filter(|(count, _, _)| *count > 0)
    .map(|(count, noun, advice)| {
        let plural = if count == 1 { "" } else { "s" };
        (format!("{count} {noun}{plural}"), advice)
    })
    .unzip();
    if has.is_empty() {
        return Ok(());
    }
    Err(Error::conflict(format!(
        "The team \"{name}\" still has {}. First {}.",
        has.join(", "),
        advice.join("; ")
    )))
}
