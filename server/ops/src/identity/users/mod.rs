//! Users, managed by a CTO; and what each may do to their own account.

mod change_password;
mod create;
mod disable;
mod enable;
mod get;
mod list;
mod me;
mod reset_password;
mod update;

pub use change_password::change_password;
pub use create::create;
pub use disable::disable;
pub use enable::enable;
pub use get::get;
pub use list::list;
pub use me::me;
pub use reset_password::reset_password;
use store::{PgConnection, StoreError, teams::MEMBER_TEAM_KEY, users::EMAIL_KEY};
use types::Error;
pub use update::update;

use crate::{Fault, Ops, Outcome};

/// The key under which open pages hear of changes to a user.
pub(super) fn key(id: i64) -> String {
    format!("user/{id}")
}

/// The address of user `id`, which names them in the audit log.
pub(super) async fn named(ops: &Ops, id: i64) -> Outcome<String> {
    let account = store::users::account(&ops.db, id).await?;
    Ok(account.ok_or_else(|| Error::not_found("user"))?.email)
}

/// Refuses to take the last CTO who can sign in away: `id` is about to be demoted or disabled. Holds the CTOs until the
/// transaction ends, so that two at once can't take the last two.
async fn keep_a_cto(db: &mut PgConnection, id: i64, stays_cto: bool) -> Outcome<()> {
    let ctos = store::users::lock_enabled_ctos(db).await?;
    if !stays_cto && ctos == [id] {
        return Err(Error::conflict(
            "This is the last CTO who can sign in. Give somebody else that role first.",
        )
        .into());
    }
    Ok(())
}

/// Names the field that a constraint refused.
fn refused(error: StoreError) -> Fault {
    match error.constraint() {
        Some(EMAIL_KEY) => Error::field("email", "Somebody has that address already.").into(),
        Some(MEMBER_TEAM_KEY) => Error::field("teams", "There is no such team.").into(),
        _ => error.into(),
    }
}
