//! PostgreSQL's side: a session that holds a snapshot, a dump of it, and a manifest of what is in it.

mod backup;
mod clients;
mod compare;
mod counts;
mod details;
pub(crate) mod fault;
mod manifest;
pub(crate) mod measure;
pub(crate) mod names;
pub(crate) mod roles;
pub(crate) mod session;
pub(crate) mod settings;
mod stored;
mod tools;

use std::sync::Arc;

use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};

pub(crate) use self::backup::check_id;
pub use self::{
    backup::{Backup, Options, backup},
    clients::{Session, clients, databases, sessions},
    compare::{Comparison, Difference, compare},
    counts::{RowCount, row_counts},
    manifest::{
        DatabaseFacts, DatabaseGrant, DatabaseSetting, Details, Dump, Extension, Manifest,
        Membership, Relation, Role, Sequence, SequenceState, ServerFacts,
    },
    measure::measure,
    stored::{Stored, load, stored},
    tools::{Boxed, Call, Exit, LocalTools, Process, Tool, ToolName, Tools},
};
use crate::{Result, Secret};

/// The dump's file within its snapshot.
pub const DUMP_FILE: &str = "/database.dump";

/// Where a server listens, and as whom to enter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// A host name, an address, or the folder of a Unix socket.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The user: a superuser for what the owner of a database may not, such as roles' passwords.
    pub user: String,
    /// The password, where one is asked for.
    pub password: Option<Secret>,
}

/// A server and the programs that work on it; cheap to clone.
#[derive(Clone, Debug)]
pub struct Server {
    /// Where it listens.
    pub address: Address,
    /// How programs are run.
    pub tools: Arc<dyn Tools>,
}

impl Server {
    /// With the programs of this machine.
    pub fn local(address: Address) -> Self {
        Self {
            address,
            tools: Arc::new(LocalTools::default()),
        }
    }

    /// A session in a database, with the settings that `pg_dump` takes as well, so that values have one text.
    pub(crate) async fn connect(&self, database: &str) -> Result<PgConnection> {
        let mut options = PgConnectOptions::new_without_pgpass()
            .port(self.address.port)
            .username(&self.address.user)
            .database(database)
            .application_name("ytops")
            // Statements may hold what is secret: roles with their passwords.
            .disable_statement_logging();
        options = if self.address.host.starts_with('/') {
            options.socket(&self.address.host)
        } else {
            options.host(&self.address.host)
        };
        if let Some(password) = &self.address.password {
            options = options.password(password.reveal());
        }
        let mut connection = PgConnection::connect_with(&options)
            .await
            .map_err(|error| fault::sql("connect", error))?;
        sqlx::raw_sql(
            "SET search_path = ''; SET datestyle = ISO; SET intervalstyle = POSTGRES; SET timezone = 'UTC';
            SET extra_float_digits = 3; SET bytea_output = hex; SET lc_monetary = 'C'; SET row_security = off;
            SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0;
            SET standard_conforming_strings = on; SET synchronous_commit = on; SET jit = off;
            SELECT set_config(name, '5s', false) FROM pg_settings WHERE name = 'client_connection_check_interval'",
        )
        .execute(&mut connection)
        .await
        .map_err(|error| fault::sql("set up a session", error))?;
        Ok(connection)
    }
}
