//! Backup sets, their targets, what was backed up and what was restored.

pub mod restores;
pub mod sets;
pub mod taken;
pub mod targets;
pub mod trend;
