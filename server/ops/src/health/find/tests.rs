#![expect(clippy::unwrap_used, reason = "a test may stop")]
use time::OffsetDateTime;

use super::*;

fn candidate(project: &str, service: &str, image: &str) -> Candidate {
    Candidate {
        project: project.to_owned(),
        service: service.to_owned(),
        container_id: format!("{project}-{service}"),
        image: image.to_owned(),
        state: State::Running,
        addresses: vec!["172.18.0.5".to_owned()],
        ports: Vec::new(),
        created_at: None,
        started_at: None,
        was_stopped: false,
        data_paths: Vec::new(),
    }
}

fn port(host_ip: &str, host_port: Option<u16>, container_port: u16) -> Port {
    Port {
        host_ip: host_ip.to_owned(),
        host_port,
        container_port,
        protocol: "tcp".to_owned(),
    }
}

fn shown(part: &Part, candidate: &Candidate) -> Vec<String> {
    addresses(part, candidate)
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn a_container_of_another_project_stands_in_for_nobody() {
    let mut real = candidate("ytempire", "backend", "");
    real.state = State::Exited;
    let impostor = candidate("aaa", "backend", "");
    let stack = [
        impostor,
        real,
        candidate("ytempire", "postgres", ""),
        candidate("ytempire", "frontend", ""),
    ];
    let found = find(&BACKEND, &stack).unwrap();
    assert_eq!(found.project, "ytempire", "even while it does not run");
}

#[test]
fn of_one_project_the_oldest_container_counts() {
    let made = |id: &str, second| Candidate {
        container_id: id.to_owned(),
        created_at: Some(OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(second)),
        ..candidate("ytempire", "backend", "")
    };
    let stack = [made("a", 9), made("b", 1), made("c", 5)];
    assert_eq!(find(&BACKEND, &stack).unwrap().container_id, "b");
}

#[test]
fn a_part_is_found_by_service_then_by_image() {
    let stack = [
        candidate(
            "a",
            "main-db",
            "registry:5000/library/postgres:15@sha256:00",
        ),
        candidate("b", "postgres", "own/build"),
        candidate("a", "postgres-exporter", "exporter"),
    ];
    assert_eq!(
        find(&DATABASE, &stack).map(|c| c.project.as_str()),
        Some("b")
    );
    assert_eq!(
        find(&DATABASE, &stack[..1]).map(|c| c.service.as_str()),
        Some("main-db")
    );
    assert_eq!(find(&DATABASE, &stack[2..]), None);
    assert_eq!(find(&N8N, &stack), None);
}

#[test]
fn a_running_one_goes_before_a_stopped_one() {
    let mut stack = [candidate("a", "redis", ""), candidate("b", "redis", "")];
    assert_eq!(find(&REDIS, &stack).map(|c| c.project.as_str()), Some("a"));
    stack[0].state = State::Exited;
    assert_eq!(find(&REDIS, &stack).map(|c| c.project.as_str()), Some("b"));
    stack[1].state = State::Exited;
    assert_eq!(find(&REDIS, &stack).map(|c| c.project.as_str()), Some("a"));
}

#[test]
fn the_containers_own_address_goes_before_the_published_port() {
    let mut backend = candidate("a", "backend", "");
    assert_eq!(shown(&BACKEND, &backend), ["172.18.0.5:8000"]);
    backend.ports = vec![
        port("0.0.0.0", Some(18_000), 8080),
        port("::", Some(18_000), 8080),
    ];
    assert_eq!(
        shown(&BACKEND, &backend),
        ["172.18.0.5:8080", "127.0.0.1:18000", "[::1]:18000"]
    );
    backend.ports.push(port("", None, 8000));
    assert_eq!(
        shown(&BACKEND, &backend),
        ["172.18.0.5:8000"],
        "of several ports the part's own counts"
    );
    backend.addresses.clear();
    backend.ports.clear();
    assert_eq!(
        shown(&BACKEND, &backend),
        ["127.0.0.1:8000"],
        "it shares the host's network"
    );
}
