//! What the server's catalog tells of restores.
//!
//! Every database that a restore made or put aside carries a comment that says so; its own comment stands in there. The
//! only moment without is between `CREATE DATABASE` and the comment, when the database is known by its name.

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::{
    Error, Kind, Result,
    postgres::{
        Server, names,
        session::{json, run},
        settings,
    },
};

/// How comments of ours begin.
const MARK: &str = "ytops restore ";
/// The databases that every server has and that a restore is steered from.
const MAINTENANCE: [&str; 2] = ["postgres", "template1"];

/// What a database of a restore is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Fresh, and not whole yet: after a crash it is dropped.
    Filling,
    /// Fresh, whole and compared: it waits for the switch, or to be discarded.
    Ready,
    /// It was live before the switch, and is kept for an undo.
    Kept,
    /// It was restored, and an undo put it aside.
    Undone,
    /// It was restored under a name of its own, to be looked at.
    Copy,
}

/// A comment of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    pub(crate) operation: String,
    pub(crate) state: State,
    /// The live database.
    pub(crate) database: String,
    /// The comment that the database had, or is to have.
    pub(crate) comment: Option<String>,
}

/// A database of a restore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// The restore that it belongs to.
    pub operation: String,
    /// What it is.
    pub state: State,
    /// The live database that is, or was, restored.
    pub database: String,
    /// The comment that is its own.
    pub comment: Option<String>,
    /// Bytes that it takes.
    pub size: u64,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    comment: Option<String>,
    size: Option<u64>,
}

impl Mark {
    pub(crate) fn comment_on(&self, database: &str) -> Result<String> {
        let text = serde_json::to_string(self).map_err(|error| {
            Error::new(Kind::Other, "A database can't be marked.").detail(error.to_string())
        })?;
        Ok(settings::comment(database, Some(&format!("{MARK}{text}"))))
    }
}

/// The name of a restore's fresh database.
pub(crate) fn fresh_name(database: &str, operation: &str) -> String {
    // The operation must be whole: the name is all that tells it for a moment.
    names::with_suffix(database, &format!("_restore_{operation}"))
}

/// Identities of operations fit into a name beside a few letters of the database's.
pub(crate) fn check_operation(operation: &str) -> Result<()> {
    crate::postgres::check_id(operation)?;
    if operation.len() > 36 {
        return Err(Error::new(
            Kind::Invalid,
            "An operation's identity has at most 36 letters.",
        ));
    }
    Ok(())
}

/// A session besides the database that is restored.
pub(crate) async fn maintenance(server: &Server, database: &str) -> Result<PgConnection> {
    let mut last = Error::new(
        Kind::NotFound,
        "The server has neither a database postgres nor template1.",
    );
    for name in MAINTENANCE.iter().filter(|name| **name != database) {
        match server.connect(name).await {
            Ok(connection) => return Ok(connection),
            Err(error) if matches!(error.kind, Kind::NotFound | Kind::Other) => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// A session that alone may restore that database until it ends.
pub(crate) async fn claim(server: &Server, database: &str) -> Result<PgConnection> {
    if MAINTENANCE.contains(&database) || database == "template0" {
        return Err(Error::new(
            Kind::Invalid,
            format!(
                "The database {database} belongs to the server itself. Restore it under another name."
            ),
        ));
    }
    let mut connection = maintenance(server, database).await?;
    let statement = format!(
        "SELECT pg_try_advisory_lock(hashtextextended({}, 0))::text",
        names::literal(&format!("ytops restore {database}"))
    );
    if json::<bool>(&mut connection, "claim a restore", &statement).await? {
        return Ok(connection);
    }
    Err(Error::new(
        Kind::Busy,
        format!(
            "Another restore of the database {} is under way. Wait until it ended.",
            names::ident(database)
        ),
    ))
}

/// Every database of the server that a restore made or put aside.
///
/// # Errors
/// Those of the server.
pub async fn survey(server: &Server) -> Result<Vec<Found>> {
    let mut connection = maintenance(server, "").await?;
    found(&mut connection).await
}

pub(crate) async fn found(connection: &mut PgConnection) -> Result<Vec<Found>> {
    let rows: Vec<Row> = json(
        connection,
        "list databases",
        "SELECT coalesce(jsonb_agg(jsonb_build_object('name', datname, 'comment', shobj_description(oid, 'pg_database'),
            'size', CASE WHEN has_database_privilege(oid, 'CONNECT') THEN pg_database_size(oid) END) ORDER BY oid), '[]')::text
        FROM pg_database WHERE datname LIKE '%\\_restore\\_%' OR shobj_description(oid, 'pg_database') LIKE 'ytops restore %'",
    )
    .await?;
    Ok(rows.into_iter().filter_map(read).collect())
}

fn read(row: Row) -> Option<Found> {
    let size = row.size.unwrap_or(0);
    let Some(comment) = row.comment else {
        let (database, operation) = row.name.rsplit_once("_restore_")?;
        crate::postgres::check_id(operation).ok()?;
        return Some(Found {
            operation: operation.to_owned(),
            state: State::Filling,
            database: database.to_owned(),
            comment: None,
            size,
            name: row.name,
        });
    };
    let mark: Mark = serde_json::from_str(comment.strip_prefix(MARK)?).ok()?;
    Some(Found {
        name: row.name,
        operation: mark.operation,
        state: mark.state,
        database: mark.database,
        comment: mark.comment,
        size,
    })
}

/// The comment of a database; [`None`] where there is no such database.
pub(crate) async fn comment_of(
    connection: &mut PgConnection,
    database: &str,
) -> Result<Option<Option<String>>> {
    let statement = format!(
        "SELECT coalesce((SELECT jsonb_build_array(shobj_description(oid, 'pg_database')) FROM pg_database WHERE datname = {}), '[]')::text",
        names::literal(database)
    );
    let mut found: Vec<Option<String>> =
        json(connection, "look for a database", &statement).await?;
    Ok(found.pop())
}

/// Ends sessions in a database and drops it. No error where it is not there.
pub(crate) async fn drop_database(connection: &mut PgConnection, database: &str) -> Result<()> {
    if comment_of(connection, database).await?.is_none() {
        return Ok(());
    }
    let name = names::ident(database);
    run(
        connection,
        "drop a database",
        &format!("ALTER DATABASE {name} WITH IS_TEMPLATE false"),
    )
    .await?;
    // A program that a killed console left may come back once.
    let mut tries = 0;
    loop {
        run(connection, "end sessions", &end_sessions(database)).await?;
        match run(
            connection,
            "drop a database",
            &format!("DROP DATABASE IF EXISTS {name}"),
        )
        .await
        {
            Err(error) if error.kind == Kind::Busy && tries < 5 => tries += 1,
            result => return result,
        }
    }
}

/// A statement that ends all other sessions in a database.
pub(crate) fn end_sessions(database: &str) -> String {
    format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {} AND pid <> pg_backend_pid()",
        names::literal(database)
    )
}
