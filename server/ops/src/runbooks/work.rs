//! Steps as operations do them.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use store::runbooks;
use tokio::time::Instant;
use types::{
    deployment::Operation,
    health::{Check, Health, Status, VERIFIED},
    runbooks::{RunListed, StepKind},
};

use crate::{
    Fault, Ops, Outcome, deployment, health,
    operations::{At, Ended},
};

/// What was restarted may take so long until it answers.
const SETTLES_WITHIN: Duration = Duration::from_mins(1);

/// How often the checks are run meanwhile.
const AGAIN: Duration = Duration::from_secs(3);

/// As many lines of what compose says are kept.
const LINES: usize = 60;

/// What is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Request {
    pub run: i64,
    pub kind: StepKind,
    pub service: String,
}

/// The one stage of a step's operation.
pub(super) const fn stage(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Infrastructure => "Bring it up",
        StepKind::Restart => "Restart",
        StepKind::Verify => "Verify",
        StepKind::Smoke => "Smoke tests",
        StepKind::Person | StepKind::Restore => "Done elsewhere",
    }
}

/// Does the step that the operation asks for. Each can be done again where a console was killed in it.
pub(crate) async fn work(at: At) -> Result<(), Ended> {
    let request: Request = at.request()?;
    let run = runbooks::get(&at.ops().db, request.run)
        .await
        .map_err(Fault::from)?
        .ok_or_else(|| Ended::Failed("The run is not there any more.".to_owned()))?;
    let service = request.service.as_str();
    at.stage(stage(request.kind), async {
        let told = match request.kind {
            StepKind::Infrastructure => infrastructure(&at, &run, service).await?,
            StepKind::Restart => restart(&at, &run, service).await?,
            StepKind::Verify => verify(&at, &run).await?,
            StepKind::Smoke => smoke(&at, &run).await?,
            StepKind::Person | StepKind::Restore => {
                return Err(Ended::Failed("It is not done this way.".to_owned()));
            }
        };
        Ok(((), told))
    })
    .await
}

async fn infrastructure(at: &At, run: &RunListed, service: &str) -> Result<String, Ended> {
    let ops = at.ops();
    let project = deployment::compose_project(ops, &run.project)
        .await?
        .ok_or_else(|| {
            Ended::Failed(format!(
                "It is not known where the compose files of {} are. Bring it up by hand, and skip this step.",
                run.project
            ))
        })?;
    let line = project.line(service);
    if run.is_rehearsal {
        return Ok(format!("rehearsed, and nothing was done: {line}"));
    }
    at.say(&line).await;
    let said = tokio::select! {
        said = ops.outside.compose.up(&project, service) => said,
        why = at.stopped() => return Err(why),
    };
    let (text, ended) = match said {
        Ok(text) => (text, Ok("every service is up".to_owned())),
        Err(refused) => (refused.said, Err(Ended::Failed(refused.why))),
    };
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    for line in lines.iter().skip(lines.len().saturating_sub(LINES)) {
        at.say(&deployment::clean(line, 500)).await;
    }
    ended
}

async fn restart(at: &At, run: &RunListed, service: &str) -> Result<String, Ended> {
    let ops = at.ops();
    let mut containers = health::candidates(ops).await?;
    containers.retain(|one| one.project == run.project && one.service == service);
    if containers.is_empty() {
        return Err(Ended::Failed(format!(
            "{service} has no container. Skip this step: the next one makes it."
        )));
    }
    let count = containers.len();
    if run.is_rehearsal {
        return Ok(format!(
            "rehearsed, and nothing was done: restart of {service}, containers: {count}"
        ));
    }
    for container in &containers {
        let id = &container.container_id;
        let done = ops.outside.containers.operate(id, Operation::Restart).await;
        done.map_err(|error| Ended::Failed(format!("{service} could not be restarted: {error}")))?;
    }
    Ok(format!("{service} was restarted, containers: {count}"))
}

