//! Containers may hold anything; what is stored and shown is short, printable and in its place.

use store::PgPool;
use types::deployment::{HealthState, Mount, Port, State};

use super::world::{container, id, new};
use crate::{
    Actor,
    deployment::{reconcile, stack},
    outside::{Container, Network},
};

fn nasty() -> String {
    format!(
        "<script>alert(1)</script>\0\u{1b}[2J\u{202e}'; DROP TABLE users; --\n{}",
        "A".repeat(100_000)
    )
}

fn hostile(number: u32) -> Container {
    let text = nasty();
    let many = || vec![text.clone(); 2_000];
    Container {
        id: id(number),
        name: text.clone(),
        project: "../../api/v1/users?x=%2e#".to_owned(),
        service: text.clone(),
        state: State::Unknown,
        health: HealthState::Unknown,
        image: text.clone(),
        image_digest: text.clone(),
        exit_code: Some(i64::MIN),
        restarts: u64::MAX,
        ports: vec![
            Port {
                host_ip: text.clone(),
                host_port: Some(0),
                container_port: 0,
                protocol: text.clone()
            };
            2_000
        ],
        networks: vec![
            Network {
                name: text.clone(),
                ip: text.clone()
            };
            2_000
        ],
        cpu_limit: Some(f64::NAN),
        memory_limit_bytes: Some(u64::MAX),
        mounts: vec![
            Mount {
                kind: text.clone(),
                source: text.clone(),
                destination: text.clone(),
                writable: true
            };
            2_000
        ],
        environment: many(),
        image_environment: many(),
        command: text.clone(),
        restart_policy: text.clone(),
        team: text.clone(),
        config_files: many(),
        working_dir: text.clone(),
        environment_file: text,
        ..Container::default()
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn whatever_a_container_holds_is_stored_small_and_harmless(db: PgPool) {
    let (ops, engine, _) = new(&db);
    let mut no_project = container(3, "web");
    no_project.project = "\0".repeat(0);
    let mut no_id = container(4, "web");
    no_id.id = "../../etc/passwd".to_owned();
    engine.world().make([
        hostile(1),
        hostile(2),
        no_project,
        no_id,
        container(5, "web"),
    ]);
    reconcile(&ops).await.unwrap();
    ops.stack.forget();
    let stack = stack(&ops, &Actor::system()).await.unwrap();
    assert_eq!(
        stack.projects.len(),
        2,
        "what names no project, or no id, is left out"
    );
    let project = &stack.projects[0];
    assert_eq!(project.name, ".._.._api_v1_users_x__2e_");
    let shown = serde_json::to_string(&*stack).unwrap();
    assert!(shown.len() < 200_000, "{} bytes", shown.len());
    for service in &project.services {
        assert!(
            service
                .name
                .chars()
                .all(|char| char.is_ascii_alphanumeric() || "._-".contains(char))
        );
        assert_eq!(service.team, "platform");
        for text in [&service.image, &service.container, &service.image_digest] {
            assert!(
                text.chars().count() <= 300 && !text.chars().any(char::is_control),
                "{text:?}"
            );
        }
    }
    let stored: i64 = sqlx::query_scalar("SELECT max(length(facts::text))::bigint FROM container")
        .fetch_one(&db)
        .await
        .unwrap();
    assert!(stored < 1_000_000, "{stored} bytes");
}
