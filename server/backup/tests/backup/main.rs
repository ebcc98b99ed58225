//! The engine with the real restic, rclone and PostgreSQL. `DATABASE_URL` names the tests' cluster
//! (deploy/scripts/postgres.sh), whose superuser `postgres` makes and drops databases of names of its own.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop"
)]

mod database;
mod directories;
mod faults;
mod killed;
mod repository;
mod restores;
mod support;
