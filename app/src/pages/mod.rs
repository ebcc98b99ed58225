//! One folder or file a page.

pub mod account;
pub mod audit;
pub mod backups;
pub mod deployment;
pub mod not_found;
pub mod overview;
pub mod resources;
pub mod service;
pub mod settings;
pub mod setup;
pub mod sign_in;
pub mod wall;
