//! Waits that grow with failures to prove a password.
//!
//! A try is counted as a failure before the password is looked at, under a row lock, and taken back when it
//! succeeds: however many come at once, no more are looked at than the table allows.

mod count;
mod keys;

use store::{
    PgConnection,
    sign_in_failures::{self, Tally},
};
use time::{Duration, OffsetDateTime};
use types::Error;

pub use count::{ACCOUNT_FAILURES, ACCOUNT_WAIT, ACCOUNT_WINDOW, QUIET, TABLE, wait_after};
use count::{failed, taken_back};
pub use keys::Keys;
pub(crate) use keys::network;

use crate::{Ops, Outcome};

/// Refused tries are written to the audit log at most this often a key.
const LOG_REFUSALS_EVERY: Duration = Duration::minutes(1);

/// A try that was counted and not yet decided.
#[derive(Debug)]
pub struct Try {
    keys: Keys,
    before: Vec<Tally>,
    at: OffsetDateTime,
}

/// What became of a try before its password was looked at.
#[derive(Debug)]
pub enum Admission {
    /// It may be looked at.
    Admitted(Try),
    /// It has to wait.
    Blocked {
        /// What the caller is told.
        error: Error,
        /// True when this refusal belongs in the audit log: once a minute, however many there are.
        log: bool,
    },
}

/// Counts a try, unless one of its keys has to wait.
///
/// # Errors
/// The database failed.
pub async fn admit(ops: &Ops, keys: Keys) -> Outcome<Admission> {
    let now = ops.clock.now();
    let mut tx = ops.begin().await?;
    let before = sign_in_failures::lock(&mut tx, &keys.all, now).await?;
    let longest = before
        .iter()
        .filter_map(|tally| {
            Some((
                tally.blocked_until.filter(|until| *until > now)?,
                &tally.key,
            ))
        })
        .max();
    if let Some((until, key)) = longest {
        let log =
            sign_in_failures::log_refusal(&mut *tx, key, now - LOG_REFUSALS_EVERY, now).await?;
        // Whoever has to wait leaves nothing behind, however many accounts they name meanwhile.
        sign_in_failures::clear_empty(&mut tx, &keys.all).await?;
        Ops::commit(tx).await?;
        let wait = until - now;
        return Ok(Admission::Blocked {
            error: Error::TooManyTries {
                retry_after_s: u64::try_from(wait.whole_seconds()).unwrap_or(0)
                    + u64::from(wait.subsec_nanoseconds() > 0),
            },
            log,
        });
    }
    for tally in &before {
        sign_in_failures::save(&mut tx, &failed(tally, now)).await?;
    }
    Ops::commit(tx).await?;
    Ok(Admission::Admitted(Try {
        keys,
        before,
        at: now,
    }))
}

impl Try {
    /// The password was right: forgets the pair's (or the device's) failures, and takes this try back elsewhere.
    /// An address keeps its other failures, or whoever has one account could guess at all the others.
    ///
    /// # Errors
    /// The database failed.
    pub async fn succeed(&self, db: &mut PgConnection) -> Outcome<()> {
        self.take_back(db).await?;
        sign_in_failures::clear(db, &self.keys.forgotten).await?;
        Ok(())
    }

    /// Neither right nor wrong: takes this try back and forgets nothing.
    ///
    /// # Errors
    /// The database failed.
    pub async fn take_back(&self, db: &mut PgConnection) -> Outcome<()> {
        for tally in sign_in_failures::lock(db, &self.keys.all, self.at).await? {
            let before = self.before.iter().find(|before| before.key == tally.key);
            sign_in_failures::save(db, &taken_back(tally, self.at, before)).await?;
        }
        sign_in_failures::clear_empty(db, &self.keys.all).await?;
        Ok(())
    }

    /// How long the keys of this try have to wait if it stays a failure.
    pub fn wait(&self) -> Option<Duration> {
        self.before
            .iter()
            .filter_map(|tally| Some(failed(tally, self.at).blocked_until? - self.at))
            .max()
    }
}
