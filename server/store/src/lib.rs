//! Every line of SQL, a file a feature; nothing else names sqlx queries.
//!
//! Functions take an executor (`&PgPool` or `&mut PgConnection`), so that a use-case decides what is one transaction.

pub mod audit;
pub mod backups;
pub mod changes;
pub mod containers;
pub mod devices;
pub mod ends;
pub mod engine;
pub mod engine_events;
mod entered;
pub mod health;
pub mod leader;
pub mod operations;
pub mod preflight;
pub mod probe;
pub mod projects;
pub mod reading;
pub mod recovery_codes;
pub mod runbooks;
pub mod samples;
pub mod sessions;
pub mod settings;
pub mod setup;
pub mod sign_in_failures;
pub mod teams;
pub mod tokens;
pub mod totp;
pub mod usage;
pub mod users;

use std::time::Duration;

pub use entered::{Entered, entered};
pub use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use sqlx::{
    migrate::{MigrateError, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
};

/// The schema, in the order it grew.
pub static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

/// What can go wrong below.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused, or did not answer.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("a migration failed: {0}")]
    Migrate(#[from] MigrateError),
    /// A stored value that this program can't read.
    #[error("a stored value is unreadable: {0}")]
    Corrupt(String),
}

impl StoreError {
    /// The database did not answer within the time that the caller could wait.
    pub const fn timed_out() -> Self {
        Self::Database(sqlx::Error::PoolTimedOut)
    }

    /// The named constraint that refused the write, if that is what happened.
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Database(sqlx::Error::Database(error)) => error.constraint(),
            _ => None,
        }
    }

    /// Nothing came back in time, and no reason is known.
    pub const fn is_silence(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::PoolTimedOut))
    }

    /// The database itself can't be reached or is out of connections; trying again later may help.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Database(error)
            | Self::Migrate(
                MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _),
            ) => is_away(error),
            _ => false,
        }
    }

    /// A table is not there: no migration ever ran on this database.
    fn is_bare(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if error.code().is_some_and(|code| code == "42P01"))
    }
}

fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::WorkerCrashed => true,
        // 57P0x: shut down, crash recovery, not yet accepting; 53300: too many connections.
        sqlx::Error::Database(error) => error
            .code()
            .is_some_and(|code| code.starts_with("57P") || code == "53300"),
        _ => false,
    }
}

/// Reads a Postgres address.
///
/// # Errors
/// `url` is none.
pub fn connect_options(url: &str) -> Result<PgConnectOptions, StoreError> {
    Ok(url.parse()?)
}

/// A pool of connections to `url`; connects lazily, so that a console starts while its database is away.
///
/// # Errors
/// `url` is not a Postgres address.
pub fn connect(url: &str) -> Result<PgPool, StoreError> {
    let options = connect_options(url)?;
    Ok(PgPoolOptions::new()
        .max_connections(16)
        .acquire_timeout(Duration::from_secs(3))
        .idle_timeout(Duration::from_mins(5))
        .connect_lazy_with(options.application_name("ytops")))
}

/// A pool where nothing ever answers, for what works without a database as well.
pub async fn nowhere() -> PgPool {
    let pool = PgPoolOptions::new().connect_lazy_with(PgConnectOptions::new_without_pgpass());
    pool.close().await;
    pool
}

/// Brings the schema up to date; does nothing when it is.
///
/// # Errors
/// The database can't be reached, or a migration was changed after it ran.
pub async fn migrate(db: &PgPool) -> Result<(), StoreError> {
    // The migrator makes sure of its own table, and at every start the server would say that it is there already.
    let mut connection = db.acquire().await?;
    sqlx::query("SET client_min_messages = warning")
        .execute(&mut *connection)
        .await?;
    let migrated = MIGRATOR.run(&mut *connection).await;
    // Of a connection that broke meanwhile nothing is left to be set back.
    let _ = sqlx::query("RESET client_min_messages")
        .execute(&mut *connection)
        .await;
    Ok(migrated?)
}

/// True when every migration of this program has run; false on a bare database as well.
///
/// # Errors
/// The database can't be reached, or refuses.
pub async fn is_migrated(db: &PgPool) -> Result<bool, StoreError> {
    let newest = MIGRATOR.iter().map(|migration| migration.version).max();
    let ran = sqlx::query_scalar!(r#"SELECT max(version) FROM _sqlx_migrations WHERE success"#)
        .fetch_one(db)
        .await
        .map_err(StoreError::from);
    match ran {
        Ok(ran) => Ok(ran >= newest),
        Err(error) if error.is_bare() => Ok(false),
        Err(error) => Err(error),
    }
}