/// What was found, in a sentence: well, or not.
type Found = Result<String, String>;

async fn verify(at: &At, run: &RunListed) -> Result<String, Ended> {
    settled(at, run, || async { Ok(judge(&checked(at.ops()).await?)) }).await
}

async fn smoke(at: &At, run: &RunListed) -> Result<String, Ended> {
    settled(at, run, || async {
        let ops = at.ops();
        let checks = judge(&checked(ops).await?);
        let page = health::through_proxy(ops, &run.project).await?;
        Ok(match (checks, page) {
            (Ok(checks), Ok(page)) => Ok(format!("{checks}; {page}")),
            (Err(why), _) | (_, Err(why)) => Err(why),
        })
    })
    .await
}

/// Looks until it is well, for a minute at the most where something was started just now.
async fn settled<F>(at: &At, run: &RunListed, look: impl Fn() -> F) -> Result<String, Ended>
where
    F: Future<Output = Outcome<Found>>,
{
    let began = Instant::now();
    loop {
        match look().await? {
            Ok(told) => return Ok(told),
            Err(why) if run.is_rehearsal || began.elapsed() > SETTLES_WITHIN => {
                return Err(Ended::Failed(why));
            }
            Err(_) => {
                at.go_on()?;
                let _ = tokio::time::timeout(AGAIN, at.stopped()).await;
            }
        }
    }
}

async fn checked(ops: &Ops) -> Outcome<Health> {
    health::run_checks(ops).await?;
    health::last(ops).await
}

/// Well where each part that is there answers as it should; what is not there is named.
fn judge(health: &Health) -> Found {
    let all: Vec<&Check> = (health.checks.iter())
        .filter(|check| VERIFIED.contains(&check.name.as_str()))
        .collect();
    let names = |is_it: &dyn Fn(&Check) -> bool| -> Vec<&str> {
        let found = all.iter().filter(|check| is_it(check));
        found.map(|check| check.name.as_str()).collect()
    };
    let is_unknown = |check: &Check| check.status == Status::Unknown;
    let bad = names(&|check| !check.ok && !is_unknown(check));
    if !bad.is_empty() {
        return Err(format!("Not well: {}.", bad.join(", ")));
    }
    let well = names(&|check| check.ok);
    if well.is_empty() {
        return Err("No part of the platform answers.".to_owned());
    }
    let unknown = names(&is_unknown);
    let told = format!("well: {}", well.join(", "));
    Ok(if unknown.is_empty() {
        told
    } else {
        format!("{told}; not known here: {}", unknown.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(checks: &[(&str, bool, Status)]) -> Health {
        let check = |&(name, ok, status): &(&str, bool, Status)| Check {
            name: name.to_owned(),
            status,
            ok,
            summary: String::new(),
            latency_ms: None,
            detail: String::new(),
            target: String::new(),
            service: String::new(),
            figures: Vec::new(),
            checked_at: None,
            last_success_at: None,
            since: None,
            began_before: false,
        };
        Health {
            checks: checks.iter().map(check).collect(),
            ..Health::default()
        }
    }

    #[test]
    fn what_is_not_there_is_named_and_what_does_not_answer_fails() {
        let (ok, unknown, critical) = (Status::Ok, Status::Unknown, Status::Critical);
        let told = judge(&health(&[
            ("database", true, ok),
            ("n8n", false, unknown),
            ("disk", false, critical),
        ]));
        assert_eq!(
            told,
            Ok("well: database; not known here: n8n".to_owned()),
            "the machine's own are no part of the platform"
        );
        // It answers, and slowly.
        let slow = judge(&health(&[("redis", true, Status::Warning)]));
        assert_eq!(slow, Ok("well: redis".to_owned()));
        let told = judge(&health(&[
            ("database", false, critical),
            ("backend", false, Status::Warning),
        ]));
        assert_eq!(told, Err("Not well: database, backend.".to_owned()));
        assert!(judge(&health(&[("redis", false, unknown)])).is_err());
    }
}
