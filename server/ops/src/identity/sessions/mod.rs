//! Sessions of browsers: what a session store keeps, who a session belongs to, and how they end.
//!
//! A session ends twelve hours after its last use, thirty days after its sign-in, at sign-out, when its user is
//! disabled, and when their password changes.

mod actor;
mod end;
mod end_all_of;
mod keep;
mod list;
mod sign_out;

pub use actor::{session_actor, touch, unattended_actor};
pub use end::end;
pub use end_all_of::end_all_of;
pub use keep::{create, delete, hash, load, save};
pub use list::list;
use serde::{Deserialize, Serialize};
pub use sign_out::sign_out;
use time::{Duration, OffsetDateTime};

/// A session ends after so long without use.
pub const IDLE: Duration = Duration::hours(12);
/// A session ends so long after its sign-in, however much it is used.
pub const ABSOLUTE: Duration = Duration::days(30);
/// The key under which a session's data holds a [`SignedInAs`].
pub const SIGNED_IN: &str = "signed_in";

/// Who signed in to a session; only the server writes it. A session that gets one must get a new id with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedInAs {
    /// The user's id.
    pub user_id: i64,
    /// The account's generation when the password was checked.
    pub generation: i64,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// From which address.
    pub address: String,
    /// With which program.
    pub user_agent: String,
}
