//! Services restarted and brought up: for real, and in a rehearsal.

use store::PgPool;
use types::{
    deployment::Operation,
    runbooks::{Act, Plan, StepPhase},
};

use super::{
    super::{rehearse, start},
    Console,
};
use crate::{
    deployment::{reconcile, tests::world::container},
    outside::Container,
};

impl Console {
    /// A project with one service, and its compose file.
    pub(super) async fn demo(&self) {
        let folder = self.world.folder.join("demo");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(
            folder.join("compose.yaml"),
            "services: {web: {image: 'web:1'}}",
        )
        .unwrap();
        let web = Container {
            config_files: vec!["compose.yaml".to_owned()],
            working_dir: folder.display().to_string(),
            ..container(1, "web")
        };
        self.engine.world().make([web]);
        reconcile(&self.ops).await.unwrap();
        self.ops.stack.forget();
    }

    fn asked_of_compose(&self) -> Vec<String> {
        self.compose.0.lock().unwrap().clone()
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_service_is_restarted_and_brought_up(db: PgPool) {
    let console = Console::new(&db).await;
    console.demo().await;
    let plan = Plan::ServiceFailure;
    let of = console.subject(plan).await;
    assert_eq!(of, "service demo/web");
    let id = start(&console.ops, &console.cto, plan, &of, "demo/web")
        .await
        .unwrap();
    console.act(id, 1, Act::Check, "it loops").await.unwrap();
    let restarted = console.does(id, 2).await;
    assert_eq!(restarted.phase, StepPhase::Done, "{restarted:?}");
    let operated = console.engine.world().operated.clone();
    assert_eq!(operated.len(), 1);
    assert_eq!(operated[0].1, Operation::Restart);
    let up = console.does(id, 3).await;
    assert_eq!(up.phase, StepPhase::Done, "{up:?}");
    let asked = console.asked_of_compose();
    assert_eq!(asked.len(), 1);
    assert!(
        asked[0].ends_with("compose.yaml up -d --no-build --no-deps web"),
        "{asked:?}"
    );
    let operation = console.world.operation(up.operation.unwrap()).await;
    assert!(
        operation
            .log
            .iter()
            .any(|line| line.text.contains("demo_web_1"))
    );
    console.world.end().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn rehearsed_nothing_is_restarted(db: PgPool) {
    let console = Console::new(&db).await;
    console.demo().await;
    let plan = Plan::CompleteFailure;
    let of = console.subject(plan).await;
    let id = rehearse(&console.ops, &console.cto, plan, &of)
        .await
        .unwrap();
    console.act(id, 1, Act::Check, "").await.unwrap();
    let up = console.does(id, 2).await;
    assert_eq!(up.phase, StepPhase::Done, "{up:?}");
    assert!(up.detail.contains("nothing was done"), "{}", up.detail);
    assert!(
        up.detail.contains("compose.yaml up -d --no-build"),
        "{}",
        up.detail
    );
    assert_eq!(console.asked_of_compose(), Vec::<String>::new());
    assert!(console.engine.world().operated.is_empty());

    // Where the files are is not known any more: the step fails, and says what to do.
    std::fs::remove_dir_all(console.world.folder.join("demo")).unwrap();
    let service = Plan::ServiceFailure;
    let of = console.subject(service).await;
    let id = rehearse(&console.ops, &console.cto, service, &of)
        .await
        .unwrap();
    console.act(id, 1, Act::Check, "").await.unwrap();
    let restarted = console.does(id, 2).await;
    assert!(
        restarted.detail.contains("nothing was done"),
        "{}",
        restarted.detail
    );
    let failed = console.does(id, 3).await;
    assert_eq!(failed.phase, StepPhase::Failed);
    assert!(failed.detail.contains("by hand"), "{}", failed.detail);
    console.world.end().await;
}
