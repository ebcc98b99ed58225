#![expect(clippy::unwrap_used, reason = "a test may stop")]
use super::*;

fn read(text: &str) -> Container {
    let image = Image {
        digest: String::new(),
        environment: vec!["PATH".to_owned()],
    };
    serde_json::from_str::<Inspected>(text)
        .unwrap()
        .into_container(&image)
        .unwrap()
}

const LABELS: &str =
    r#""Labels":{"com.docker.compose.project":"p","com.docker.compose.service":"s"}"#;

#[test]
fn values_of_the_environment_are_not_kept() {
    let container = read(&format!(
        r#"{{"Id":"abc","Config":{{{LABELS},"Env":["PATH=/bin","DB_PASSWORD=hunter2","EMPTY=","BARE"]}}}}"#
    ));
    assert_eq!(
        container.environment,
        ["PATH", "DB_PASSWORD", "EMPTY", "BARE"]
    );
    assert_eq!(container.image_environment, ["PATH"]);
    let kept = serde_json::to_string(&container).unwrap() + &format!("{container:?}");
    assert!(!kept.contains("hunter2"));
}

#[test]
fn values_are_handed_out_by_name_only() {
    let values: Values =
        serde_json::from_str(r#"{"Config":{"Env":["A=1","B=2=3","C=4"]}}"#).unwrap();
    let given = values.of(&["B", "X"]);
    assert_eq!(given.len(), 1);
    assert_eq!(given["B"].expose(), "2=3");
}

#[test]
fn null_is_nothing() {
    let container = read(&format!(
        r#"{{"Args":null,"Mounts":null,"HostConfig":{{"PortBindings":null,"CpuQuota":null}},
        "NetworkSettings":{{"Ports":null,"Networks":null}},"Config":{{{LABELS},"Env":null,"ExposedPorts":null}}}}"#
    ));
    assert_eq!(container.state, State::Unknown);
    assert_eq!(container.health, HealthState::None);
    assert_eq!(
        (container.cpu_limit, container.memory_limit_bytes),
        (None, None)
    );
    assert_eq!(container.restart_policy, "no");
}

#[test]
fn a_container_killed_for_memory_is_known_by_it() {
    let container = read(&format!(
        r#"{{"State":{{"Status":"exited","ExitCode":137,"OOMKilled":true,
        "StartedAt":"2026-11-23T01:00:00.123456789Z","FinishedAt":"0001-01-01T00:00:00Z"}},"Config":{{{LABELS}}}}}"#
    ));
    assert_eq!(
        (container.exit_code, container.oom_killed),
        (Some(137), true)
    );
    assert_eq!(container.started_at.unwrap().nanosecond(), 123_456_000);
    assert_eq!(container.finished_at, None);
}

#[test]
fn since_when_the_health_check_fails_is_told_as_far_as_the_engine_remembers() {
    let probe = |minute: u32, code: i32| {
        format!(
            r#"{{"Start":"2026-11-23T02:{minute:02}:00.5+01:00","ExitCode":{code},"Output":"x"}}"#
        )
    };
    let of = |status: &str, streak: u32, started: &str, log: &[String]| {
        let container = read(&format!(
            r#"{{"State":{{"Status":"running","StartedAt":"{started}","Health":{{"Status":"{status}","FailingStreak":{streak},
            "Log":[{}]}}}},"Config":{{{LABELS}}}}}"#,
            log.join(",")
        ));
        let minute = |at: Option<OffsetDateTime>| {
            at.map(|at| (at.to_offset(time::UtcOffset::UTC).hour(), at.minute()))
        };
        (
            minute(container.failing_since),
            minute(container.failing_by),
        )
    };
    let started = "2026-11-23T00:30:00Z";
    let turned = [probe(1, 0), probe(2, 1), probe(3, 1)];
    let first = Some((1, 2));
    assert_eq!(of("unhealthy", 2, started, &turned), (first, first));
    // It has failed for longer than the log reaches back.
    let long = [probe(2, 1), probe(3, 1)];
    assert_eq!(of("unhealthy", 9, started, &long), (None, first));
    // The probes of its life before say nothing of this one.
    let anew = "2026-11-23T01:02:30Z";
    assert_eq!(
        of("unhealthy", 1, anew, &long),
        (Some((1, 3)), Some((1, 3)))
    );
    assert_eq!(of("healthy", 1, started, &turned), (None, None));
    assert_eq!(of("unhealthy", 3, started, &[]), (None, None));
}

#[test]
fn an_unheard_of_state_is_unknown() {
    let container = read(&format!(
        r#"{{"State":{{"Status":"levitating","Health":{{"Status":"dizzy"}}}},"Config":{{{LABELS}}}}}"#
    ));
    assert_eq!(
        (container.state, container.health),
        (State::Unknown, HealthState::Unknown)
    );
}

#[test]
fn limits_follow_from_cpus_or_quota() {
    let of =
        |host: &str| read(&format!(r#"{{"HostConfig":{host},"Config":{{{LABELS}}}}}"#)).cpu_limit;
    assert_eq!(of(r#"{"NanoCpus":500000000}"#), Some(0.5));
    assert_eq!(of(r#"{"CpuQuota":150000,"CpuPeriod":100000}"#), Some(1.5));
    assert_eq!(of(r#"{"CpuQuota":50000}"#), Some(0.5));
    assert_eq!(of(r#"{"CpuQuota":-1}"#), None);
}

#[test]
fn a_port_of_all_addresses_is_told_once() {
    let container = read(&format!(
        r#"{{"HostConfig":{{"PortBindings":{{"80/tcp":[{{"HostIp":"","HostPort":""}}]}}}},
        "NetworkSettings":{{"Ports":{{"80/tcp":[{{"HostIp":"0.0.0.0","HostPort":"49153"}},{{"HostIp":"::","HostPort":"49153"}}],
        "81/udp":null}}}},"Config":{{{LABELS},"ExposedPorts":{{"80/tcp":{{}},"81/udp":{{}}}}}}}}"#
    ));
    let shown: Vec<_> = container
        .ports
        .iter()
        .map(|p| (p.host_ip.as_str(), p.host_port, p.container_port))
        .collect();
    assert_eq!(shown, [("0.0.0.0", Some(49_153), 80), ("", None, 81)]);
    let asked: Vec<_> = container
        .bindings
        .iter()
        .map(|p| (p.host_port, p.container_port))
        .collect();
    assert_eq!(asked, [(None, 80), (None, 81)]);
}

#[test]
fn what_is_no_compose_project_is_none_of_ours() {
    let inspected: Inspected =
        serde_json::from_str(r#"{"Id":"abc","Config":{"Labels":null}}"#).unwrap();
    assert_eq!(inspected.into_container(&Image::default()), None);
}

#[test]
fn a_container_of_no_project_is_a_plain_one() {
    let listed = |labels: &str| {
        let text = format!(r#"{{"Id":"abc","Names":["/llm"],{labels}}}"#);
        serde_json::from_str::<Listed>(&text).unwrap().into_plain()
    };
    let plain = PlainContainer {
        id: "abc".to_owned(),
        name: "llm".to_owned(),
    };
    assert_eq!(listed(r#""Labels":{}"#), Some(plain));
    assert_eq!(listed(LABELS), None);
}
