//! Loops that make stored state match the world; each is idempotent and may be stopped at any point.

use ops::Ops;
use tokio::task::JoinSet;

use crate::config::Config;

mod backups;
mod deployment;
mod health;
mod housekeeping;
mod lead;
mod resources;

/// Starts what needs no database yet: this host is read, and what was read is held until it can be stored.
pub fn spawn_reading(ops: &Ops, config: &Config) -> JoinSet<()> {
    let mut loops = JoinSet::new();
    resources::spawn(&mut loops, ops, config);
    loops
}

/// Starts every other loop; dropping the set stops them.
pub fn spawn_all(ops: &Ops) -> JoinSet<()> {
    let mut loops = JoinSet::new();
    loops.spawn(ops.live.clone().follow(ops.db.clone()));
    loops.spawn(deployment::run(ops.clone()));
    loops.spawn(backups::run(ops.clone()));
    loops.spawn(health::run(ops.clone()));
    loops.spawn(housekeeping::run(ops.clone()));
    loops.spawn(resources::tidy(ops.clone()));
    loops
}
