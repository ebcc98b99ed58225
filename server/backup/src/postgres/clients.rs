//! Who is connected to a database.

use super::{Server, names, session::json};
use crate::Result;

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
