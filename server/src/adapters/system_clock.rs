//! The machine's clock.

use ops::outside::Clock;
use time::OffsetDateTime;

/// Tells the machine's time, cut to the microsecond that Postgres keeps.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> OffsetDateTime {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is where the time comes from"
        )]
        let now = OffsetDateTime::now_utc();
        now.replace_microsecond(now.microsecond()).unwrap_or(now)
    }
}
