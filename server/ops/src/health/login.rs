//! How to sign in to what runs in a container: as its image was told.

use std::collections::BTreeMap;

use crate::{
    Ops,
    outside::{PostgresLogin, Secret},
};

/// What Postgres images take their first user from.
pub const POSTGRES_ENV: [&str; 3] = ["POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"];

/// What Redis images take their password from.
pub const REDIS_ENV: [&str; 2] = ["REDIS_PASSWORD", "REQUIREPASS"];

/// How to sign in to a Postgres server, by the environment of its container.
pub fn postgres_login(environment: &BTreeMap<String, Secret>) -> PostgresLogin {
    let value = |name: &str| {
        environment
            .get(name)
            .map(Secret::expose)
            .filter(|value| !value.is_empty())
    };
    let user = value("POSTGRES_USER").unwrap_or("postgres").to_owned();
    PostgresLogin {
        database: value("POSTGRES_DB").unwrap_or(&user).to_owned(),
        password: value("POSTGRES_PASSWORD").map(Secret::new),
        user,
    }
}

/// How to sign in to a Postgres server in a container, by what its image was told.
///
/// # Errors
/// The engine does not tell; why, in a sentence.
pub async fn postgres_login_of(ops: &Ops, container_id: &str) -> Result<PostgresLogin, String> {
    let values = ops
        .outside
        .containers
        .secret_env(container_id, &POSTGRES_ENV);
    let environment = values.await.map_err(|error| {
        let said = error.to_string();
        format!(
            "how to sign in to it can't be read: {}",
            said.trim_end().trim_end_matches('.')
        )
    })?;
    Ok(postgres_login(&environment))
}
