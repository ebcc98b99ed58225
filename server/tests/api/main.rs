//! The REST API, the figures and the streams, driven in process over a real Postgres.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test ends at the first surprise"
)]

mod bad_input;
mod console;
mod doors;
mod figures;
mod limits;
mod openapi;
mod stream;
