//! Runs every check at once, on demand.

use types::{Capability, Error, access::Reach, health::Health};

use super::{health, run_checks};
use crate::{
    Actor, Ops, Outcome,
    audit::{Entry, record_alone},
};

/// Runs every check and gives back what was found. Callers that come while a round is under way share it.
///
/// # Errors
/// The actor may not operate services of any team; the database failed.
pub async fn verify_now(ops: &Ops, actor: &Actor) -> Outcome<Health> {
    let capability = Capability::OperateServices;
    // Verification concerns the whole platform: whoever operates a team's services may ask for it.
    if !matches!(actor.may(capability)?, Reach::All | Reach::OwnTeam) {
        return Err(Error::Forbidden { capability }.into());
    }
    // Recorded before it is done: what can't be recorded does not happen.
    record_alone(ops, actor, Entry::done("verification.run", "platform")).await?;
    run_checks(ops).await?;
    health(ops, actor).await
}
