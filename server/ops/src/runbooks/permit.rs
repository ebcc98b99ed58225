//! Who may carry out a plan.

use types::{
    Capability, Error,
    access::Reach,
    runbooks::{Plan, RunListed},
};

use crate::{Actor, Ops, Outcome, audit};

/// Whether the actor may carry out `plan` for what belongs to `team`: who may restore that; a whole project is for those who
/// may restore everything.
///
/// # Errors
/// `Forbidden`.
pub(super) fn allowed(actor: &Actor, plan: Plan, team: &str) -> Result<(), Error> {
    let capability = Capability::Restore;
    if plan == Plan::CompleteFailure {
        return match actor.may(capability)? {
            Reach::All => Ok(()),
            _ => Err(Error::Forbidden { capability }),
        };
    }
    actor.may_for_team(capability, team, false)
}

/// Passes who may do `action` with a run, with a proof of password where `needs_proof`; a refusal is recorded.
///
/// # Errors
/// `Forbidden`, `StepUpRequired`; the database failed.
pub(super) async fn permit(
    ops: &Ops,
    actor: &Actor,
    action: &str,
    run: &RunListed,
    needs_proof: bool,
) -> Outcome<()> {
    let check = allowed(actor, run.plan, &run.team).and_then(|()| {
        if needs_proof {
            actor.must_have_proved(ops.clock.now())
        } else {
            Ok(())
        }
    });
    audit::permit(ops, actor, action, &target(run), Some(&run.team), check).await
}

/// A run as the audit log names it.
pub(super) fn target(run: &RunListed) -> String {
    let what = if run.is_rehearsal {
        "rehearsal"
    } else {
        "runbook"
    };
    format!("{what} {}: {} of {}", run.id, run.plan.title(), run.subject)
}
