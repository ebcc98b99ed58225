//! Drift against real files.

use std::{fs, path::PathBuf};

use store::PgPool;
use time::Duration;
use types::deployment::{Project, State};

use super::world::{Engine, answers, container, new, stack, told};
use crate::{
    Actor, Ops,
    deployment::{reconcile, service},
    outside::Container,
};

/// A folder with a compose file, gone at the end of the test.
struct Folder(PathBuf);

impl Folder {
    fn with(text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("ytops-drift-{}", crate::trace_id()));
        fs::create_dir(&path).unwrap();
        let folder = Self(path);
        folder.write(text);
        folder
    }

    fn write(&self, text: &str) {
        fs::write(self.0.join("compose.yaml"), text).unwrap();
    }

    fn container(&self, number: u32, service: &str) -> Container {
        Container {
            config_files: vec!["compose.yaml".to_owned()],
            working_dir: self.0.to_string_lossy().into_owned(),
            ..container(number, service)
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn read(ops: &Ops) -> Project {
    reconcile(ops).await.unwrap();
    answers(ops).await;
    stack(ops)
        .await
        .projects
        .first()
        .cloned()
        .unwrap_or_default()
}

fn shown(project: &Project) -> Vec<String> {
    let of_service = |service: &types::deployment::Service| {
        let drift: Vec<&str> = service
            .drift
            .iter()
            .map(|drift| drift.what.as_str())
            .collect();
        format!(
            "{} {} {}",
            service.name,
            service.state.as_str(),
            drift.join(",")
        )
    };
    project.services.iter().map(of_service).collect()
}

const FILE: &str = "services:\n  zoo: {image: 'zoo:1'}\n  api: {image: 'api:2', labels: {ytops.team: backend}}\n  \
                    debug: {image: x, profiles: [debug]}\n  web: {image: 'web:1'}\n";

fn demo(folder: &Folder, engine: &Engine) {
    engine.world().make([
        folder.container(1, "zoo"),
        folder.container(2, "web"),
        folder.container(3, "old"),
    ]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn services_come_in_the_files_order_with_what_drifts(db: PgPool) {
    let (ops, engine, clock) = new(&db);
    let folder = Folder::with(FILE);
    demo(&folder, &engine);
    let project = read(&ops).await;
    assert_eq!(
        shown(&project),
        [
            "zoo running ",
            "api missing missing",
            "web running ",
            "old running extra"
        ]
    );
    assert_eq!(project.services[1].image, "api:2");
    assert_eq!(project.services[1].team, "backend");
    assert_eq!(project.drift_unknown, None);
    assert_eq!(
        project.files,
        [folder.0.join("compose.yaml").to_string_lossy()]
    );

    // The file changes on disk: the next reading tells.
    let before = told(&db).await.len();
    folder.write(&FILE.replace("web:1", "web:2"));
    clock.advance(Duration::seconds(15));
    let project = read(&ops).await;
    assert_eq!(shown(&project)[2], "web running image");
    assert_eq!(project.services[2].drift[0].file, "web:2");
    assert_eq!(
        told(&db).await[before..],
        ["deployment demo", "deployment demo/web"]
    );

    // It becomes unreadable: that is said, and nothing is called missing.
    folder.write("services: [");
    let project = read(&ops).await;
    assert_eq!(
        shown(&project),
        ["old running ", "web running ", "zoo running "]
    );
    assert!(
        project
            .drift_unknown
            .unwrap()
            .contains("not readable as YAML at line")
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_project_that_went_down_is_missing_while_its_file_is_there(db: PgPool) {
    let (ops, engine, clock) = new(&db);
    let folder = Folder::with(FILE);
    demo(&folder, &engine);
    read(&ops).await;
    engine.world().containers.clear();
    clock.advance(Duration::hours(23));
    let project = read(&ops).await;
    assert_eq!(project.services.len(), 3);
    assert!(
        project
            .services
            .iter()
            .all(|service| service.state == State::Missing)
    );
    let detail = service(&ops, &Actor::system(), "demo", "api").await;
    let told = detail.unwrap().may_not_operate.unwrap();
    let file = folder.0.join("compose.yaml");
    let line = format!("docker compose -p demo -f {} up -d api", file.display());
    assert!(told.ends_with(&line), "{told}");
    clock.advance(Duration::hours(2));
    assert!(
        read(&ops).await.services.is_empty(),
        "after a day it was meant"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_project_whose_file_goes_is_gone(db: PgPool) {
    let (ops, engine, _) = new(&db);
    let folder = Folder::with(FILE);
    demo(&folder, &engine);
    read(&ops).await;
    engine.world().containers.clear();
    drop(folder);
    assert!(read(&ops).await.services.is_empty());
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_cut_to_be_kept_is_compared_whole(db: PgPool) {
    let (ops, engine, _) = new(&db);
    let names = |range: std::ops::Range<u32>| range.map(|number| format!("NAME_{number:04}"));
    let environment: Vec<String> = names(0..400).map(|name| format!("{name}: x")).collect();
    let environment = environment.join(", ");
    let folder = Folder::with(&format!(
        "services: {{web: {{image: 'web:1', environment: {{{environment}}}}}}}"
    ));
    let mut web = folder.container(1, "web");
    web.environment = names(0..400).collect();
    engine.world().make([web]);
    let drift = |project: Project| project.services[0].drift.clone();
    assert_eq!(drift(read(&ops).await), []);

    engine.world().the(1).environment = names(0..10).collect();
    let differs = drift(read(&ops).await);
    assert_eq!(differs[0].what, "environment");
    assert!(differs[0].file.chars().count() <= 1_000, "bounded");
}

#[sqlx::test(migrations = "../../migrations")]
async fn since_when_a_service_differs_is_what_was_seen(db: PgPool) {
    let (ops, engine, clock) = new(&db);
    let folder = Folder::with(FILE);
    demo(&folder, &engine);
    let since = |project: &Project, service: &str| {
        let found = project.services.iter().find(|one| one.name == service);
        let found = found.unwrap();
        (found.drift_since, found.drift_began_before)
    };
    // Two are as the file has them; one is not in it, who knows for how long.
    let first = read(&ops).await;
    assert_eq!(since(&first, "web"), (None, false));
    assert_eq!(since(&first, "old"), (Some(ops.clock.now()), true));
    // While one looks on, the file changes; what changes of the difference changes nothing of its beginning.
    clock.advance(Duration::seconds(15));
    let changed = ops.clock.now();
    folder.write(&FILE.replace("web:1", "web:2"));
    assert_eq!(since(&read(&ops).await, "web"), (Some(changed), false));
    clock.advance(Duration::seconds(15));
    folder.write(&FILE.replace("web:1", "web:3"));
    let later = read(&ops).await;
    assert_eq!(since(&later, "web"), (Some(changed), false));
    assert_eq!(since(&later, "old"), since(&first, "old"));
    // The file can't be read for a moment: what is the same after it began when it began.
    clock.advance(Duration::seconds(15));
    folder.write("services: [");
    let unreadable = read(&ops).await;
    assert_eq!(since(&unreadable, "web"), (None, false));
    assert!(unreadable.drift_unknown.is_some());
    assert_eq!(since(&read(&ops).await, "web"), (None, false));
    clock.advance(Duration::seconds(15));
    folder.write(&FILE.replace("web:1", "web:3"));
    let again = read(&ops).await;
    assert_eq!(since(&again, "web"), (Some(changed), false));
    assert_eq!(since(&again, "old"), since(&first, "old"));
    // What is mended meanwhile, and what differs then, is another difference.
    clock.advance(Duration::seconds(15));
    folder.write("services: [");
    read(&ops).await;
    folder.write(FILE);
    assert_eq!(since(&read(&ops).await, "web"), (None, false));
    clock.advance(Duration::seconds(15));
    folder.write(&FILE.replace("web:1", "web:3"));
    let (anew, began_before) = since(&read(&ops).await, "web");
    assert_eq!((anew, began_before), (Some(ops.clock.now()), false));
    folder.write(FILE);
    assert_eq!(since(&read(&ops).await, "web"), (None, false));
    // What changed while nobody looked did so before; a container that has just been made differs since then.
    clock.advance(Duration::hours(1));
    folder.write(&FILE.replace("web:1", "web:4"));
    let mut fresh = folder.container(4, "new");
    fresh.created_at = Some(ops.clock.now() - Duration::seconds(5));
    engine.world().make([fresh]);
    let away = read(&ops).await;
    assert_eq!(since(&away, "web"), (Some(ops.clock.now()), true));
    assert_eq!(since(&away, "new"), (Some(ops.clock.now()), false));
}
