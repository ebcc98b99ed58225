//! Starts, stops and restarts services.

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::json;
use types::{
    Error,
    audit::AuditResult,
    deployment::{Operation, Progress},
};

use super::{
    logs::told,
    reconcile::{Compared, refresh},
    service::{find, may_operate},
};
use crate::{
    Actor, Fault, Ops, Outcome,
    audit::{Entry, permit, record_alone},
    outside::EngineError,
};

/// How long a caller waits for the end. A container may be given any time to stop; proxies and browsers give a request
/// about a minute.
const ANSWERED_WITHIN: Duration = Duration::from_secs(30);

/// Why nobody knows how an operation ended.
const STOPPED: &str = "the console stopped";

/// A container that is operated, and how it compares with the compose file, which stays.
type Operated = (String, Compared);

/// Does `operation` to every container of a service and waits for the end of it, up to half a minute. It goes on after
/// that, and when the caller goes away. The audit log tells that it was asked for before it begins, and how it ended, or
/// that the console stopped before it did.
///
/// # Errors
/// There is no such service, or it has no container; the actor may not operate it, or has not proved their password in
/// the last five minutes (`stop`); the engine does not answer or refuses; the database failed.
pub async fn operate(
    ops: &Ops,
    actor: &Actor,
    project: &str,
    service: &str,
    operation: Operation,
) -> Outcome<Progress> {
    operate_within(ANSWERED_WITHIN, ops, actor, (project, service), operation).await
}

/// [`operate`], with another patience.
pub(super) async fn operate_within(
    patience: Duration,
    ops: &Ops,
    actor: &Actor,
    (project, service): (&str, &str),
    operation: Operation,
) -> Outcome<Progress> {
    let snapshot = ops.stack.snapshot(ops).await?;
    let team = find(&snapshot, project, service)?.team.clone();
    let target = format!("service {project}/{service}");
    let action = action(operation);
    let allowed = may_operate(actor, &team).and_then(|()| match operation {
        Operation::Stop => actor.must_have_proved(ops.clock.now()),
        Operation::Start | Operation::Restart => Ok(()),
    });
    permit(ops, actor, action, &target, Some(&team), allowed)
        .await
        .map_err(|fault| {
            if actor.sees_team(&team) {
                fault
            } else {
                Error::not_found("service").into()
            }
        })?;
    let containers: Vec<Operated> = snapshot
        .of_service(project, service)
        .into_iter()
        .map(|known| (known.container.id.clone(), known.compared()))
        .collect();
    if containers.is_empty() {
        return Err(Error::conflict(format!(
            "{service} has no container to {}. Make it: docker-compose up -d {service}",
            operation.as_str()
        ))
        .into());
    }
    let asked = Entry::done(action, &target)
        .of_team(&team)
        .with(json!({"phase": "asked", "containers": containers.len()}));
    record_alone(ops, actor, asked).await?;
    let (ops, actor) = (ops.clone(), actor.clone());
    // On its own: a caller that hangs up does not leave the log without an end.
    let under_way = ops.under_way.clone();
    let task = under_way.spawn(async move {
        carry_out(&ops, &actor, &containers, operation, &target, &team).await
    });
    match tokio::time::timeout(patience, task).await {
        Ok(ended) => ended
            .map_err(|error| Fault::Inside(error.to_string()))?
            .map(|()| Progress::Done),
        Err(_elapsed) => Ok(Progress::UnderWay),
    }
}

const fn action(operation: Operation) -> &'static str {
    match operation {
        Operation::Start => "service.start",
        Operation::Stop => "service.stop",
        Operation::Restart => "service.restart",
    }
}

async fn carry_out(
    ops: &Ops,
    actor: &Actor,
    containers: &[Operated],
    operation: Operation,
    target: &str,
    team: &str,
) -> Outcome<()> {
    let started = Instant::now();
    let operating = join_all(
        containers
            .iter()
            .map(|(id, _)| ops.outside.containers.operate(id, operation)),
    );
    let ended = tokio::select! {
        ended = operating => Some(ended),
        () = ops.under_way.given_up() => None,
    };
    let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let entry = Entry::done(action(operation), target).of_team(team);
    let Some(ended) = ended else {
        let detail = json!({"phase": "unknown", "took_ms": took_ms, "reason": STOPPED});
        let entry = entry.with(detail).ended(AuditResult::Failure);
        record_alone(ops, actor, entry).await?;
        return Err(Fault::Inside(STOPPED.to_owned()));
    };
    let failed: Option<EngineError> = ended.into_iter().find_map(Result::err);
    let entry = match &failed {
        None => entry.with(json!({"phase": "done", "took_ms": took_ms})),
        Some(error) => entry
            .with(json!({
                "phase": "failed",
                "took_ms": took_ms,
                "reason": super::text::clean(&error.to_string(), 500),
            }))
            .ended(AuditResult::Failure),
    };
    let recorded = record_alone(ops, actor, entry).await;
    for (id, compared) in containers {
        refresh(ops, id, compared).await?;
    }
    recorded?;
    match failed {
        None => Ok(()),
        Some(error) => Err(told(error).into()),
    }
}
