//! Runs every check at once, on demand.

use types::{Capability, Error, access::Reach, health::Health};

use super::{health, run_checks};
use crate::{
    Actor, Ops, Outcome,
    audit::{Entry, permit, record_alone},
};

const ACTION: &str = "verification.run";
const TARGET: &str = "platform";

/// Runs every check and gives back what was found. Callers that come while a round is under way share it.
///
/// # Errors
/// The actor may not operate services of any team, leads none, or acts for one team only; the database failed.
pub async fn verify_now(ops: &Ops, actor: &Actor) -> Outcome<Health> {
    let capability = Capability::OperateServices;
    // Verification concerns the whole platform: any lead of a team may ask for it, but nobody who leads none or acts
    // for one team only.
    let allowed = actor.may(capability).and_then(|reach| match reach {
        _ if actor.is_confined() => Err(Error::Forbidden { capability }),
        Reach::All => Ok(()),
        Reach::OwnTeam if !actor.teams.is_empty() => Ok(()),
        _ => Err(Error::Forbidden { capability }),
    });
    permit(ops, actor, ACTION, TARGET, None, allowed).await?;
    // Recorded before it is done: what can't be recorded does not happen.
    record_alone(ops, actor, Entry::done(ACTION, TARGET)).await?;
    run_checks(ops).await?;
    health(ops, actor).await
}
