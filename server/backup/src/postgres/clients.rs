//! Who is connected to a database.

use super::{Server, names, session::json};
use crate::{Result, restore::maintenance};

/// The addresses from which a database is used now, besides this machine's own sockets.
///
/// # Errors
/// Those of the server.
pub async fn clients(server: &Server, database: &str) -> Result<Vec<String>> {
    let mut connection = server.connect("postgres").await?;
    let statement = format!(
        "SELECT coalesce(jsonb_agg(DISTINCT host(client_addr)), '[]')::text FROM pg_stat_activity
        WHERE datname = {} AND client_addr IS NOT NULL AND pid <> pg_backend_pid()",
        names::literal(database)
    );
    json(&mut connection, "ask who is connected", &statement).await
}

/// The databases of a server that hold something of its users', by name.
///
/// # Errors
/// Those of the server.
pub async fn databases(server: &Server) -> Result<Vec<String>> {
    let mut connection = server.connect("postgres").await?;
    json(
        &mut connection,
        "list databases",
        "SELECT coalesce(jsonb_agg(datname ORDER BY datname), '[]')::text FROM pg_database d
        WHERE datallowconn AND NOT datistemplate
          AND coalesce(shobj_description(oid, 'pg_database'), '') NOT LIKE 'ytops restore %'
          AND datname NOT LIKE '%\\_restore\\_%' AND datname <> 'postgres'",
    )
    .await
}

/// Who is in a database.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Session {
    /// The program as it names itself; empty where it does not, or that is not for this user to see.
    pub program: String,
    /// From which address; empty for this machine's own sockets.
    pub address: String,
    /// It holds an advisory lock whose first key is the one that was asked about.
    pub has_lock: bool,
}

/// Whether a database is there, and the sessions in it.
///
/// # Errors
/// Those of the server.
pub async fn sessions(server: &Server, database: &str, lock: i32) -> Result<Option<Vec<Session>>> {
    let mut connection = maintenance(server, database).await?;
    let name = names::literal(database);
    let statement = format!(
        "SELECT (SELECT coalesce(jsonb_agg(jsonb_build_object('program', coalesce(a.application_name, ''),
                'address', coalesce(host(a.client_addr), ''),
                'has_lock', EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.locktype = 'advisory'
                    AND l.classid = {lock}::oid AND l.granted))), '[]')
            FROM pg_stat_activity a WHERE a.datname = d.datname AND a.pid <> pg_backend_pid()
                AND coalesce(a.backend_type, 'client backend') = 'client backend')::text
        FROM pg_database d WHERE datname = {name} UNION ALL SELECT 'null' LIMIT 1"
    );
    json(&mut connection, "ask who is connected", &statement).await
}
