//! The REST API, the figures and the streams, driven in process over a real Postgres.
#![allow(
    clippy::panic,
    clippy::too_many_lines,
    clippy::assigning_clones,
    reason = "tests end at the first surprise, and a table of cases is long"
)]
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test ends at the first surprise"
)]

mod agents;
mod backups;
mod bad_input;
mod browser;
mod confined;
mod console;
mod doors;
mod engine;
mod figures;
mod functions;
mod limits;
mod openapi;
mod ready;
mod samples;
mod services;
mod strangers;
mod stream;
