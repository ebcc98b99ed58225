//! Signing in and out, one's own account, and the CTO's users, teams and tokens.
//!
//! Where a function takes `password` and `code`, they are the proof that it needs when the last one is too old.
#![expect(
    missing_docs,
    reason = "the fields of the types that the macro makes are the functions' parameters"
)]

mod account;
mod people;
mod sign_in;
mod tokens;

pub use account::*;
pub use people::*;
pub use sign_in::*;
pub use tokens::*;

/// The id that a form's choice of a team names; none for an empty one.
#[cfg(feature = "ssr")]
pub(crate) fn team_id(text: &str) -> Result<Option<i64>, types::Error> {
    if text.is_empty() {
        return Ok(None);
    }
    let id = text
        .parse()
        .map_err(|_| types::Error::field("team", "There is no such team."))?;
    Ok(Some(id))
}
