//! Teams, their members, and the services they own.

mod create;
mod delete;
mod list;
mod named;
mod rename;
mod set_service_team;

pub use create::create;
pub use delete::delete;
pub use list::list;
pub use named::named;
pub use rename::rename;
pub use set_service_team::set_service_team;
use store::{PgConnection, StoreError, teams::NAME_KEY};
use types::{Error, access::DEFAULT_TEAM};

use crate::{Fault, Outcome};

/// The key under which open pages hear of changes to a team.
fn key(id: i64) -> String {
    format!("team/{id}")
}

/// The name of team `id`, which is held until the transaction ends.
async fn hold(db: &mut PgConnection, id: i64) -> Outcome<String> {
    let name = store::teams::lock(db, id).await?;
    Ok(name.ok_or_else(|| Error::not_found("team"))?)
}

/// Refuses to change the team that owns what names no other.
fn not_the_default(name: &str) -> Result<(), Error> {
    if name == DEFAULT_TEAM {
        return Err(Error::conflict(format!(
            "\"{DEFAULT_TEAM}\" owns whatever names no other team; it stays."
        )));
    }
    Ok(())
}

/// Names the field that a constraint refused.
fn refused(error: StoreError) -> Fault {
    match error.constraint() {
        Some(NAME_KEY) => Error::field("name", "There is a team of that name already.").into(),
        _ => error.into(),
    }
}
