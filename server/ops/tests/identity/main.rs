//! Identity and audit against a real Postgres, one database a test.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod audit;
mod capabilities;
mod second_factor;
mod sessions;
mod setup;
mod sign_in;
mod teams;
mod tokens;
mod users;
mod waits;
mod world;
