//! The charts of a host or of a service.

use types::{
    Capability,
    charts::{Asked, Charts, Range, Subject},
};

use super::{hosts, millis};
use crate::{Actor, Ops, Outcome};

/// The charts of a subject over a range.
///
/// # Errors
/// The actor may not see the stack; `Invalid` for the range or the number of points; there is no such host or service; the
/// database failed.
pub async fn charts(ops: &Ops, actor: &Actor, asked: &Asked) -> Outcome<Charts> {
    actor.may(Capability::SeeStack)?;
    let now = millis(ops.clock.now());
    let (from, to) = match asked.range {
        Range::Last(seconds) => (now - i64::from(seconds) * 1_000, now),
        Range::Between(from, to) => (from, to),
    };
    let host = match &asked.subject {
        Subject::Host { name, .. } => name.clone(),
        Subject::Service { .. } => String::new(),
    };
    Ok(Charts {
        host,
        hosts: hosts(ops, actor).await?,
        from,
        to,
        newest: None,
        charts: Vec::new(),
        marks: Vec::new(),
        unreadable: Vec::new(),
    })
}
