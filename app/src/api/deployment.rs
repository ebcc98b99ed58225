//! The stack's true state, and what is done to it.
#![expect(
    missing_docs,
    reason = "the fields of the types that the macro makes are the functions' parameters"
)]

use leptos::prelude::*;
use types::{
    Error,
    deployment::{EngineEvent, Operation, Progress, ServiceDetail},
};

/// As many events as a page of them holds.
#[cfg(feature = "ssr")]
const EVENTS: u32 = 50;

/// Every project with every service, as a list.
#[server(prefix = "/fn", endpoint = "stack", output = types::wire::Json)]
pub async fn stack() -> Result<std::sync::Arc<types::listing::Listing>, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::deployment::listing(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)
}

/// One service with all that is known of it.
#[server(prefix = "/fn", endpoint = "service", output = types::wire::Json)]
pub async fn service(project: String, service: String) -> Result<ServiceDetail, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::deployment::service(&ops, &actor, &project, &service)
        .await
        .map_err(crate::ssr::tell)
}

/// What happened to containers before event `before`, the newest first.
#[server(prefix = "/fn", endpoint = "events", output = types::wire::Json)]
pub async fn events(before: Option<i64>) -> Result<Vec<EngineEvent>, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::deployment::events(&ops, &actor, None, None, before, EVENTS)
        .await
        .map_err(crate::ssr::tell)
}

/// Starts, stops or restarts a service, and says whether that is done or goes on. A stop needs the service's name typed
/// and a proof of password.
#[server(prefix = "/fn", endpoint = "operate", output = types::wire::Json)]
pub async fn operate(
    project: String,
    service: String,
    operation: Operation,
    #[server(default)] typed_name: String,
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<Progress, Error> {
    use crate::ssr;
    if operation == Operation::Stop && typed_name.trim() != service {
        ssr::typed::keep("stop", &[("typed_name", &typed_name)]);
        let shown: String = service.chars().take(200).collect();
        return Err(Error::field(
            "typed_name",
            format!("Type {shown} as it is written here."),
        ));
    }
    let (ops, actor) = ssr::asked_with_proof(&password, &code)
        .await
        .inspect_err(|_| ssr::typed::keep("stop", &[("typed_name", &typed_name)]))?;
    let progress = ops::deployment::operate(&ops, &actor, &project, &service, operation)
        .await
        .map_err(|fault| ssr::tell_form(fault, "stop", &[("typed_name", &typed_name)]))?;
    ssr::done::say(&super::done::operated(&service, operation, progress));
    ssr::go_on(&crate::pages::service::address(&project, &service));
    Ok(progress)
}

/// Gives a service to the team with the id `team`; an empty one gives it back to its label.
#[server(prefix = "/fn", endpoint = "set_service_team", output = types::wire::Json)]
pub async fn set_service_team(project: String, service: String, team: String) -> Result<(), Error> {
    let team = super::identity::team_id(&team)?;
    let (ops, actor) = crate::ssr::asked()?;
    ops::identity::teams::set_service_team(&ops, &actor, &project, &service, team)
        .await
        .map_err(crate::ssr::tell)?;
    crate::ssr::done::say(super::done::OWNER_CHANGED);
    Ok(())
}
