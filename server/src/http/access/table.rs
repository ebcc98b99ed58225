//! The table itself. Two tests walk it: every entry of the program is here, and every row refuses who lacks it.

use types::Capability::SeeStack;

use super::Gate::{self, May, Public};

/// A way in.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The HTTP method.
    pub method: &'static str,
    /// The route's pattern, or a server function's path.
    pub path: &'static str,
    /// What it asks for.
    pub gate: Gate,
}

const fn get(path: &'static str, gate: Gate) -> Entry {
    Entry {
        method: "GET",
        path,
        gate,
    }
}

/// Every way in.
pub const ENTRIES: &[Entry] = &[
    get("/healthz", Public),
    get("/readyz", Public),
    get("/stream", May(SeeStack)),
    get("/", May(SeeStack)),
];
