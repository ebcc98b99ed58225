//! Giving a service to a team.

use serde_json::json;
use types::{Error, live::Topic};

use super::hold;
use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
    identity::{check::Fields, manages},
};

const ACTION: &str = "service.set_team";

/// Gives `service` of `project` to a team; with none it belongs to the team of its label again.
///
/// # Errors
/// `Forbidden`, `NotFound` for an unknown service, `Invalid` for an unknown `team`; or the database failed.
pub async fn set_service_team(
    ops: &Ops,
    actor: &Actor,
    project: &str,
    service: &str,
    team: Option<i64>,
) -> Outcome<()> {
    let target = format!("service {project}/{service}");
    audit::permit(ops, actor, ACTION, &target, None, manages(actor)).await?;
    let mut fields = Fields::default();
    fields.reference("project", project);
    fields.reference("service", service);
    fields.done()?;
    let mut tx = ops.begin().await?;
    let before = store::teams::of_service(&mut *tx, project, service).await?;
    if before.is_none() && !store::teams::service_exists(&mut *tx, project, service).await? {
        return Err(Error::not_found("service").into());
    }
    let after = match team {
        Some(id) => Some(
            hold(&mut tx, id)
                .await
                .map_err(|fault| match fault.told() {
                    Some(Error::NotFound { .. }) => {
                        Error::field("team", "There is no such team.").into()
                    }
                    _ => fault,
                })?,
        ),
        None => None,
    };
    if before == after {
        return Ok(());
    }
    store::teams::set_of_service(&mut tx, project, service, team).await?;
    let key = format!("{project}/{service}");
    store::changes::publish(&mut tx, Topic::Identity, &key).await?;
    store::changes::publish(&mut tx, Topic::Deployment, &key).await?;
    let entry = Entry {
        team: after.as_deref().or(before.as_deref()),
        ..Entry::done(ACTION, &target).with(json!({"team": [before, after]}))
    };
    audit::record(&mut tx, ops, actor, entry).await?;
    Ops::commit(tx).await
}
