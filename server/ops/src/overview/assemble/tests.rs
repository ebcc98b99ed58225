use types::{
    deployment::{Drift, Project},
    overview::sentence,
};

use super::*;

const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

fn ago(seconds: i64) -> OffsetDateTime {
    NOW - Duration::seconds(seconds)
}

fn service(name: &str) -> Service {
    Service {
        project: "demo".to_owned(),
        name: name.to_owned(),
        state: State::Running,
        health: HealthState::Healthy,
        since: Some(ago(100)),
        ..Service::default()
    }
}

fn stack(services: Vec<Service>) -> Stack {
    Stack {
        engine: Engine {
            reachable: true,
            as_of: Some(NOW),
            ..Engine::default()
        },
        projects: vec![Project {
            name: "demo".to_owned(),
            services,
            ..Project::default()
        }],
    }
}

fn check(name: &str, status: Status) -> Check {
    Check {
        name: name.to_owned(),
        status,
        ok: status == Status::Ok,
        summary: "does not answer".to_owned(),
        latency_ms: None,
        detail: String::new(),
        target: String::new(),
        service: format!("demo/{name}"),
        figures: Vec::new(),
        checked_at: Some(NOW),
        last_success_at: None,
        since: Some(ago(50)),
    }
}

fn health(checks: Vec<Check>) -> Health {
    Health {
        status: Status::Ok,
        reasons: Vec::new(),
        checks,
    }
}

fn well() -> Health {
    health(vec![check("redis", Status::Ok)])
}

#[test]
fn all_is_well() {
    let overview = assemble(
        &stack(vec![service("redis"), service("backend")]),
        &well(),
        NOW,
    );
    assert_eq!(overview.status, Status::Ok);
    assert_eq!(
        sentence(&overview),
        "All is well: 2 of 2 services run and every check answers."
    );
}

#[test]
fn the_worst_and_oldest_come_first_each_with_its_page() {
    let mut unhealthy = service("backend");
    unhealthy.health = HealthState::Unhealthy;
    unhealthy.since = Some(ago(10));
    let mut stopped = service("n8n");
    stopped.state = State::Exited;
    stopped.exit_code = Some(0);
    stopped.since = Some(ago(500));
    let mut paused = service("frontend");
    paused.state = State::Paused;
    paused.since = Some(ago(9_000));
    let overview = assemble(
        &stack(vec![unhealthy, paused, stopped, service("redis")]),
        &health(vec![check("redis", Status::Critical)]),
        NOW,
    );
    let told: Vec<(&str, &str)> = overview
        .problems
        .iter()
        .map(|problem| (problem.text.as_str(), problem.href.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("n8n is stopped", "/deployment/demo/n8n"),
            ("redis does not answer", "/deployment#checks"),
            ("backend is unhealthy", "/deployment/demo/backend"),
            ("frontend is paused", "/deployment/demo/frontend"),
        ]
    );
    assert_eq!(
        (
            overview.services,
            overview.services_well,
            overview.checks_ok
        ),
        (4, 1, 0)
    );
    assert_eq!(overview.status, Status::Critical);
}

#[test]
fn a_silent_engine_comes_first_and_no_service_counts_as_well() {
    let mut silent = stack(vec![service("redis"), service("backend")]);
    silent.engine.reachable = false;
    silent.engine.unreachable_since = Some(ago(5));
    let overview = assemble(&silent, &health(vec![check("n8n", Status::Critical)]), NOW);
    let first = &overview.problems[0];
    assert_eq!(first.text, "the Docker Engine does not answer");
    assert_eq!(
        (first.since, first.href.as_str()),
        (Some(ago(5)), "/deployment")
    );
    assert_eq!((overview.services, overview.services_well), (2, 0));
    assert_eq!(overview.status, Status::Critical);
    assert!(!sentence(&overview).contains("well"));
}

#[test]
fn the_culprit_is_named() {
    for (fault, text, status) in [
        (
            EngineFault::Unreachable,
            "the Docker Engine does not answer",
            Status::Critical,
        ),
        (
            EngineFault::Stale,
            "the Docker Engine has not been read lately",
            Status::Unknown,
        ),
        (
            EngineFault::DatabaseAway,
            "the console's database does not answer",
            Status::Critical,
        ),
    ] {
        let mut away = stack(vec![service("redis")]);
        (away.engine.reachable, away.engine.fault) = (false, Some(fault));
        let overview = assemble(&away, &well(), NOW);
        assert_eq!(
            (overview.problems[0].text.as_str(), overview.status),
            (text, status)
        );
        assert_eq!(overview.services_well, 0);
    }
}

