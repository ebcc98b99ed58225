//! Whether all is well and, if not, what is wrong and since when.

mod assemble;
mod read;

pub use read::overview;
