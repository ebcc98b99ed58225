//! Asks the platform's parts by their own protocols.

mod http;
mod redis;

use std::{future::Future, io, time::Duration};

use futures::future::BoxFuture;
use ops::outside::{
    Address, HttpAnswer, HttpRequest, PostgresAnswer, PostgresLogin, Probe, ProbeError,
    RedisAnswer, Secret,
};
use store::probe::{Failure, Login};
use tokio::net::TcpStream;

/// How long a connection may take to open: everything is on this machine or beside it.
const CONNECT: Duration = Duration::from_millis(1_500);

/// Probes over TCP.
#[derive(Clone, Copy, Debug, Default)]
pub struct TcpProbe;

impl Probe for TcpProbe {
    fn postgres<'a>(
        &'a self,
        at: &'a Address,
        login: &'a PostgresLogin,
        limit: Duration,
    ) -> BoxFuture<'a, Result<PostgresAnswer, ProbeError>> {
        Box::pin(within(limit, async move {
            // Tells "nothing there" from "slow to answer", and soon; Postgres does not log an empty connection.
            drop(connect(at).await?);
            let password = login.password.as_ref().map_or("", Secret::expose);
            let login = Login {
                host: &at.host,
                port: at.port,
                user: &login.user,
                password,
                database: &login.database,
            };
            store::probe::postgres(login)
                .await
                .map_err(|failure| match failure {
                    Failure::Unreachable(text) => ProbeError::Unreachable(text),
                    Failure::Refused(text) => ProbeError::Refused(text),
                    Failure::Wrong(text) => ProbeError::Wrong(text),
                })
        }))
    }

    fn redis<'a>(
        &'a self,
        at: &'a Address,
        login: Option<&'a (String, Secret)>,
        limit: Duration,
    ) -> BoxFuture<'a, Result<RedisAnswer, ProbeError>> {
        Box::pin(within(limit, redis::ask(at, login)))
    }

    fn http<'a>(
        &'a self,
        at: &'a Address,
        request: &'a HttpRequest,
        limit: Duration,
    ) -> BoxFuture<'a, Result<HttpAnswer, ProbeError>> {
        Box::pin(within(limit, http::ask(at, request)))
    }
}

async fn within<T>(
    limit: Duration,
    ask: impl Future<Output = Result<T, ProbeError>>,
) -> Result<T, ProbeError> {
    tokio::time::timeout(limit, ask)
        .await
        .unwrap_or(Err(ProbeError::TimedOut(limit)))
}

async fn connect(at: &Address) -> Result<TcpStream, ProbeError> {
    let opening = TcpStream::connect((at.host.as_str(), at.port));
    match tokio::time::timeout(CONNECT, opening).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => Err(ProbeError::Unreachable(reason(&error))),
        Err(_elapsed) => Err(ProbeError::Unreachable(
            "the connection does not open".to_owned(),
        )),
    }
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        // A name that does not resolve has no kind of its own.
        _ if error.raw_os_error().is_none() => "the host is not known".to_owned(),
        kind => kind.to_string(),
    }
}

#[cfg(test)]
mod tests;
