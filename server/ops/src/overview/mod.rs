//! Whether all is well and, if not, what is wrong and since when.

mod assemble;
mod overview;

pub use overview::overview;
