//! Asks a foreign Postgres how it is. The one place that signs in to another database than the console's own.

use std::{
    io,
    time::{Duration, Instant},
};

use sqlx::{
    ConnectOptions, Connection, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
};

/// Where and as whom.
#[derive(Clone, Copy)]
pub struct Login<'a> {
    /// A name or an IP address.
    pub host: &'a str,
    /// The port.
    pub port: u16,
    /// The user.
    pub user: &'a str,
    /// The password; empty where none is known.
    pub password: &'a str,
    /// The database.
    pub database: &'a str,
}

/// What Postgres answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// How long connecting and signing in took.
    pub connect: Duration,
    /// How long `SELECT 1` took.
    pub query: Duration,
    /// The server's version.
    pub version: String,
    /// Client connections in use.
    pub connections: i64,
    /// `max_connections`.
    pub max_connections: i64,
    /// It follows another server.
    pub is_standby: bool,
    /// Standbys that follow this server.
    pub replicas: i64,
    /// The worst lag in seconds: of the standbys behind this server, or of this standby behind its primary. None when
    /// there is no replication, or this user may not see it.
    pub replication_lag_s: Option<f64>,
}

/// Why there was no answer. No text holds a credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Nothing listens there.
    #[error("{0}")]
    Unreachable(String),
    /// It refuses this user, this database, or one more connection.
    #[error("{0}")]
    Refused(String),
    /// It answers, but not as it should.
    #[error("{0}")]
    Wrong(String),
}

/// Signs in, runs `SELECT 1`, reads connections and replication. Has no limit of its own; cancelling it closes the
/// connection.
///
/// # Errors
/// Why there was no answer.
pub async fn postgres(login: Login<'_>) -> Result<Answer, Failure> {
    // Nothing of the console's own environment (PGPASSWORD, .pgpass) goes to a foreign server.
    let options = PgConnectOptions::new_without_pgpass()
        .host(login.host)
        .port(login.port)
        .username(login.user)
        .password(login.password)
        .database(login.database)
        .ssl_mode(PgSslMode::Prefer)
        .application_name("ytops check")
        .options([("statement_timeout", "5000")])
        .disable_statement_logging();
    let begun = Instant::now();
    let mut connection = PgConnection::connect_with(&options)
        .await
        .map_err(|error| explain(&error, login))?;
    let connect = begun.elapsed();
    let answer = ask(&mut connection, connect)
        .await
        .map_err(|error| explain(&error, login))?;
    // It has answered; a connection that does not end in order is no fault of the check.
    let _ = connection.close().await;
    Ok(answer)
}

async fn ask(connection: &mut PgConnection, connect: Duration) -> Result<Answer, sqlx::Error> {
    let begun = Instant::now();
    sqlx::raw_sql("SELECT 1").execute(&mut *connection).await?;
    let query = begun.elapsed();
    // numbackends is visible to every user, other sessions' rows of pg_stat_activity are not. A standby's state is
    // null to users that may not see it; a lag that is null to those who may is none.
    let row = sqlx::query!(
        r#"SELECT current_setting('server_version') AS "version!",
                  (SELECT sum(numbackends) FROM pg_stat_database)::bigint AS "connections!",
                  current_setting('max_connections')::bigint AS "max_connections!",
                  pg_is_in_recovery() AS "is_standby!",
                  (SELECT count(*) FROM pg_stat_replication) AS "replicas!",
                  CASE WHEN NOT pg_is_in_recovery() THEN
                      (SELECT CASE WHEN bool_and(state IS NOT NULL)
                              THEN extract(epoch FROM max(coalesce(replay_lag, interval '0'))) END
                       FROM pg_stat_replication)
                  WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
                  ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp())
                  END::double precision AS lag"#
    )
    .fetch_one(connection)
    .await?;
    Ok(Answer {
        connect,
        query,
        version: row.version,
        connections: row.connections,
        max_connections: row.max_connections,
        is_standby: row.is_standby,
        replicas: row.replicas,
        replication_lag_s: row.lag,
    })
}

fn explain(error: &sqlx::Error, login: Login<'_>) -> Failure {
    match error {
        sqlx::Error::Io(error) => match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
                Failure::Wrong("the connection was closed without an answer".to_owned())
            }
            kind => Failure::Unreachable(kind.to_string()),
        },
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            // Its own words tell this one apart from a wrong password: 15 says "no encryption", before 14 "SSL off".
            let words = error.message();
            if code == "28000" && (words.contains("no encryption") || words.contains("SSL off")) {
                return wants_tls();
            }
            match code.as_ref() {
                "28P01" | "28000" => Failure::Refused(format!(
                    "user {} is refused; set the address with its password in Settings",
                    login.user
                )),
                "3D000" => Failure::Refused(format!("there is no database {}", login.database)),
                "53300" => Failure::Refused("every connection is in use".to_owned()),
                "57P03" => Failure::Wrong("it is starting up or shutting down".to_owned()),
                "57014" => Failure::Wrong("a query did not end within 5 s".to_owned()),
                // The server's own words could repeat what it was sent.
                _ => Failure::Wrong(format!("it answers with error {}", plain(&code))),
            }
        }
        sqlx::Error::Tls(_) => wants_tls(),
        _ => Failure::Wrong("it does not speak Postgres' protocol".to_owned()),
    }
}

fn wants_tls() -> Failure {
    Failure::Refused("it wants TLS, which checks do not speak".to_owned())
}

/// An error code as a server may give it: five letters and digits.
fn plain(code: &str) -> String {
    code.chars()
        .filter(char::is_ascii_alphanumeric)
        .take(5)
        .collect()
}