#[test]
fn a_difference_from_the_compose_file_wants_a_look() {
    let differs = |what: &str| {
        let mut drifted = service("redis");
        drifted.drift = vec![Drift {
            what: what.to_owned(),
            file: "a".to_owned(),
            running: "b".to_owned(),
        }];
        drifted
    };
    let overview = assemble(
        &stack(vec![differs("image"), service("backend")]),
        &well(),
        NOW,
    );
    assert_eq!(overview.status, Status::Warning);
    assert_eq!(sentence(&overview), "redis differs from its compose file.");
    assert_eq!((overview.services, overview.services_well), (2, 1));
    assert_eq!(overview.problems[0].since, None);
    let extra = assemble(&stack(vec![differs("extra")]), &well(), NOW);
    assert_eq!(sentence(&extra), "redis is not in its compose file.");

    let slow = health(vec![check("redis", Status::Warning)]);
    let overview = assemble(&stack(vec![differs("image")]), &slow, NOW);
    assert_eq!(overview.problems.len(), 2, "the check that is slow is told");

    let mut unhealthy = differs("image");
    unhealthy.health = HealthState::Unhealthy;
    let overview = assemble(&stack(vec![unhealthy]), &well(), NOW);
    assert_eq!(sentence(&overview), "redis is unhealthy.");
}

#[test]
fn a_job_that_has_done_its_one_thing_is_well() {
    let mut job = service("migrate");
    (job.state, job.exit_code) = (State::Exited, Some(0));
    "no".clone_into(&mut job.restart_policy);
    let overview = assemble(&stack(vec![job.clone()]), &well(), NOW);
    assert_eq!((overview.status, overview.services_well), (Status::Ok, 1));

    for other in [
        Service {
            restart_policy: "always".to_owned(),
            ..job.clone()
        },
        Service {
            exit_code: Some(1),
            ..job.clone()
        },
        Service {
            oom_killed: true,
            ..job
        },
    ] {
        let overview = assemble(&stack(vec![other]), &well(), NOW);
        assert_eq!(overview.status, Status::Critical);
    }
}

#[test]
fn old_facts_are_unknown() {
    let mut old = stack(vec![service("redis")]);
    old.engine.as_of = Some(ago(61));
    let overview = assemble(&old, &well(), NOW);
    assert_eq!(overview.status, Status::Unknown);
    assert_eq!(overview.services_well, 0);
    assert!(!sentence(&overview).contains("well"));
    old.engine.as_of = None;
    assert_eq!(assemble(&old, &well(), NOW).status, Status::Unknown);
}

#[test]
fn a_check_that_fails_with_its_service_is_not_told_twice() {
    let mut stopped = service("redis");
    stopped.state = State::Exited;
    stopped.oom_killed = true;
    let overview = assemble(
        &stack(vec![stopped]),
        &health(vec![check("redis", Status::Critical)]),
        NOW,
    );
    assert_eq!(sentence(&overview), "redis was killed for memory.");
    assert_eq!((overview.checks, overview.checks_ok), (1, 0));

    let mut starting = service("redis");
    starting.health = HealthState::Starting;
    let overview = assemble(
        &stack(vec![starting]),
        &health(vec![check("redis", Status::Critical)]),
        NOW,
    );
    assert_eq!(
        sentence(&overview),
        "redis does not answer and redis is starting.",
        "a check that is worse is told"
    );
}

#[test]
fn every_state_that_is_not_running_is_a_problem() {
    for state in [
        State::Created,
        State::Paused,
        State::Restarting,
        State::Removing,
        State::Exited,
        State::Dead,
        State::Missing,
        State::Unknown,
    ] {
        let mut service = service("backend");
        service.state = state;
        let overview = assemble(&stack(vec![service]), &well(), NOW);
        assert_ne!(overview.status, Status::Ok, "{state:?}");
        assert_eq!(overview.services_well, 0, "{state:?}");
    }
    for health in [HealthState::Starting, HealthState::Unknown] {
        let mut service = service("backend");
        service.health = health;
        let overview = assemble(&stack(vec![service]), &well(), NOW);
        assert_eq!(overview.status, Status::Unknown, "{health:?}");
    }
}

#[test]
fn exit_codes_are_told_by_what_they_mean() {
    let ended = |exit_code| {
        let mut service = service("backend");
        service.state = State::Exited;
        service.exit_code = exit_code;
        let overview = assemble(&stack(vec![service]), &well(), NOW);
        sentence(&overview)
    };
    assert_eq!(ended(Some(0)), "backend is stopped.");
    assert_eq!(ended(Some(143)), "backend is stopped.");
    assert_eq!(ended(Some(137)), "backend was killed.");
    assert_eq!(ended(Some(1)), "backend has failed with exit code 1.");
}

#[test]
fn a_hostile_name_stays_within_its_page() {
    let mut bad = service("../../settings?x=<script>");
    bad.state = State::Dead;
    let overview = assemble(&stack(vec![bad]), &well(), NOW);
    let href = &overview.problems[0].href;
    assert!(href.starts_with("/deployment/demo/"), "{href}");
    let rest = &href["/deployment/demo/".len()..];
    assert!(!rest.contains(['/', '?', '<', '#']), "{href}");
}
