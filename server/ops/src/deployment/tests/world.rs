//! An engine that tests own.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
};

use futures::{StreamExt, stream};
use store::{PgPool, containers::Reading};
use time::{Duration, OffsetDateTime, macros::datetime};
use tokio::{
    sync::{Semaphore, mpsc, watch},
    time::timeout,
};
use types::{
    Role,
    deployment::{HealthState, Operation, Service, Stack, State},
};

use crate::{
    Actor, Caller, Ops, Who, deployment,
    outside::{
        Answer, Container, ContainerEvent, Containers, EngineError, EngineInfo, FixedClock,
        Listing, LogPiece, LogsFrom, Outside, Pieces, PlainContainer, Secret, UsageSample,
    },
};

/// When every test begins.
pub const START: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

/// Longer than anything that is waited for takes.
const SOON: std::time::Duration = std::time::Duration::from_secs(30);

/// What the engine holds.
#[derive(Default)]
pub struct World {
    /// By id.
    pub containers: BTreeMap<String, Container>,
    /// It does not answer.
    pub down: bool,
    /// Containers that it hangs on: questions about them are never answered, and its list tells them as unreadable.
    pub stuck: BTreeSet<String>,
    /// Containers of which it does not tell in time.
    pub slow: BTreeSet<String>,
    /// It answers operations when there is a permit.
    pub gate: Option<Arc<Semaphore>>,
    /// It refuses logs with these words.
    pub refuses_logs: Option<String>,
    /// It refuses operations with these words.
    pub refuses: Option<String>,
    /// It refuses this operation alone.
    pub refuses_only: Option<Operation>,
    /// What was operated.
    pub operated: Vec<(String, Operation)>,
    /// From when on events were asked for.
    pub asked_since: Vec<i64>,
    /// Every event that happened.
    pub happened: Vec<ContainerEvent>,
    /// Logs by container.
    pub logs: BTreeMap<String, Vec<LogPiece>>,
    /// Containers whose logs stop halfway: what is there is told, and their end never comes.
    pub endless_logs: BTreeSet<String>,
    /// Which part of a log was asked for.
    pub logs_from: Vec<LogsFrom>,
    /// Counters by container.
    pub counters: BTreeMap<String, UsageSample>,
    /// Running containers of no project.
    pub plain: Vec<PlainContainer>,
    listeners: Vec<mpsc::UnboundedSender<Result<ContainerEvent, EngineError>>>,
    /// How often its events were asked for, for those who wait for that.
    asked: watch::Sender<usize>,
}

/// The engine; cheap to clone.
#[derive(Clone, Default)]
pub struct Engine(Arc<Mutex<World>>);

fn silence() -> EngineError {
    EngineError::Unreachable {
        reason: "It sleeps.".to_owned(),
        hint: "Wake it.".to_owned(),
    }
}

impl Engine {
    /// What it holds, to look at or to change.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    /// Something happens to a container and is told.
    pub fn happens(
        &self,
        id: &str,
        action: &str,
        time_nano: i64,
        change: impl FnOnce(&mut Container),
    ) {
        let mut world = self.world();
        let container = world.containers.get_mut(id).unwrap();
        change(container);
        let event = ContainerEvent {
            time_nano,
            container_id: id.to_owned(),
            project: container.project.clone(),
            service: container.service.clone(),
            action: action.to_owned(),
            exit_code: container.exit_code,
            image: container.image.clone(),
            name: container.name.clone(),
        };
        if action == "destroy" {
            world.containers.remove(id);
        }
        world.happened.push(event.clone());
        world
            .listeners
            .retain(|listener| listener.send(Ok(event.clone())).is_ok());
    }

    /// It stops answering, and ends what it was saying.
    pub fn goes_down(&self) {
        let mut world = self.world();
        world.down = true;
        for listener in world.listeners.drain(..) {
            let _ = listener.send(Err(silence()));
        }
    }

    /// Waits until so many follow its events.
    pub async fn is_followed_by(&self, followers: usize) {
        let mut asked = self.world().asked.subscribe();
        let followed = asked.wait_for(|&asked| asked >= followers);
        timeout(SOON, followed).await.unwrap().unwrap();
    }

