//! Forgetting what has had its time.

use time::Duration;

use super::waits;
use crate::{Ops, Outcome};

/// A device that did not sign in for so long is a stranger again.
const DEVICE_KEPT: Duration = Duration::days(365);

/// Forgets ended sessions, old counts of failures, unconfirmed second factors and devices long unused. Safe to run at
/// any time, by several consoles at once.
///
/// # Errors
/// The database failed.
pub async fn forget(ops: &Ops) -> Outcome<()> {
    let now = ops.clock.now();
    store::sessions::forget(&ops.db, now).await?;
    store::sign_in_failures::forget(&ops.db, now - waits::QUIET, now).await?;
    store::totp::forget(&ops.db, now).await?;
    store::devices::forget(&ops.db, now - DEVICE_KEPT).await?;
    Ok(())
}
