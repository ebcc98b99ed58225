//! Restores of databases, which never overwrite.
//!
//! A backup is restored into a fresh database beside the live one ([`fill`]), compared with its manifest, and takes the
//! live one's name in one transaction ([`switch`]); the one before is kept and can have its name back ([`undo`]). All that
//! a restore has done stands in the server's catalog: [`survey`] reads it, [`resume`] acts on it after a crash.

mod catalog;
mod fill;
mod pour;
mod swap;

pub use self::{
    catalog::{Found, State, survey},
    fill::{Filled, Request, fill},
    swap::{Outcome, Switched, discard, resume, roll_back, switch, undo},
};
