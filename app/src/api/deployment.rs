//! The stack's true state, and what is done to it.

use leptos::prelude::*;
use types::{
    Error,
    deployment::{EngineEvent, Operation, ServiceDetail, Stack},
};

/// Every project with every service.
#[server(prefix = "/fn", endpoint = "read_stack")]
pub async fn read_stack() -> Result<Stack, Error> {
    let (_ops, _actor) = crate::ssr::asked()?;
    Err(crate::ssr::later())
}

/// One service with all that is known of it.
#[server(prefix = "/fn", endpoint = "read_service")]
pub async fn read_service(project: String, service: String) -> Result<ServiceDetail, Error> {
    let (_ops, _actor) = crate::ssr::asked()?;
    let _ = (project, service);
    Err(crate::ssr::later())
}

/// What happened to containers before event `before`, the newest first.
#[server(prefix = "/fn", endpoint = "read_events")]
pub async fn read_events(before: Option<i64>) -> Result<Vec<EngineEvent>, Error> {
    let (_ops, _actor) = crate::ssr::asked()?;
    let _ = before;
    Err(crate::ssr::later())
}

/// Starts, stops or restarts a service. A stop needs the service's name typed and a proof of password.
#[server(prefix = "/fn", endpoint = "operate")]
pub async fn operate(
    project: String,
    service: String,
    operation: Operation,
    #[server(default)] typed_name: String,
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<(), Error> {
    let (_ops, _actor) = crate::ssr::asked_with_proof(&password, &code).await?;
    let _ = (project, service, operation, typed_name);
    Err(crate::ssr::later())
}

/// Gives a service to a team; an empty name gives it back to its label.
#[server(prefix = "/fn", endpoint = "set_service_team")]
pub async fn set_service_team(project: String, service: String, team: String) -> Result<(), Error> {
    let (_ops, _actor) = crate::ssr::asked()?;
    let _ = (project, service, team);
    Err(crate::ssr::later())
}
