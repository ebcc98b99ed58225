//! The audit log.

use leptos::prelude::*;
use types::{
    Error,
    audit::{AuditFilter, AuditPage},
};

/// A page of the log, the newest first.
#[server(prefix = "/fn", endpoint = "read_audit")]
pub async fn read_audit(filter: AuditFilter) -> Result<AuditPage, Error> {
    let (_ops, _actor) = crate::ssr::asked()?;
    let _ = filter;
    Err(crate::ssr::later())
}
