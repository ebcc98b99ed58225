//! Backups that are proven, and restores that can be undone.

pub mod schedule;
