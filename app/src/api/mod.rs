//! Server functions, one file a feature: who asks, one call into `ops`, map the error.

pub mod audit;
pub mod backups;
pub mod deployment;
pub mod done;
pub mod health;
pub mod identity;
pub mod resources;
pub mod theme;
