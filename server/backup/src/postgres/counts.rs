//! How many rows the tables of a live database have now.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use serde::Deserialize;
use sqlx::PgConnection;

use super::{
    Server, names,
    session::{json, run},
};
use crate::Result;

/// Tables up to so many bytes are counted, larger ones estimated.
const COUNTED_UP_TO: u64 = 64 << 20;

/// How long all of the counting may take, and a statement of it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tables that are counted by one statement.
const AT_ONCE: usize = 100;

/// The tables that a manifest counts. `reltuples` is -1 where the server has not looked yet.
const TABLES: &str = "
    SELECT coalesce(jsonb_agg(jsonb_build_object('schema', n.nspname, 'name', c.relname, 'size', pg_table_size(c.oid),
        'estimate', greatest(c.reltuples, s.n_live_tup, 0)::bigint)), '[]')::text
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
    WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relpersistence <> 't'";

/// How many rows a table has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowCount {
    /// So many.
    pub rows: u64,
    /// They were not counted: the server's estimate.
    pub is_estimate: bool,
}

#[derive(Deserialize)]
struct Table {
    schema: String,
    name: String,
    /// None where it was dropped meanwhile.
    size: Option<u64>,
    estimate: u64,
}

/// The rows of every table, by `schema.name`. Small tables are counted, as far as that goes in five seconds.
///
/// # Errors
/// Those of the server.
pub async fn row_counts(server: &Server, database: &str) -> Result<BTreeMap<String, RowCount>> {
    let mut connection = server.connect(database).await?;
    let patience = format!("SET statement_timeout = '{}ms'", PATIENCE.as_millis());
    run(&mut connection, "set up a session", &patience).await?;
    let tables: Vec<Table> = json(&mut connection, "list tables", TABLES).await?;
    let mut counts: BTreeMap<String, RowCount> = tables
        .iter()
        .map(|table| {
            let count = RowCount {
                rows: table.estimate,
                is_estimate: true,
            };
            (format!("{}.{}", table.schema, table.name), count)
        })
        .collect();
    let small: Vec<&Table> = tables
        .iter()
        .filter(|table| table.size.is_some_and(|size| size <= COUNTED_UP_TO))
        .collect();
    let began = Instant::now();
    for some in small.chunks(AT_ONCE) {
        if began.elapsed() > PATIENCE {
            break;
        }
        // One that is dropped meanwhile, locked or slow leaves the estimates of these.
        if let Ok(counted) = count(&mut connection, some).await {
            counts.extend(counted);
        }
    }
    Ok(counts)
}

async fn count(
    connection: &mut PgConnection,
    tables: &[&Table],
) -> Result<BTreeMap<String, RowCount>> {
    let parts: Vec<String> = tables
        .iter()
        .map(|table| {
            let name = format!("{}.{}", table.schema, table.name);
            format!(
                "SELECT {} AS name, count(*) AS rows FROM ONLY {}",
                names::literal(&name),
                names::qualified(&table.schema, &table.name)
            )
        })
        .collect();
    let statement = format!(
        "SELECT coalesce(jsonb_object_agg(name, rows), '{{}}')::text FROM ({}) AS counted",
        parts.join(" UNION ALL ")
    );
    let counted: BTreeMap<String, u64> = json(connection, "count rows", &statement).await?;
    let told = counted.into_iter().map(|(name, rows)| {
        let is_estimate = false;
        (name, RowCount { rows, is_estimate })
    });
    Ok(told.collect())
}