    fn answer<T: Send + 'static>(
        &self,
        of: impl FnOnce(&mut World) -> Result<T, EngineError>,
    ) -> Answer<'static, T> {
        let mut world = self.world();
        let answer = if world.down {
            Err(silence())
        } else {
            of(&mut world)
        };
        Box::pin(async move { answer })
    }
}

impl Containers for Engine {
    fn info(&self) -> Answer<'_, EngineInfo> {
        self.answer(|_| {
            Ok(EngineInfo {
                version: "20.10".to_owned(),
                ..EngineInfo::default()
            })
        })
    }

    fn list(&self) -> Answer<'_, Listing> {
        self.answer(|world| {
            let all = world.containers.values().cloned();
            let (hidden, containers) =
                all.partition(|one| world.stuck.contains(&one.id) || world.slow.contains(&one.id));
            let unreadable = Vec::into_iter(hidden).map(|one: Container| Container {
                id: one.id,
                name: one.name,
                project: one.project,
                service: one.service,
                image: one.image,
                ..Container::default()
            });
            Ok(Listing {
                containers,
                unreadable: unreadable.collect(),
            })
        })
    }

    fn inspect<'a>(&'a self, id: &'a str) -> Answer<'a, Container> {
        if self.world().stuck.contains(id) {
            return Box::pin(std::future::pending());
        }
        self.answer(|world| {
            if world.slow.contains(id) {
                return Err(EngineError::TimedOut);
            }
            world
                .containers
                .get(id)
                .cloned()
                .ok_or(EngineError::NotFound)
        })
    }

    fn operate<'a>(&'a self, id: &'a str, operation: Operation) -> Answer<'a, ()> {
        let gate = self.world().gate.clone();
        let answer = self.answer(|world| {
            let refuses = world.refuses_only.is_none_or(|only| only == operation);
            if let Some(message) = world.refuses.as_ref().filter(|_| refuses) {
                return Err(EngineError::Refused {
                    message: message.clone(),
                });
            }
            world.operated.push((id.to_owned(), operation));
            let container = world.containers.get_mut(id).ok_or(EngineError::NotFound)?;
            container.state = if operation == Operation::Stop {
                State::Exited
            } else {
                State::Running
            };
            Ok(())
        });
        Box::pin(async move {
            if let Some(gate) = gate {
                gate.acquire().await.unwrap().forget();
            }
            answer.await
        })
    }

    fn events(&self, since_nano: i64) -> Answer<'_, Pieces<ContainerEvent>> {
        self.answer(|world| {
            world.asked_since.push(since_nano);
            let past: Vec<_> = world
                .happened
                .iter()
                .filter(|event| event.time_nano >= since_nano)
                .cloned()
                .map(Ok)
                .collect();
            let (listener, told) = mpsc::unbounded_channel();
            world.listeners.push(listener);
            world.asked.send_modify(|asked| *asked += 1);
            let live = stream::unfold(
                told,
                |mut told| async move { Some((told.recv().await?, told)) },
            );
            Ok(stream::iter(past).chain(live).boxed())
        })
    }

    fn logs<'a>(&'a self, id: &'a str, from: LogsFrom) -> Answer<'a, Pieces<LogPiece>> {
        self.answer(|world| {
            world.logs_from.push(from);
            if let Some(message) = world.refuses_logs.clone() {
                return Err(EngineError::Refused { message });
            }
            let pieces = world.logs.get(id).cloned().ok_or(EngineError::NotFound)?;
            let told = stream::iter(pieces.into_iter().map(Ok));
            Ok(if world.endless_logs.contains(id) {
                told.chain(stream::pending()).boxed()
            } else {
                told.boxed()
            })
        })
    }

    fn plain(&self) -> Answer<'_, Vec<PlainContainer>> {
        self.answer(|world| Ok(world.plain.clone()))
    }

    fn stats<'a>(&'a self, id: &'a str) -> Answer<'a, UsageSample> {
        self.answer(|world| world.counters.get(id).copied().ok_or(EngineError::NotFound))
    }

    fn secret_env<'a>(
        &'a self,
        _id: &'a str,
        _names: &'a [&'a str],
    ) -> Answer<'a, BTreeMap<String, Secret>> {
        self.answer(|_| Ok(BTreeMap::new()))
    }
}

