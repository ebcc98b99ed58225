//! Who people are: accounts, teams, sessions, tokens, the second factor, and the waits that slow guessing down.

pub mod check;
mod factor;
pub mod forget;
mod own_password;
pub mod passwords;
mod prove;
mod reread;
mod secrets;
pub mod sessions;
pub mod setup;
mod sign_in;
pub mod teams;
pub mod tokens;
pub mod totp;
pub mod users;
pub mod waits;

pub use passwords::Passwords;
pub use prove::prove;
pub use reread::reread;
pub use sign_in::{Credentials, SignedIn, sign_in};
use types::{Capability, Error};

use crate::{Actor, Ops, Who};

/// May manage users, teams, roles, tokens and settings.
fn manages(actor: &Actor) -> Result<(), Error> {
    actor.may(Capability::Manage).map(drop)
}

/// May manage, and proved their password within the last five minutes.
fn manages_and_proved(ops: &Ops, actor: &Actor) -> Result<(), Error> {
    manages(actor)?;
    actor.must_have_proved(ops.clock.now())
}

/// The signed-in user's id and their session; tokens and the console itself are nobody here.
fn person(actor: &Actor) -> Result<(i64, &[u8]), Error> {
    match &actor.who {
        Who::User { id, session, .. } => Ok((*id, session)),
        Who::Token { .. } | Who::System => Err(Error::Unauthenticated),
    }
}
