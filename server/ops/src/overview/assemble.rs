//! Puts stack and health together.

use std::cmp::Reverse;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use time::{Duration, OffsetDateTime};
use types::{
    backups::BackupSet,
    deployment::{Engine, EngineFault, HealthState, Service, Stack, State},
    health::{Check, Health, Status},
    overview::{Overview, Problem, When},
    preflight::Preflight,
};

use super::machine;

/// The engine is read every 15 s; facts older than this say nothing of now.
const STALE: Duration = Duration::minutes(1);

/// The overview of `stack`, `health`, the machine and the backup sets as of `now`: all that is wrong with any of them is in
/// it.
pub fn assemble(
    stack: &Stack,
    health: &Health,
    preflight: &Preflight,
    backups: &[BackupSet],
    now: OffsetDateTime,
) -> Overview {
    let services: Vec<&Service> = stack
        .projects
        .iter()
        .flat_map(|project| &project.services)
        .collect();
    let engine = engine_problem(&stack.engine, now);
    let mut problems: Vec<Problem> = Vec::new();
    let mut told: Vec<(String, Status)> = Vec::new();
    let mut services_well = 0;
    if engine.is_none() {
        let many = stack.projects.len() > 1;
        for service in &services {
            let before = problems.len();
            if let Some(problem) = service_problem(service, many) {
                told.push((
                    format!("{}/{}", service.project, service.name),
                    problem.status,
                ));
                problems.push(problem);
            } else {
                // They explain no check that fails, so those are told beside them.
                problems.extend(crash_problem(service, many));
                problems.extend(drift_problem(service, many));
            }
            services_well += usize::from(problems.len() == before);
        }
    }
    problems.extend(
        health
            .checks
            .iter()
            .filter(|check| !is_told(check, &told))
            .filter_map(check_problem),
    );
    problems.extend(backups.iter().filter_map(backup_problem));
    problems.sort_by_key(rank);
    // What the machine lacks is seldom news, so it hides nothing that happens on it.
    let mut lacking = machine::problems(preflight, health, engine.is_some());
    lacking.sort_by_key(rank);
    problems.append(&mut lacking);
    // While the engine is silent nothing is known of any service, so that comes first.
    let what_to_do = engine.as_ref().and(stack.engine.reason.clone());
    problems.splice(0..0, engine);
    let checks_ok = health
        .checks
        .iter()
        .filter(|check| check.status == Status::Ok)
        .count();
    let worst = problems.iter().map(|problem| problem.status).max();
    Overview {
        status: worst.unwrap_or(if health.checks.is_empty() {
            Status::Unknown
        } else {
            Status::Ok
        }),
        problems,
        what_to_do,
        services: count(services.len()),
        services_well: count(services_well),
        checks_ok: count(checks_ok),
        checks: count(health.checks.len()),
        as_of: stack.engine.as_of,
        last_backup: last_backup(backups),
        backups: backups.iter().map(|set| set.status).max(),
    }
}

/// The worst first, and of those the newest: it is why somebody looks. What stands without a time stood before.
fn rank(problem: &Problem) -> (Reverse<Status>, bool, Reverse<Option<OffsetDateTime>>) {
    (
        Reverse(problem.status),
        problem.since.is_none(),
        Reverse(problem.since),
    )
}

/// Of the set whose last good backup is the oldest; those that are switched off, gone or still to be backed up for the first
/// time are left out.
fn last_backup(backups: &[BackupSet]) -> Option<OffsetDateTime> {
    let judged = backups.iter().filter(|set| set.status != Status::Unknown);
    judged.map(|set| set.good_as_of).min()?
}

