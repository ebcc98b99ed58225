//! The log as CSV, in batches, however long it is.

use futures::stream::{self, BoxStream, StreamExt};
use serde_json::json;
use time::format_description::well_known::Rfc3339;
use types::{
    Error,
    audit::{AuditEntry, AuditFilter},
};

use super::{Entry, list::query, record_alone};
use crate::{Actor, Fault, Ops, Outcome, identity::reread};

const ACTION: &str = "audit.export";

/// Entries read at once.
const BATCH: i64 = 1_000;

/// The first line.
const HEADER: &str = "id,at,actor,action,target,team,address,user_agent,result,detail\r\n";

/// Every entry that `filter` matches and `actor` may see, the newest first, as pieces of a CSV file (RFC 4180, UTF-8)
/// with a header line. The export itself is recorded.
///
/// # Errors
/// As [`super::list`]; a piece fails when the database does, and when the actor may not read on: each batch is read with
/// their rights as they are then.
pub async fn export(
    ops: &Ops,
    actor: &Actor,
    filter: &AuditFilter,
) -> Outcome<BoxStream<'static, Outcome<String>>> {
    let query = query(ops, actor, ACTION, filter).await?;
    let detail = json!({
        "actor": query.actor, "action": query.action, "target": query.target, "result": filter.result,
        "since": filter.since.trim(), "until": filter.until.trim(),
    });
    record_alone(ops, actor, Entry::done(ACTION, "audit log").with(detail)).await?;
    let header = stream::once(async { Ok(HEADER.to_owned()) });
    Ok(header
        .chain(batches(ops.clone(), actor.clone(), filter.clone()))
        .boxed())
}

fn batches(
    ops: Ops,
    actor: Actor,
    filter: AuditFilter,
) -> impl futures::Stream<Item = Outcome<String>> + Send + 'static {
    stream::try_unfold(Some(filter.before), move |cursor| {
        let (ops, actor, filter) = (ops.clone(), actor.clone(), filter.clone());
        async move {
            let Some(before) = cursor else {
                return Ok(None);
            };
            let actor = reread(&ops, &actor).await?.ok_or(Error::Unauthenticated)?;
            let query = query(&ops, &actor, ACTION, &filter).await?;
            let entries = store::audit::before(&ops.db, &query, before, BATCH).await?;
            let Some(last) = entries.last().map(|last| last.id) else {
                return Ok(None);
            };
            let mut lines = String::new();
            for entry in &entries {
                write_line(&mut lines, entry)?;
            }
            Ok(Some((lines, Some(Some(last)))))
        }
    })
}

fn write_line(lines: &mut String, entry: &AuditEntry) -> Outcome<()> {
    let at = entry
        .at
        .format(&Rfc3339)
        .map_err(|error| Fault::Inside(error.to_string()))?;
    let detail = if entry.detail.is_null() {
        String::new()
    } else {
        entry.detail.to_string()
    };
    lines.push_str(&entry.id.to_string());
    for cell in [
        at.as_str(),
        &entry.actor,
        &entry.action,
        &entry.target,
        entry.team.as_deref().unwrap_or_default(),
        &entry.address,
        &entry.user_agent,
        entry.result.as_str(),
        &detail,
    ] {
        lines.push(',');
        write_cell(lines, cell);
    }
    lines.push_str("\r\n");
    Ok(())
}

/// A quoted cell. One that a spreadsheet would take for a formula gets an apostrophe in front.
fn write_cell(line: &mut String, cell: &str) {
    line.push('"');
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        line.push('\'');
    }
    line.push_str(&cell.replace('"', "\"\""));
    line.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> String {
        let mut line = String::new();
        write_cell(&mut line, text);
        line
    }

    #[test]
    fn a_formula_is_text() {
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
        assert_eq!(cell("@SUM(A1)"), "\"'@SUM(A1)\"");
        assert_eq!(cell("-2"), "\"'-2\"");
    }

    #[test]
    fn quotes_commas_and_breaks_stay_in_their_cell() {
        assert_eq!(cell("a \"b\", c\nd"), "\"a \"\"b\"\", c\nd\"");
    }
}
