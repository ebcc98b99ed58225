//! One folder or file a page.

pub mod not_found;
pub mod overview;
