#![expect(clippy::unwrap_used, reason = "a test may stop")]

mod due;
mod restores;
mod taking;
mod world;
