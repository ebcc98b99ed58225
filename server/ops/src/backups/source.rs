//! Where what a set holds is: the Postgres server of a service of the stack, or the console's own.

use std::time::Duration;

use backup::{
    Error, Kind, Secret,
    postgres::{Address, Server},
};
use store::backups::sets::Set;
use types::backups::SetKind;

use crate::{Ops, Outcome, health};

/// How long an address may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// The server of a set's database, and the database's name.
///
/// # Errors
/// It is not there, or how to sign in to it can't be read.
pub async fn server(ops: &Ops, set: &Set) -> Outcome<Result<(Server, String), Error>> {
    if set.kind == SetKind::Console {
        return Ok(match ops.backups.own() {
            Some(own) => Ok((Server::local(own.address.clone()), own.name.clone())),
            None => Err(missing(
                "The console does not know how its own database is entered.",
            )),
        });
    }
    let found = of_service(ops, &set.project, &set.service).await?;
    Ok(found.map(|server| (server, set.database.clone())))
}

/// The Postgres server that a service of the stack is.
///
/// # Errors
/// The database failed.
pub async fn of_service(ops: &Ops, project: &str, service: &str) -> Outcome<Result<Server, Error>> {
    let candidates = health::candidates(ops).await?;
    let is_it = |one: &&health::Candidate| one.project == project && one.service == service;
    let Some(candidate) = candidates.iter().find(is_it) else {
        return Ok(Err(missing(&format!(
            "The service {service} of {project} has no container."
        ))));
    };
    let login = match health::postgres_login_of(ops, &candidate.container_id).await {
        Ok(login) => login,
        Err(why) => return Ok(Err(missing(&format!("{service}: {why}.")))),
    };
    for address in health::postgres_addresses(candidate) {
        let connecting = tokio::net::TcpStream::connect((address.host.as_str(), address.port));
        if matches!(tokio::time::timeout(PATIENCE, connecting).await, Ok(Ok(_))) {
            return Ok(Ok(Server::local(Address {
                host: address.host,
                port: address.port,
                user: login.user,
                password: login
                    .password
                    .map(|password| Secret::new(password.expose())),
            })));
        }
    }
    Ok(Err(Error {
        kind: Kind::Unreachable,
        message: format!(
            "The database server {service} of {project} does not answer. See that it runs."
        ),
        detail: String::new(),
    }))
}

fn missing(message: &str) -> Error {
    Error {
        kind: Kind::NotFound,
        message: message.to_owned(),
        detail: String::new(),
    }
}
