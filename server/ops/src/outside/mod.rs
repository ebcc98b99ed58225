//! The outside world as use-cases see it: small traits that the server's adapters implement.

mod clock;

pub use clock::{Clock, FixedClock};
