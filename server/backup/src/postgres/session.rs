//! A session that holds a snapshot of a database, and every table of it against being dropped.

use std::time::Duration;

use serde::de::DeserializeOwned;
use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::{Server, fault::sql, manifest::ServerFacts, names};
use crate::{Error, Kind, Result};

/// Tables that are locked by one statement.
const LOCKED_AT_ONCE: usize = 500;

/// A transaction that sees the database as it was when it began.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) connection: PgConnection,
    pub(crate) server: ServerFacts,
    /// What other sessions take the same snapshot by.
    pub(crate) snapshot: String,
}

impl Session {
    /// Begins: tables are locked first as reading locks them, so that whoever drops one waits until the end.
    ///
    /// # Errors
    /// [`Kind::LockTimeout`], [`Kind::Changed`] where a table was dropped meanwhile; those of the server.
    pub(crate) async fn begin(server: &Server, database: &str, wait: Duration) -> Result<Self> {
        let mut connection = server.connect(database).await?;
        run(
            &mut connection,
            "begin",
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        )
        .await?;
        run(
            &mut connection,
            "begin",
            &format!("SET LOCAL lock_timeout = '{}ms'", wait.as_millis().max(1)),
        )
        .await?;
        let facts: ServerFacts = json(
            &mut connection,
            "ask for its version",
            "SELECT jsonb_build_object('version', current_setting('server_version'),
                'version_number', current_setting('server_version_num')::int,
                'is_standby', pg_is_in_recovery(),
                'wal_position', CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END)::text",
        )
        .await?;
        if facts.version_number < 120_000 {
            return Err(Error::new(
                Kind::Invalid,
                format!(
                    "The server is PostgreSQL {}; 12 or later is needed.",
                    facts.version
                ),
            ));
        }
        let tables: Vec<(String, String)> = json(
            &mut connection,
            "list tables",
            "SELECT coalesce(jsonb_agg(jsonb_build_array(n.nspname, c.relname)), '[]')::text
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
                AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'",
        )
        .await?;
        for some in tables.chunks(LOCKED_AT_ONCE) {
            let names: Vec<String> = some
                .iter()
                .map(|(schema, name)| format!("ONLY {}", names::qualified(schema, name)))
                .collect();
            let statement = format!("LOCK TABLE {} IN ACCESS SHARE MODE", names.join(", "));
            run(&mut connection, "lock tables", &statement).await?;
        }
        let snapshot = sqlx::query_scalar("SELECT pg_export_snapshot()")
            .fetch_one(&mut connection)
            .await
            .map_err(|error| sql("export a snapshot", error))?;
        Ok(Self {
            connection,
            server: facts,
            snapshot,
        })
    }
}

/// Runs a statement whose answer is of no interest.
pub(crate) async fn run(connection: &mut PgConnection, doing: &str, statement: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
        .execute(connection)
        .await
        .map(|_| ())
        .map_err(|error| sql(doing, error))
}

/// Reads the one JSON text that a statement gives.
pub(crate) async fn json<T: DeserializeOwned>(
    connection: &mut PgConnection,
    doing: &str,
    statement: &str,
) -> Result<T> {
    let row = sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
        .fetch_one(connection)
        .await
        .map_err(|error| sql(doing, error))?;
    let text: String = row.try_get(0).map_err(|error| sql(doing, error))?;
    serde_json::from_str(&text).map_err(|error| {
        Error::new(
            Kind::Other,
            format!("The database server's answer can't be read ({doing})."),
        )
        .detail(error.to_string())
    })
}
