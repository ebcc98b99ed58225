//! Who is looking.

use types::{Error, identity::Me};

use crate::{Actor, Ops, Outcome, Who, actor::PROOF_LASTS, identity::person};

/// The signed-in user.
///
/// # Errors
/// `Unauthenticated` for anyone but a signed-in person; or the database failed.
pub async fn me(ops: &Ops, actor: &Actor) -> Outcome<Me> {
    let (id, _) = person(actor)?;
    let user = store::users::get(&ops.db, id)
        .await?
        .ok_or(Error::Unauthenticated)?;
    let proof_until = match actor.who {
        Who::User { proved_at, .. } => proved_at.map(|at| at + PROOF_LASTS),
        Who::Token { .. } | Who::System => None,
    };
    Ok(Me {
        user,
        recovery_codes_left: store::recovery_codes::left(&ops.db, id).await?,
        proof_until: proof_until.filter(|until| *until >= ops.clock.now()),
    })
}
