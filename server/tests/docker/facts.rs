use ops::outside::{Containers, EngineError};
use types::deployment::{HealthState, State};

use crate::engine::{IMAGE, Project, adapter};

#[tokio::test]
async fn everything_that_is_read_of_a_container_is_true() {
    let project = Project::new();
    let engine = adapter(project.host());
    let info = engine.info().await.unwrap();
    assert!(
        !info.version.is_empty() && info.api_version.starts_with("1."),
        "{info:?}"
    );
    assert!(info.runtimes.contains(&"runc".to_owned()) && info.cores > 0 && info.memory_bytes > 0);

    let id = project.run(
        "web",
        &[
            "-e",
            "DB_PASSWORD=hunter2",
            "-e",
            "PLAIN=x",
            "--memory",
            "32m",
            "--cpus",
            "0.25",
            "--restart",
            "on-failure:3",
            "--label",
            "ytops.team=data",
            "--stop-timeout",
            "3",
            "--tmpfs",
            "/scratch",
            "-v",
            "/usr/share:/shared:ro",
            "--health-cmd",
            "/busybox true",
            "--health-interval",
            "1s",
            "--label",
            "com.docker.compose.project.working_dir=/srv",
        ],
        "exec /busybox sleep 1000",
    );
    let container = engine.inspect(&id).await.unwrap();
    assert_eq!(
        (container.id.as_str(), container.service.as_str()),
        (id.as_str(), "web")
    );
    assert_eq!(container.state, State::Running);
    assert!(matches!(
        container.health,
        HealthState::Starting | HealthState::Healthy
    ));
    assert_eq!(
        (container.image.as_str(), container.team.as_str()),
        (IMAGE, "data")
    );
    assert!(container.image_digest.starts_with("sha256:"));
    assert_eq!(
        (container.cpu_limit, container.memory_limit_bytes),
        (Some(0.25), Some(32 << 20))
    );
    assert_eq!(
        (container.restart_policy.as_str(), container.stop_grace_s),
        ("on-failure:3", 3)
    );
    assert_eq!(
        (container.exit_code, container.oom_killed, container.tty),
        (None, false, false)
    );
    assert_eq!(container.mounts[0].source, "/usr/share");
    assert!(!container.mounts[0].writable);
    assert!(container.started_at.is_some() && container.finished_at.is_none());
    assert_eq!(container.working_dir, "/srv");
    assert!(container.environment.contains(&"DB_PASSWORD".to_owned()));
    let told = serde_json::to_string(&container).unwrap() + &format!("{container:?}");
    assert!(!told.contains("hunter2"), "values stay in the adapter");

    let secrets = engine
        .secret_env(&id, &["DB_PASSWORD", "NONE"])
        .await
        .unwrap();
    assert_eq!(secrets.len(), 1);
    assert_eq!(secrets["DB_PASSWORD"].expose(), "hunter2");

    let listed = engine.list().await.unwrap();
    assert!(listed.containers.iter().any(|one| one.id == id));

    let sample = engine.stats(&id).await.unwrap();
    assert!(
        sample.cpu_ns.is_some() && sample.memory_bytes.is_some() && sample.pids == Some(1),
        "{sample:?}"
    );
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let project = Project::new();
    let engine = adapter(project.host());
    let other = project.docker(&[
        "run",
        "-d",
        "--network",
        "none",
        IMAGE,
        "/busybox",
        "sleep",
        "1000",
    ]);
    for id in ["", "web", "../json", &"0".repeat(64), "a?b", &other] {
        assert_eq!(engine.inspect(id).await, Err(EngineError::NotFound), "{id}");
    }
    project.docker(&["rm", "-f", &other]);
}

#[tokio::test]
async fn labels_of_any_size_are_read_past() {
    let project = Project::new();
    // As much as one command line carries; the engine takes more by its API.
    let labels: Vec<String> = (0..12)
        .map(|n| format!("big{n}={}", "x".repeat(120_000)))
        .collect();
    let options: Vec<&str> = labels
        .iter()
        .flat_map(|label| ["--label", label.as_str()])
        .collect();
    let id = project.run("big", &options, "exec /busybox sleep 1000");
    let container = adapter(project.host()).inspect(&id).await.unwrap();
    assert!(serde_json::to_string(&container).unwrap().len() < 10_000);
}
