//! The console's program: command line, configuration, HTTP, background loops, and the adapters to the outside.

pub mod adapters;
pub mod agent;
pub mod cli;
pub mod config;
pub mod http;
pub mod logging;
pub mod reconcile;
pub mod serve;
