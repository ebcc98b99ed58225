//! What the server's errors, and the words of its programs, mean.

use sqlx::Error as Sql;

use crate::{Error, Kind};

/// An error of a session with a server; `doing` is such as "count rows".
pub(crate) fn sql(doing: &str, error: Sql) -> Error {
    let detail = error.to_string();
    let (kind, message) = match &error {
        Sql::Database(said) => {
            let code = said.code().unwrap_or_default();
            let what = said.message();
            match code.as_ref() {
                "28000" | "28P01" => (Kind::Denied, format!("The database server turned the user away: {what}. Check user and password.")),
                "42501" => (Kind::Denied, format!("The database user may not {doing}: {what}. Grant it, or use the owner of the database.")),
                "3D000" => (Kind::NotFound, format!("{}.", capital(what))),
                "42P04" => (Kind::Exists, format!("{}.", capital(what))),
                "55P03" => (Kind::LockTimeout, format!("Another session holds a lock for too long ({what}). It is tried again; end the session where it does not go by itself.")),
                "55006" => (Kind::Busy, format!("Sessions stay in the database and could not be ended ({what}). End them, and start again.")),
                "42P01" | "42883" | "XX000" if is_missing(what) => (Kind::Changed, format!("A relation was dropped while the backup began ({what}). It is tried again.")),
                "53100" => (Kind::NoSpace, format!("The disk of the database server is full ({what}). Make room there and start again.")),
                "57P01" | "57P02" | "57P03" | "57P05" | "25P03" => (Kind::SourceGone, format!("The database server ended the connection ({what}). It is tried again.")),
                "53300" => (Kind::Unreachable, "The database server has no connection left; it is tried again.".to_owned()),
                code if code.starts_with("08") => (Kind::SourceGone, format!("The connection to the database server broke ({what}). It is tried again.")),
                _ => (Kind::Other, format!("The database server could not {doing}: {what}.")),
            }
        }
        Sql::Io(_) | Sql::PoolTimedOut => (Kind::SourceGone, "The database server can't be reached, or ended the connection. Check that it runs; it is tried again.".to_owned()),
        _ => (Kind::Other, format!("The console could not {doing} on the database server.")),
    };
    Error::new(kind, message).detail(detail)
}

fn is_missing(what: &str) -> bool {
    what.contains("does not exist") || what.contains("could not open relation")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// What a program that failed said.
pub(crate) fn tool(name: &str, status: &str, said: &str) -> Error {
    let has = |sign: &str| said.contains(sign);
    let last = said
        .lines()
        .find(|line| line.contains("error:") || line.contains("ERROR:"))
        .or_else(|| said.lines().last())
        .unwrap_or("it said nothing");
    let (kind, message) = if has("canceling statement due to lock timeout")
        || has("canceling statement due to statement timeout") && has("LOCK TABLE")
    {
        (Kind::LockTimeout, "Another session holds a lock on a table for too long. It is tried again; end the session where it does not go by itself.".to_owned())
    } else if has("password authentication failed")
        || has("permission denied")
        || has("must be owner")
        || has("must be superuser")
        || has("row-level security")
    {
        (
            Kind::Denied,
            format!(
                "The database user may not do what {name} needs: {last}. Use the owner of the database or a superuser."
            ),
        )
    } else if has("No space left on device") || has("Disk quota exceeded") {
        (
            Kind::NoSpace,
            format!("A disk is full: {last}. Make room there and start again."),
        )
    } else if has("server version mismatch") {
        (
            Kind::Tool,
            format!("{name} is older than the server: {last}."),
        )
    } else if has("invalid memory alloc request size")
        || has("out of memory")
        || has("cannot enlarge string buffer")
    {
        (
            Kind::Other,
            format!(
                "A row is too large for PostgreSQL to write it out (1 GB as text; a bytea counts twice): {last}. Move the value to a large object or a file; until then no backup of this database is possible."
            ),
        )
    } else if has("server closed the connection")
        || has("terminating connection")
        || has("connection to server")
        || has("the database system is")
        || has("connection not open")
        || has("no connection to the server")
        || has("lost synchronization")
    {
        (
            Kind::SourceGone,
            format!(
                "The database server ended the connection, or can't be reached: {last}. It is tried again."
            ),
        )
    } else if has("could not open relation")
        || has("invalid snapshot identifier")
        || has("relation") && has("does not exist")
    {
        (
            Kind::Changed,
            format!("A relation was dropped while the backup began: {last}. It is tried again."),
        )
    } else if said.is_empty() {
        (
            Kind::Interrupted,
            format!("{name} was ended from outside ({status}). Start it again."),
        )
    } else {
        (Kind::Other, format!("{name} failed: {last}"))
    };
    Error::new(kind, message).detail(format!("{name}: {status}\n{said}"))
}
