//! The program as it is started: its command line, its settings, its start and its end.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends at the first surprise"
)]

mod cli;
mod gate;
mod killed;
mod program;
mod restore_self;
mod serve;
mod settings;
mod units;
