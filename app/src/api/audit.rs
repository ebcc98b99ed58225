//! The audit log.
#![expect(
    missing_docs,
    reason = "the fields of the types that the macro makes are the functions' parameters"
)]

use leptos::prelude::*;
use types::{
    Error,
    audit::{AuditFilter, AuditPage},
};

/// A page of the log, the newest first.
#[server(prefix = "/fn", endpoint = "audit", output = types::wire::Json)]
pub async fn audit(filter: AuditFilter) -> Result<AuditPage, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::audit::list(&ops, &actor, &filter)
        .await
        .map_err(crate::ssr::tell)
}