/// What is wrong with a backup set. One of which nothing is known yet is told where it is looked for.
fn backup_problem(set: &BackupSet) -> Option<Problem> {
    let name = &set.settings.name;
    let text = match set.status {
        Status::Critical => format!("{name} is not safely backed up"),
        Status::Warning => format!("the backups of {name} want a look"),
        Status::Ok | Status::Unknown => return None,
    };
    Some(Problem {
        status: set.status,
        text,
        since: set.good_as_of,
        when: When::Since,
        href: format!("/backups/{}", set.id),
    })
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn engine_problem(engine: &Engine, now: OffsetDateTime) -> Option<Problem> {
    let is_stale = engine.as_of.is_none_or(|as_of| now - as_of > STALE);
    let fault = match engine.fault {
        None if engine.reachable && !is_stale => return None,
        None if engine.reachable => EngineFault::Stale,
        fault => fault.unwrap_or(EngineFault::Unreachable),
    };
    let (status, since) = match fault {
        EngineFault::Unreachable | EngineFault::DatabaseAway => {
            (Status::Critical, engine.unreachable_since)
        }
        EngineFault::Stale => (Status::Unknown, engine.as_of),
    };
    Some(Problem {
        status,
        text: fault.as_clause().to_owned(),
        since,
        when: When::Since,
        href: "/deployment".to_owned(),
    })
}

fn service_problem(service: &Service, many_projects: bool) -> Option<Problem> {
    let (status, what) = verdict(service)?;
    Some(Problem {
        status,
        text: format!("{} {what}", name_of(service, many_projects)),
        since: service.since.or(service.finished_at),
        when: when(service),
        href: service_href(&service.project, &service.name),
    })
}

/// What its time is: an end happened then, all else is so since then.
fn when(service: &Service) -> When {
    let has_ended = service.state == State::Exited && !service.was_stopped();
    if has_ended && !service.began_before {
        When::At
    } else {
        When::began(service.began_before)
    }
}

/// A crash that the restart policy, or a person, has mended lately.
fn crash_problem(service: &Service, many_projects: bool) -> Option<Problem> {
    let end = service.last_end.as_ref().filter(|end| end.is_warning)?;
    Some(Problem {
        status: Status::Warning,
        text: format!(
            "{} runs again, but {}",
            name_of(service, many_projects),
            end.as_predicate()
        ),
        since: Some(end.at),
        when: When::At,
        href: service_href(&service.project, &service.name),
    })
}

/// A difference from the compose file.
fn drift_problem(service: &Service, many_projects: bool) -> Option<Problem> {
    let what = match service.drift.as_slice() {
        [] => return None,
        [drift, ..] if drift.what == "extra" => "is not in its compose file",
        _ => "differs from its compose file",
    };
    Some(Problem {
        status: Status::Warning,
        text: format!("{} {what}", name_of(service, many_projects)),
        since: service.drift_since,
        when: When::began(service.drift_began_before),
        href: service_href(&service.project, &service.name),
    })
}

fn name_of(service: &Service, many_projects: bool) -> String {
    if many_projects {
        format!("{} of {}", service.name, service.project)
    } else {
        service.name.clone()
    }
}

/// What is wrong with a service, as a predicate; `None` when it runs and is healthy or has no health check, and when it
/// has done the one thing that it had to do.
fn verdict(service: &Service) -> Option<(Status, String)> {
    let text = match service.state {
        State::Running => return health_verdict(service.health),
        State::Exited if service.has_finished() => return None,
        State::Exited if service.was_stopped() => {
            return Some((Status::Warning, "is stopped".to_owned()));
        }
        State::Paused => return Some((Status::Warning, "is paused".to_owned())),
        State::Removing => return Some((Status::Warning, "is being removed".to_owned())),
        State::Created => return Some((Status::Warning, "was never started".to_owned())),
        State::Unknown => return Some((Status::Unknown, "is unknown".to_owned())),
        State::Restarting => "keeps restarting".to_owned(),
        State::Dead => "is dead".to_owned(),
        State::Missing => "has no container".to_owned(),
        State::Exited if service.oom_killed => "was killed for memory".to_owned(),
        State::Exited => match service.exit_code {
            // Nothing tells that somebody stopped it.
            Some(0 | 143) | None => "has ended".to_owned(),
            Some(137) => "was killed".to_owned(),
            Some(code) => format!("has failed with exit code {code}"),
        },
    };
    Some((Status::Critical, text))
}

fn health_verdict(health: HealthState) -> Option<(Status, String)> {
    match health {
        HealthState::None | HealthState::Healthy => None,
        HealthState::Unhealthy => Some((Status::Critical, "is unhealthy".to_owned())),
        HealthState::Starting => Some((Status::Unknown, "is starting".to_owned())),
        HealthState::Unknown => Some((Status::Unknown, "is unknown".to_owned())),
    }
}

/// The check fails because of a service whose own problem, at least as bad, is told already.
fn is_told(check: &Check, told: &[(String, Status)]) -> bool {
    !check.service.is_empty()
        && told
            .iter()
            .any(|(service, status)| *service == check.service && *status >= check.status)
}

fn check_problem(check: &Check) -> Option<Problem> {
    (check.status != Status::Ok).then(|| Problem {
        status: check.status,
        text: format!("{} {}", written(&check.name), check.summary),
        since: check.since,
        when: When::began(check.began_before),
        href: "/deployment#checks".to_owned(),
    })
}

/// A check's name inside a sentence.
fn written(name: &str) -> &str {
    if name == "gpu" { "GPU" } else { name }
}

/// The page of a service. Names come from labels, so what could leave the path is encoded.
fn service_href(project: &str, service: &str) -> String {
    format!(
        "/deployment/{}/{}",
        utf8_percent_encode(project, SEGMENT),
        utf8_percent_encode(service, SEGMENT)
    )
}

/// What is encoded in a segment of a path.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

#[cfg(test)]
mod tests;
