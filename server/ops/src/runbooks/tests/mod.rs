#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop, and one does"
)]

mod infrastructure;
mod steps;
mod who;

use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use store::PgPool;
use types::{
    Error, Role,
    preflight::Thresholds,
    runbooks::{Act, Plan, Run, Step, StepPhase},
};

use super::{act, follow, plans, run};
use crate::{
    Actor, Ops, Outcome,
    actor::Who,
    backups::{tests::world::World, worker},
    deployment::tests::world::Engine,
    operations::do_next,
    outside::{Compose, ComposeProject, ComposeRefused, Outside},
    preflight::set_thresholds,
};

/// A compose that writes down what it is asked.
#[derive(Default)]
struct Written(Mutex<Vec<String>>);

impl Compose for Written {
    fn up<'a>(
        &'a self,
        project: &'a ComposeProject,
        service: &'a str,
    ) -> BoxFuture<'a, Result<String, ComposeRefused>> {
        Box::pin(async {
            self.0.lock().unwrap().push(project.line(service));
            Ok("Creating demo_web_1 ... done\n".to_owned())
        })
    }
}

/// A console with a backup set, whose machine expects no GPU: its checks are well then.
struct Console {
    world: World,
    ops: Ops,
    engine: Engine,
    compose: Arc<Written>,
    cto: Actor,
}

impl Console {
    async fn new(db: &PgPool) -> Self {
        let engine = Engine::default();
        let world = World::over(db, &engine).await;
        let compose = Arc::new(Written::default());
        let ops = world.ops.clone().with(Outside {
            compose: Arc::clone(&compose) as Arc<dyn Compose>,
            ..world.ops.outside.clone()
        });
        let cto = person(Role::Cto, &world);
        let console = Self {
            world,
            ops,
            engine,
            compose,
            cto,
        };
        console.expect_gpu(false).await;
        console
    }

    async fn expect_gpu(&self, expect_gpu: bool) {
        let thresholds = Thresholds {
            expect_gpu,
            ..Thresholds::default()
        };
        set_thresholds(&self.ops, &Actor::system(), thresholds)
            .await
            .unwrap();
    }

    /// The one subject of a plan.
    async fn subject(&self, plan: Plan) -> String {
        let all = plans(&self.ops, &self.cto).await.unwrap();
        let listed = all.into_iter().find(|listed| listed.plan == plan).unwrap();
        assert_eq!(listed.subjects.len(), 1, "{:?}", listed.subjects);
        listed.subjects[0].value.clone()
    }

    async fn act(&self, id: i64, place: i16, what: Act, text: &str) -> Outcome<()> {
        act(&self.ops, &self.cto, id, place, what, text).await
    }

    /// Begins a step and waits for the end of its operation.
    async fn does(&self, id: i64, place: i16) -> Step {
        self.act(id, place, Act::Begin, "").await.unwrap();
        assert!(do_next(&self.ops, &worker()).await, "its operation waits");
        self.step(id, place).await
    }

    async fn run(&self, id: i64) -> Run {
        follow(&self.ops).await.unwrap();
        run(&self.ops, &self.cto, id).await.unwrap()
    }

    async fn step(&self, id: i64, place: i16) -> Step {
        let run = self.run(id).await;
        run.steps
            .into_iter()
            .find(|step| step.place == place)
            .unwrap()
    }

    async fn phases(&self, id: i64) -> Vec<StepPhase> {
        let run = self.run(id).await;
        run.steps.iter().map(|step| step.phase).collect()
    }

    /// What the audit log has of runbooks, the oldest first.
    async fn audited(&self) -> Vec<(String, String)> {
        sqlx::query_as("SELECT action, result FROM audit WHERE action LIKE 'runbook.%' ORDER BY id")
            .fetch_all(&self.ops.db)
            .await
            .unwrap()
    }
}

/// A person who proved their password just now.
fn person(role: Role, world: &World) -> Actor {
    Actor {
        who: Who::User {
            id: 1,
            session: Vec::new(),
            proved_at: Some(crate::outside::Clock::now(&*world.clock)),
            has_second_factor: false,
        },
        name: format!("{}@example.com", role.as_str()),
        role,
        ..Actor::system()
    }
}

fn is_conflict<T: std::fmt::Debug>(outcome: Outcome<T>) -> bool {
    let refused = outcome.unwrap_err();
    matches!(refused.told(), Some(Error::Conflict { .. }))
}