/// A console on `db` that reads `engine`.
pub fn console(db: &PgPool, engine: &Engine, clock: &Arc<FixedClock>) -> Ops {
    let outside = Outside {
        containers: Arc::new(engine.clone()),
        ..Outside::none()
    };
    Ops::new(
        db.clone(),
        Arc::clone(clock) as Arc<dyn crate::outside::Clock>,
    )
    .with(outside)
}

/// A console, its engine and its clock.
pub fn new(db: &PgPool) -> (Ops, Engine, Arc<FixedClock>) {
    let (engine, clock) = (Engine::default(), Arc::new(FixedClock::at(START)));
    let ops = console(db, &engine, &clock);
    (ops, engine, clock)
}

/// An id as the engine gives them out.
pub fn id(number: u32) -> String {
    format!("{number:064x}")
}

/// A healthy container of `demo/<service>`.
pub fn container(number: u32, service: &str) -> Container {
    Container {
        id: id(number),
        name: format!("demo_{service}_{number}"),
        project: "demo".to_owned(),
        service: service.to_owned(),
        state: State::Running,
        health: HealthState::Healthy,
        image: format!("{service}:1"),
        created_at: Some(START - Duration::hours(2) + Duration::seconds(i64::from(number))),
        started_at: Some(START - Duration::hours(1)),
        ..Container::default()
    }
}

impl World {
    /// Makes containers.
    pub fn make(&mut self, containers: impl IntoIterator<Item = Container>) {
        for container in containers {
            self.containers.insert(container.id.clone(), container);
        }
    }

    /// The container with this number.
    pub fn the(&mut self, number: u32) -> &mut Container {
        self.containers.get_mut(&id(number)).unwrap()
    }
}

/// A person with a role, who never proved their password.
pub fn person(role: Role, teams: &[&str]) -> Actor {
    Actor {
        who: Who::User {
            id: 7,
            session: Vec::new(),
            proved_at: None,
            has_second_factor: false,
        },
        name: "Ada".to_owned(),
        role,
        teams: teams.iter().map(|&team| team.to_owned()).collect(),
        caller: Caller::default(),
    }
}

/// The stack as everybody sees it.
pub async fn stack(ops: &Ops) -> Arc<Stack> {
    ops.stack.forget();
    deployment::stack(ops, &Actor::system()).await.unwrap()
}

/// One service of it.
pub async fn service(ops: &Ops, name: &str) -> Service {
    let stack = stack(ops).await;
    stack.projects[0]
        .services
        .iter()
        .find(|service| service.name == name)
        .unwrap()
        .clone()
}

/// The keys of all changes that pages were told of, topics before them.
pub async fn told(db: &PgPool) -> Vec<String> {
    store::changes::after(db, 0, 1_000)
        .await
        .unwrap()
        .into_iter()
        .map(|change| format!("{} {}", change.topic.as_str(), change.key))
        .collect()
}

/// The engine answers, as it was read a moment ago.
pub async fn answers(ops: &Ops) {
    let mut tx = ops.begin().await.unwrap();
    let reading = Reading {
        number: store::reading::begin(&mut *tx).await.unwrap(),
        at: ops.clock.now(),
    };
    store::engine::answered(&mut tx, "20.10", reading)
        .await
        .unwrap();
    Ops::commit(tx).await.unwrap();
}

/// Waits for what `is_so` looks for, looking again with every notice of the database's, and now and then: what was
/// looked for while the facts were not at hand may be announced by nothing more.
pub async fn until<F: Future<Output = bool>>(db: &PgPool, mut is_so: impl FnMut() -> F) {
    let mut notices = store::changes::listen(db).await.unwrap();
    let waiting = async {
        while !is_so().await {
            let notice = timeout(std::time::Duration::from_millis(250), notices.recv());
            if let Ok(heard) = notice.await {
                heard.unwrap();
            }
        }
    };
    timeout(SOON, waiting).await.unwrap();
}
