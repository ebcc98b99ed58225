use types::{
    deployment::{Drift, LastEnd, Project},
    overview::sentence,
    preflight::Requirement,
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
        began_before: false,
    }
}

fn health(checks: Vec<Check>) -> Health {
    Health {
        status: Status::Ok,
        reasons: Vec::new(),
        checks,
    }
}

/// On a machine that has all it needs.
fn assembled(stack: &Stack, health: &Health) -> Overview {
    assemble(stack, health, &Preflight::default(), &[], NOW)
}

fn well() -> Health {
    health(vec![check("redis", Status::Ok)])
}

#[test]
fn all_is_well() {
    let overview = assembled(&stack(vec![service("redis"), service("backend")]), &well());
    assert_eq!(overview.status, Status::Ok);
    assert_eq!(
        sentence(&overview),
        "All is well: 2 of 2 services run and every check answers."
    );
}

#[test]
fn the_worst_and_newest_come_first_each_with_its_page() {
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
    let overview = assembled(
        &stack(vec![unhealthy, paused, stopped, service("redis")]),
        &health(vec![check("redis", Status::Critical)]),
    );
    let told: Vec<(&str, &str)> = overview
        .problems
        .iter()
        .map(|problem| (problem.text.as_str(), problem.href.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("backend is unhealthy", "/deployment/demo/backend"),
            ("redis does not answer", "/deployment#checks"),
            ("n8n has ended", "/deployment/demo/n8n"),
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
    let overview = assembled(&silent, &health(vec![check("n8n", Status::Critical)]));
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
        let overview = assembled(&away, &well());
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
    let overview = assembled(&stack(vec![differs("image"), service("backend")]), &well());
    assert_eq!(overview.status, Status::Warning);
    assert_eq!(sentence(&overview), "redis differs from its compose file.");
    assert_eq!((overview.services, overview.services_well), (2, 1));
    assert_eq!(overview.problems[0].since, None);
    let mut dated = differs("image");
    dated.drift_since = Some(NOW - Duration::hours(2));
    let overview = assembled(&stack(vec![dated.clone()]), &well());
    let told = |overview: &Overview| (overview.problems[0].since, overview.problems[0].when);
    assert_eq!(told(&overview), (dated.drift_since, When::Since));
    dated.drift_began_before = true;
    let overview = assembled(&stack(vec![dated.clone()]), &well());
    assert_eq!(told(&overview), (dated.drift_since, When::Before));
    let extra = assembled(&stack(vec![differs("extra")]), &well());
    assert_eq!(sentence(&extra), "redis is not in its compose file.");

    let slow = health(vec![check("redis", Status::Warning)]);
    let overview = assembled(&stack(vec![differs("image")]), &slow);
    assert_eq!(overview.problems.len(), 2, "the check that is slow is told");

    let mut unhealthy = differs("image");
    unhealthy.health = HealthState::Unhealthy;
    let overview = assembled(&stack(vec![unhealthy]), &well());
    assert_eq!(sentence(&overview), "redis is unhealthy.");
}

#[test]
fn a_job_that_has_done_its_one_thing_is_well() {
    let mut job = service("migrate");
    (job.state, job.exit_code) = (State::Exited, Some(0));
    "no".clone_into(&mut job.restart_policy);
    let overview = assembled(&stack(vec![job.clone()]), &well());
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
        let overview = assembled(&stack(vec![other]), &well());
        assert_eq!(overview.status, Status::Critical);
    }
}

#[test]
fn old_facts_are_unknown() {
    let mut old = stack(vec![service("redis")]);
    old.engine.as_of = Some(ago(61));
    let overview = assembled(&old, &well());
    assert_eq!(overview.status, Status::Unknown);
    assert_eq!(overview.services_well, 0);
    assert!(!sentence(&overview).contains("well"));
    old.engine.as_of = None;
    assert_eq!(assembled(&old, &well()).status, Status::Unknown);
}

#[test]
fn a_check_that_fails_with_its_service_is_not_told_twice() {
    let mut stopped = service("redis");
    stopped.state = State::Exited;
    stopped.oom_killed = true;
    let overview = assembled(
        &stack(vec![stopped]),
        &health(vec![check("redis", Status::Critical)]),
    );
    assert_eq!(sentence(&overview), "redis was killed for memory.");
    assert_eq!((overview.checks, overview.checks_ok), (1, 0));

    let mut starting = service("redis");
    starting.health = HealthState::Starting;
    let overview = assembled(
        &stack(vec![starting]),
        &health(vec![check("redis", Status::Critical)]),
    );
    assert_eq!(
        sentence(&overview),
        "redis does not answer and redis is starting.",
        "a check that is worse is told"
    );
}

fn ended(is_deliberate: bool, is_warning: bool) -> LastEnd {
    LastEnd {
        at: ago(120),
        exit_code: Some(137),
        oom_killed: !is_deliberate,
        is_deliberate,
        is_warning,
    }
}

#[test]
fn what_was_stopped_on_purpose_is_a_warning_and_explains_its_check() {
    let mut stopped = service("redis");
    (stopped.state, stopped.exit_code) = (State::Exited, Some(137));
    stopped.last_end = Some(ended(true, false));
    let overview = assembled(
        &stack(vec![stopped.clone()]),
        &health(vec![check("redis", Status::Warning)]),
    );
    assert_eq!(sentence(&overview), "redis is stopped.");
    assert_eq!(overview.status, Status::Warning);
    stopped.last_end = None;
    let overview = assembled(&stack(vec![stopped]), &well());
    assert_eq!(overview.status, Status::Critical);
}

#[test]
fn a_crash_that_was_mended_is_a_warning_for_a_while() {
    let mut mended = service("redis");
    mended.last_end = Some(ended(false, true));
    let overview = assembled(&stack(vec![mended.clone()]), &well());
    assert_eq!(
        sentence(&overview),
        "redis runs again, but ran out of memory."
    );
    let problem = &overview.problems[0];
    assert_eq!(
        (problem.status, problem.since, problem.when),
        (Status::Warning, Some(ago(120)), When::At)
    );
    assert_eq!(overview.services_well, 0);
    mended.last_end = Some(ended(false, false));
    let overview = assembled(&stack(vec![mended]), &well());
    assert_eq!(overview.status, Status::Ok);
}

#[test]
fn what_began_before_it_was_seen_says_so() {
    let mut unhealthy = service("backend");
    unhealthy.health = HealthState::Unhealthy;
    unhealthy.began_before = true;
    let mut failing = check("n8n", Status::Critical);
    failing.began_before = true;
    let overview = assembled(
        &stack(vec![unhealthy, service("redis")]),
        &health(vec![failing, check("redis", Status::Critical)]),
    );
    let when: Vec<When> = overview.problems.iter().map(|one| one.when).collect();
    assert_eq!(when, [When::Before, When::Since, When::Before]);
}

#[test]
fn what_the_machine_lacks_is_in_the_sentence_each_verdict_once() {
    let requirement = |name: &str, status| Requirement {
        name: name.to_owned(),
        wanted: String::new(),
        found: String::new(),
        status,
        hint: String::new(),
        since: Some(NOW),
        began_before: true,
    };
    let preflight = Preflight {
        ok: false,
        requirements: vec![
            requirement("cpu", Status::Critical),
            requirement("memory", Status::Ok),
            requirement("gpu", Status::Critical),
            requirement("storage", Status::Warning),
            requirement("nvidia_runtime", Status::Critical),
        ],
    };
    let told = |stack: &Stack, health: &Health| -> Vec<String> {
        let overview = assemble(stack, health, &preflight, &[], NOW);
        let of_machine = overview.problems.into_iter();
        of_machine
            .filter(|one| one.href == "/settings/preflight")
            .map(|one| format!("{} {}", one.status.as_str(), one.text))
            .collect()
    };
    assert_eq!(
        told(&stack(vec![service("redis")]), &well()),
        [
            "critical the machine lacks what is required (CPU, GPU, NVIDIA runtime)",
            "warning the machine has less than is wanted (storage)"
        ]
    );
    let mut silent = stack(vec![]);
    silent.engine.reachable = false;
    let no_card = health(vec![check("gpu", Status::Critical)]);
    assert_eq!(
        told(&silent, &no_card)[0],
        "critical the machine lacks what is required (CPU)",
        "what is told already is not told again"
    );
}

#[test]
fn what_the_machine_lacks_is_told_with_since_when() {
    let lacking = |name: &str, since, began_before| Requirement {
        name: name.to_owned(),
        wanted: String::new(),
        found: String::new(),
        status: Status::Critical,
        hint: String::new(),
        since: Some(since),
        began_before,
    };
    let preflight = Preflight {
        ok: false,
        requirements: vec![
            lacking("cpu", ago(9_000), true),
            lacking("memory", ago(9_000), true),
            lacking("docker", ago(60), false),
        ],
    };
    let overview = assemble(
        &stack(vec![service("redis")]),
        &well(),
        &preflight,
        &[],
        NOW,
    );
    let told: Vec<_> = overview
        .problems
        .iter()
        .map(|one| (one.text.as_str(), one.since, one.when))
        .collect();
    assert_eq!(
        told,
        [
            (
                "the machine lacks what is required (docker)",
                Some(ago(60)),
                When::Since
            ),
            (
                "the machine lacks what is required (CPU, memory)",
                Some(ago(9_000)),
                When::Before
            ),
        ],
        "what is lacking for long does not hide what is since a minute"
    );
}

#[test]
fn what_the_machine_lacks_hides_no_trouble_of_a_service_a_check_or_a_backup() {
    let lacking = Requirement {
        name: "cpu".to_owned(),
        wanted: String::new(),
        found: String::new(),
        status: Status::Critical,
        hint: String::new(),
        since: Some(NOW),
        began_before: false,
    };
    let preflight = Preflight {
        ok: false,
        requirements: vec![lacking],
    };
    let mut stopped = service("n8n");
    stopped.state = State::Paused;
    let slow = health(vec![check("redis", Status::Warning)]);
    let overview = assemble(&stack(vec![stopped]), &slow, &preflight, &[], NOW);
    assert_eq!(
        sentence(&overview),
        "redis does not answer, n8n is paused and the machine lacks what is required (CPU)."
    );
    assert_eq!(overview.status, Status::Critical, "the worst of all");
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
        let overview = assembled(&stack(vec![service]), &well());
        assert_ne!(overview.status, Status::Ok, "{state:?}");
        assert_eq!(overview.services_well, 0, "{state:?}");
    }
    for health in [HealthState::Starting, HealthState::Unknown] {
        let mut service = service("backend");
        service.health = health;
        let overview = assembled(&stack(vec![service]), &well());
        assert_eq!(overview.status, Status::Unknown, "{health:?}");
    }
}

#[test]
fn exit_codes_are_told_by_what_they_mean() {
    let ended = |exit_code| {
        let mut service = service("backend");
        service.state = State::Exited;
        service.exit_code = exit_code;
        let overview = assembled(&stack(vec![service]), &well());
        sentence(&overview)
    };
    assert_eq!(ended(Some(0)), "backend has ended.");
    assert_eq!(ended(Some(143)), "backend has ended.");
    assert_eq!(ended(Some(137)), "backend was killed.");
    assert_eq!(ended(Some(1)), "backend has failed with exit code 1.");
}

#[test]
fn a_hostile_name_stays_within_its_page() {
    let mut bad = service("../../settings?x=<script>");
    bad.state = State::Dead;
    let overview = assembled(&stack(vec![bad]), &well());
    let href = &overview.problems[0].href;
    assert!(href.starts_with("/deployment/demo/"), "{href}");
    let rest = &href["/deployment/demo/".len()..];
    assert!(!rest.contains(['/', '?', '<', '#']), "{href}");
}
