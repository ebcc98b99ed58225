use super::*;

fn port(host_ip: &str, host_port: Option<u16>, container_port: u16) -> Port {
    Port {
        host_ip: host_ip.to_owned(),
        host_port,
        container_port,
        protocol: "tcp".to_owned(),
    }
}

fn spec(host_ip: &str, published: Option<u16>, target: u16) -> PortSpec {
    PortSpec {
        host_ip: host_ip.to_owned(),
        published: published.map(|port| port..=port),
        target,
        protocol: "tcp".to_owned(),
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// A service and a container that is just what it asks for.
fn pair() -> (FileService, Container) {
    let service = FileService {
        name: "db".to_owned(),
        image: Some("postgres:15".to_owned()),
        environment: Some(names(&["A", "B"]).into_iter().collect()),
        handed_on: names(&["SHELL_GAVE"]).into_iter().collect(),
        ports: Some(vec![spec("127.0.0.1", Some(5433), 5432)]),
        cpus: Asked::For(0.5),
        memory: Asked::For(512 << 20),
        ..FileService::default()
    };
    let container = Container {
        project: "p".to_owned(),
        service: "db".to_owned(),
        image: "docker.io/library/postgres:15".to_owned(),
        environment: names(&["A", "B", "PATH", "LANG"]),
        image_environment: names(&["LANG"]),
        // 9999 is exposed by the image alone.
        bindings: vec![port("127.0.0.1", Some(5433), 5432), port("", None, 9999)],
        cpu_limit: Some(0.5),
        memory_limit_bytes: Some(512 << 20),
        ..Container::default()
    };
    (service, container)
}

fn drift(service: FileService, container: &Container) -> Vec<(String, String, String)> {
    let file = ComposeFile {
        services: vec![service],
        unknown: None,
    };
    of_container(&file, container)
        .into_iter()
        .map(|drift| (drift.what, drift.file, drift.running))
        .collect()
}

fn told(what: &str, file: &str, running: &str) -> Vec<(String, String, String)> {
    vec![(what.to_owned(), file.to_owned(), running.to_owned())]
}

#[test]
fn what_was_asked_for_does_not_drift() {
    let (service, mut container) = pair();
    assert_eq!(drift(service.clone(), &container), []);
    container.environment.push("SHELL_GAVE".to_owned());
    assert_eq!(drift(service, &container), []);
}

#[test]
fn another_image_drifts() {
    let (service, mut container) = pair();
    container.image = "postgres:16".to_owned();
    assert_eq!(
        drift(service, &container),
        told("image", "postgres:15", "postgres:16")
    );
}

#[test]
fn an_image_that_compose_built_is_known_by_either_name() {
    let (mut service, mut container) = pair();
    service.image = None;
    service.builds = true;
    for image in ["p-db", "p_db:latest", "sha256:00"] {
        container.image = image.to_owned();
        assert_eq!(drift(service.clone(), &container), []);
    }
    container.image = "other".to_owned();
    assert_eq!(drift(service, &container), told("image", "p-db", "other"));
}

#[test]
fn the_note_of_the_first_compose_is_no_drift() {
    let (service, mut container) = pair();
    container.environment.push("affinity:container".to_owned());
    assert_eq!(drift(service, &container), []);
}

#[test]
fn names_of_the_environment_drift_both_ways() {
    let (service, mut container) = pair();
    container.environment = names(&["A", "DEBUG"]);
    assert_eq!(
        drift(service, &container),
        told("environment", "B", "DEBUG")
    );
}

#[test]
fn ports_drift_both_ways() {
    let (service, mut container) = pair();
    container.bindings = vec![port("", Some(5433), 5432), port("::1", Some(1), 80)];
    assert_eq!(
        drift(service, &container),
        told(
            "ports",
            "127.0.0.1:5433:5432/tcp",
            "[::1]:1:80/tcp, 5433:5432/tcp"
        )
    );
}

#[test]
fn a_port_without_a_fixed_place_is_any() {
    let (mut service, mut container) = pair();
    service.ports = Some(vec![spec("", None, 80)]);
    container.bindings = vec![port("", None, 80)];
    assert_eq!(drift(service.clone(), &container), []);
    service.ports = Some(vec![PortSpec {
        published: Some(8000..=9000),
        ..spec("", None, 80)
    }]);
    container.bindings = vec![port("0.0.0.0", Some(8500), 80)];
    assert_eq!(drift(service.clone(), &container), []);
    container.shares_network = true;
    container.bindings.clear();
    assert_eq!(drift(service, &container), []);
}

#[test]
fn limits_drift_by_what_differs() {
    let (service, mut container) = pair();
    container.memory_limit_bytes = None;
    assert_eq!(
        drift(service.clone(), &container),
        told("limits", "512 MiB", "no memory limit")
    );
    container.cpu_limit = Some(1.0);
    assert_eq!(
        drift(service, &container),
        told("limits", "0.5 cores, 512 MiB", "1 core, no memory limit")
    );
}

#[test]
fn what_the_file_leaves_open_is_not_compared() {
    let (mut service, mut container) = pair();
    (
        service.image,
        service.environment,
        service.ports,
        service.cpus,
        service.memory,
    ) = Default::default();
    container.image = "x".to_owned();
    container.environment = names(&["X"]);
    container.bindings = vec![port("", Some(1), 1)];
    container.cpu_limit = None;
    assert_eq!(drift(service, &container), []);
}

#[test]
fn a_container_of_no_service_is_extra() {
    let (service, mut container) = pair();
    container.service = "gone".to_owned();
    container.image = "x:1".to_owned();
    assert_eq!(drift(service, &container), told("extra", "", "x:1"));
}

#[test]
fn thousands_of_ports_are_compared_one_by_one() {
    let (mut service, mut container) = pair();
    service.ports = Some(
        (10_000..30_000)
            .map(|port| spec("", Some(port), port))
            .collect(),
    );
    container.bindings = (10_000..30_000)
        .rev()
        .map(|host| port("0.0.0.0", Some(host), host))
        .collect();
    assert_eq!(drift(service.clone(), &container), []);
    container.bindings.pop();
    container.bindings.push(port("", Some(9), 9));
    assert_eq!(
        drift(service, &container),
        [(
            "ports".to_owned(),
            "10000:10000/tcp".to_owned(),
            "9:9/tcp".to_owned()
        )]
    );
}
