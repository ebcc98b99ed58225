//! Server functions, one file a feature: who asks, one call into `ops`, map the error.
pub mod health;
