//! The use-cases.
