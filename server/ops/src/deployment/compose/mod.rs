//! Compose files as far as drift needs them: which services there are, and what each asks for.
//!
//! Read by the rules of the Compose Specification; what the console can't know (a variable that only the shell had, a
//! file that is not there) is left out of the comparison, never guessed.

mod disk;
mod file;
mod merge;
mod node;
mod units;
mod variables;

pub use disk::{Files, Place};
pub use file::{Asked, ComposeFile, FileService};
pub use units::{PortSpec, anywhere, show_bytes};
