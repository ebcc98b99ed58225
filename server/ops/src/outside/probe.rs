//! Asking the platform's parts by their own protocols.

use std::{fmt, time::Duration};

use futures::future::BoxFuture;
pub use store::probe::Answer as PostgresAnswer;

use super::{Nowhere, Secret};

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    /// A name or an IP address.
    pub host: String,
    /// The TCP port.
    pub port: u16,
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(formatter, "[{}]:{}", self.host, self.port)
        } else {
            write!(formatter, "{}:{}", self.host, self.port)
        }
    }
}

/// Who signs in to Postgres, and to which database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresLogin {
    /// The user.
    pub user: String,
    /// The password, if one is known.
    pub password: Option<Secret>,
    /// The database.
    pub database: String,
}

/// What Redis answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RedisAnswer {
    /// How long connecting, signing in and `PING` took.
    pub latency: Duration,
    /// The server's version; empty when it does not tell.
    pub version: String,
    /// Memory in use in bytes.
    pub used_memory_bytes: Option<u64>,
    /// `maxmemory` in bytes; 0 is no limit.
    pub max_memory_bytes: Option<u64>,
    /// `maxmemory_policy`; empty when it does not tell.
    pub policy: String,
}

/// What is asked over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRequest {
    /// The path with its query, beginning with `/`.
    pub path: String,
    /// `user` and password for basic authentication.
    pub login: Option<(String, Secret)>,
    /// At most this much of the body is read, in bytes.
    pub max_body: usize,
}

/// What was answered over HTTP.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpAnswer {
    /// The status.
    pub status: u16,
    /// From connecting until the body was read, or as much of it as is wanted.
    pub latency: Duration,
    /// The body's beginning.
    pub body: Vec<u8>,
}

/// Why there was no answer. The text never holds a credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// Nothing listens there, or there is no way to it; another address may do better.
    #[error("{0}")]
    Unreachable(String),
    /// No answer in time.
    #[error("no answer within {} s", tenths(.0))]
    TimedOut(Duration),
    /// It answers, and refuses to let the console in.
    #[error("{0}")]
    Refused(String),
    /// It answers, but not as it should.
    #[error("{0}")]
    Wrong(String),
}

/// Seconds, rounded to a digit: of a limit a part may be spent on what was asked before.
fn tenths(time: &Duration) -> f64 {
    (time.as_secs_f64() * 10.0).round() / 10.0
}

/// Asks a part of the platform. Every call ends within `limit` and reads a bounded answer.
pub trait Probe: Send + Sync {
    /// Signs in, runs `SELECT 1`, reads connections and replication.
    fn postgres<'a>(
        &'a self,
        at: &'a Address,
        login: &'a PostgresLogin,
        limit: Duration,
    ) -> BoxFuture<'a, Result<PostgresAnswer, ProbeError>>;

    /// `AUTH` with user (empty: the default one) and password where they are given, `PING`, `INFO`.
    fn redis<'a>(
        &'a self,
        at: &'a Address,
        login: Option<&'a (String, Secret)>,
        limit: Duration,
    ) -> BoxFuture<'a, Result<RedisAnswer, ProbeError>>;

    /// `GET`; redirects are not followed.
    fn http<'a>(
        &'a self,
        at: &'a Address,
        request: &'a HttpRequest,
        limit: Duration,
    ) -> BoxFuture<'a, Result<HttpAnswer, ProbeError>>;
}

fn nothing() -> ProbeError {
    ProbeError::Unreachable("nothing answers here".to_owned())
}

impl Probe for Nowhere {
    fn postgres<'a>(
        &'a self,
        _at: &'a Address,
        _login: &'a PostgresLogin,
        _limit: Duration,
    ) -> BoxFuture<'a, Result<PostgresAnswer, ProbeError>> {
        Box::pin(async { Err(nothing()) })
    }

    fn redis<'a>(
        &'a self,
        _at: &'a Address,
        _login: Option<&'a (String, Secret)>,
        _limit: Duration,
    ) -> BoxFuture<'a, Result<RedisAnswer, ProbeError>> {
        Box::pin(async { Err(nothing()) })
    }

    fn http<'a>(
        &'a self,
        _at: &'a Address,
        _request: &'a HttpRequest,
        _limit: Duration,
    ) -> BoxFuture<'a, Result<HttpAnswer, ProbeError>> {
        Box::pin(async { Err(nothing()) })
    }
}
