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

/// Starts every loop; dropping the set stops them.
pub fn spawn_all(ops: &Ops, config: &Config) -> JoinSet<()> {
    let mut loops = JoinSet::new();
    loops.spawn(ops.live.clone().follow(ops.db.clone()));
    loops.spawn(deployment::run(ops.clone()));
    loops.spawn(backups::run(ops.clone()));
    loops.spawn(health::run(ops.clone()));
    loops.spawn(housekeeping::run(ops.clone()));
    resources::spawn(&mut loops, ops, config);
    loops
}
