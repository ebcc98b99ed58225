//! Whether all is well and, if not, what is wrong and since when.

mod assemble;
mod machine;
mod read;

pub use read::overview;
