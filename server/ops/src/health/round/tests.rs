#![expect(clippy::unwrap_used, reason = "a test may stop")]
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};

use store::PgPool;
use tokio::sync::Semaphore;
use types::{
    Role,
    deployment::{Operation, State},
    health::Health,
    preflight::{Preflight, Thresholds},
};

use super::*;
use crate::{
    Actor, Caller, Fault, Who,
    health::{health, set_target, targets, verify_now},
    outside::{
        Address, Answer, Card, Cards, ContainerEvent, Containers, EngineInfo, Filesystem,
        FixedClock, Gpu, GpuError, Host, HttpAnswer, HttpRequest, Listing, LogPiece, LogsFrom,
        Machine, Network, Outside, Pieces, PostgresAnswer, PostgresLogin, Probe, ProbeError,
        RedisAnswer, Secret, Space, UsageSample,
    },
    preflight::{preflight, set_thresholds},
};

const START: i64 = 1_800_000_000;
const PASSWORD: &str = "hunter2-is-not-shown";

/// A platform where everything answers, until a test says otherwise.
struct Platform {
    /// Addresses where nothing listens.
    down: Mutex<Vec<String>>,
    /// What `/metrics` says.
    metrics: Mutex<String>,
    /// Paths that are there.
    paths: Mutex<Vec<&'static str>>,
    asked: Mutex<Vec<String>>,
    postgres_login: Mutex<Option<PostgresLogin>>,
    pings: AtomicUsize,
    /// Pings that may answer.
    gate: Semaphore,
}

impl Default for Platform {
    fn default() -> Self {
        Self {
            down: Mutex::default(),
            metrics: Mutex::default(),
            paths: Mutex::new(vec!["/health", "/healthz", "/"]),
            asked: Mutex::default(),
            postgres_login: Mutex::default(),
            pings: AtomicUsize::default(),
            gate: Semaphore::new(1_000),
        }
    }
}

impl Platform {
    fn reach(&self, at: &Address) -> Result<(), ProbeError> {
        let down = self.down.lock().unwrap().contains(&at.to_string());
        if down {
            Err(ProbeError::Unreachable("connection refused".to_owned()))
        } else {
            Ok(())
        }
    }

    fn asked(&self, prefix: &str) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        let of = asked.iter().filter(|asked| asked.starts_with(prefix));
        of.cloned().collect()
    }
}

impl Probe for Platform {
    fn postgres<'a>(
        &'a self,
        at: &'a Address,
        login: &'a PostgresLogin,
        _limit: Duration,
    ) -> BoxFuture<'a, Result<PostgresAnswer, ProbeError>> {
        Box::pin(async move {
            self.reach(at)?;
            *self.postgres_login.lock().unwrap() = Some(login.clone());
            Ok(PostgresAnswer {
                version: "15.14".to_owned(),
                connections: 5,
                max_connections: 100,
                ..PostgresAnswer::default()
            })
        })
    }

    fn redis<'a>(
        &'a self,
        at: &'a Address,
        _login: Option<&'a (String, Secret)>,
        _limit: Duration,
    ) -> BoxFuture<'a, Result<RedisAnswer, ProbeError>> {
        Box::pin(async move {
            self.pings.fetch_add(1, Ordering::SeqCst);
            self.gate.acquire().await.unwrap().forget();
            self.reach(at)?;
            Ok(RedisAnswer::default())
        })
    }

    fn http<'a>(
        &'a self,
        at: &'a Address,
        request: &'a HttpRequest,
        _limit: Duration,
    ) -> BoxFuture<'a, Result<HttpAnswer, ProbeError>> {
        Box::pin(async move {
            self.reach(at)?;
            self.asked
                .lock()
                .unwrap()
                .push(format!("{at}{}", request.path));
            let metrics = self.metrics.lock().unwrap().clone();
            let there = self.paths.lock().unwrap().contains(&request.path.as_str());
            Ok(if request.path == "/metrics" && !metrics.is_empty() {
                HttpAnswer {
                    status: 200,
                    body: metrics.into_bytes(),
                    ..HttpAnswer::default()
                }
            } else {
                HttpAnswer {
                    status: if there { 200 } else { 404 },
                    ..HttpAnswer::default()
                }
            })
        })
    }
}

struct GoodMachine;

impl Host for GoodMachine {
    fn machine(&self) -> BoxFuture<'_, Result<Machine, String>> {
        Box::pin(async {
            Ok(Machine {
                threads: 32,
                cores: 16,
                memory_total_bytes: 128 << 30,
                memory_available_bytes: 64 << 30,
            })
        })
    }

    fn filesystems(&self, _also: Vec<PathBuf>) -> BoxFuture<'_, Vec<Filesystem>> {
        Box::pin(async {
            vec![Filesystem {
                path: PathBuf::from("/"),
                space: Ok(Space {
                    device: 1,
                    size_bytes: 100,
                    used_bytes: 10,
                    available_bytes: 90,
                }),
            }]
        })
    }

    fn compose(&self) -> BoxFuture<'_, Option<PathBuf>> {
        Box::pin(async { None })
    }
}

struct OneCard;

impl Gpu for OneCard {
    fn cards(&self) -> BoxFuture<'_, Result<Cards, GpuError>> {
        Box::pin(async {
            Ok(Cards {
                driver: "580".to_owned(),
                cards: vec![Card::default()],
            })
        })
    }
}

/// How often somebody looked for cards.
#[derive(Default)]
struct Looks(AtomicUsize);

impl Gpu for Looks {
    fn cards(&self) -> BoxFuture<'_, Result<Cards, GpuError>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { OneCard.cards().await })
    }
}

/// An engine that hangs.
#[derive(Default)]
struct Hung {
    asked: AtomicUsize,
}

impl Hung {
    fn hang<T: Send + 'static>(&self) -> Answer<'static, T> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Box::pin(std::future::pending())
    }
}

impl Containers for Hung {
    fn info(&self) -> Answer<'_, EngineInfo> {
        self.hang()
    }
    fn list(&self) -> Answer<'_, Listing> {
        self.hang()
    }
    fn inspect<'a>(&'a self, _id: &'a str) -> Answer<'a, Container> {
        self.hang()
    }
    fn operate<'a>(&'a self, _id: &'a str, _operation: Operation) -> Answer<'a, ()> {
        self.hang()
    }
    fn events(&self, _since_nano: i64) -> Answer<'_, Pieces<ContainerEvent>> {
        self.hang()
    }
    fn logs<'a>(&'a self, _id: &'a str, _from: LogsFrom) -> Answer<'a, Pieces<LogPiece>> {
        self.hang()
    }
    fn stats<'a>(&'a self, _id: &'a str) -> Answer<'a, UsageSample> {
        self.hang()
    }
    fn secret_env<'a>(
        &'a self,
        _id: &'a str,
        _names: &'a [&'a str],
    ) -> Answer<'a, BTreeMap<String, Secret>> {
        self.hang()
    }
}

/// An engine that only hands out secrets.
struct Engine;

fn silent<T: Send + 'static>() -> Answer<'static, T> {
    Box::pin(async { Err(crate::outside::EngineError::NotFound) })
}

impl Containers for Engine {
    fn info(&self) -> Answer<'_, EngineInfo> {
        silent()
    }
    fn list(&self) -> Answer<'_, Listing> {
        silent()
    }
    fn inspect<'a>(&'a self, _id: &'a str) -> Answer<'a, Container> {
        silent()
    }
    fn operate<'a>(&'a self, _id: &'a str, _operation: Operation) -> Answer<'a, ()> {
        silent()
    }
    fn events(&self, _since_nano: i64) -> Answer<'_, Pieces<ContainerEvent>> {
        silent()
    }
    fn logs<'a>(&'a self, _id: &'a str, _from: LogsFrom) -> Answer<'a, Pieces<LogPiece>> {
        silent()
    }
    fn stats<'a>(&'a self, _id: &'a str) -> Answer<'a, UsageSample> {
        silent()
    }
    fn secret_env<'a>(
        &'a self,
        id: &'a str,
        names: &'a [&'a str],
    ) -> Answer<'a, BTreeMap<String, Secret>> {
        Box::pin(async move {
            let all = BTreeMap::from([
                ("POSTGRES_USER".to_owned(), Secret::new("ytempire")),
                ("POSTGRES_PASSWORD".to_owned(), Secret::new(PASSWORD)),
            ]);
            assert!(id.starts_with("id-"));
            Ok(all
                .into_iter()
                .filter(|(name, _)| names.contains(&name.as_str()))
                .collect())
        })
    }
}

struct World {
    ops: Ops,
    clock: Arc<FixedClock>,
    platform: Arc<Platform>,
}

impl World {
    fn new(db: PgPool) -> Self {
        let start = OffsetDateTime::from_unix_timestamp(START).unwrap();
        let clock = Arc::new(FixedClock::at(start));
        let platform = Arc::new(Platform::default());
        let ops = Ops::new(db, clock.clone()).with(Outside {
            host: Arc::new(GoodMachine),
            gpu: Arc::new(OneCard),
            containers: Arc::new(Engine),
            probe: platform.clone(),
            ..Outside::none()
        });
        Self {
            ops,
            clock,
            platform,
        }
    }

    /// The handbook's stack, at 10.0.0.n.
    async fn with_stack(db: PgPool) -> Self {
        let world = Self::new(db);
        let services = ["postgres", "redis", "backend", "frontend", "n8n"];
        for (place, service) in services.iter().enumerate() {
            let container = Container {
                id: format!("id-{service}"),
                project: "demo".to_owned(),
                service: (*service).to_owned(),
                state: State::Running,
                networks: vec![Network {
                    name: "demo".to_owned(),
                    ip: format!("10.0.0.{}", place + 1),
                }],
                ..Container::default()
            };
            world.insert(&container).await;
        }
        world
    }

    async fn insert(&self, container: &Container) {
        sqlx::query(
            "INSERT INTO container (id, project, service, state, health, since, facts)
             VALUES ($1, $2, $3, $4, 'none', now(), $5)
             ON CONFLICT (id) DO UPDATE SET facts = $5, state = $4",
        )
        .bind(&container.id)
        .bind(&container.project)
        .bind(&container.service)
        .bind(container.state.as_str())
        .bind(serde_json::to_value(container).unwrap())
        .execute(&self.ops.db)
        .await
        .unwrap();
    }

    async fn round(&self) -> Health {
        self.clock.advance(time::Duration::seconds(30));
        run_checks(&self.ops).await.unwrap();
        health(&self.ops, &Actor::system()).await.unwrap()
    }

    async fn text(&self, query: &'static str) -> String {
        sqlx::query_scalar(query)
            .fetch_one(&self.ops.db)
            .await
            .unwrap()
    }
}

fn actor(role: Role) -> Actor {
    Actor {
        who: Who::User {
            id: 1,
            session: Vec::new(),
            proved_at: None,
            has_second_factor: false,
        },
        name: "someone".to_owned(),
        role,
        teams: vec!["platform".to_owned()],
        caller: Caller::default(),
    }
}

fn check<'a>(health: &'a Health, name: &str) -> &'a Check {
    health
        .checks
        .iter()
        .find(|check| check.name == name)
        .unwrap()
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_round_finds_asks_and_stores_every_part(db: PgPool) {
    let world = World::with_stack(db).await;
    let health = world.round().await;
    assert_eq!((health.status, health.reasons), (Status::Ok, vec![]));
    assert_eq!(health.checks.len(), 8);
    let health = world.round().await;
    let database = check(&health, "database");
    assert_eq!(database.target, "postgres://10.0.0.1:5432/ytempire");
    assert_eq!(database.service, "demo/postgres");
    assert_eq!(database.last_success_at, database.checked_at);
    assert_eq!(check(&health, "n8n").target, "http://10.0.0.5:5678/healthz");

    let login = world
        .platform
        .postgres_login
        .lock()
        .unwrap()
        .clone()
        .unwrap();
    assert_eq!(login.user, "ytempire");
    assert_eq!(login.password.unwrap().expose(), PASSWORD);
    let stored = world
        .text("SELECT string_agg(health_check::text, ' ') FROM health_check")
        .await;
    assert!(!stored.contains(PASSWORD));
    let changes = world
        .text("SELECT count(*)::text FROM change WHERE topic = 'health'")
        .await;
    assert_eq!(changes, "2", "one notice a round");
}

#[sqlx::test(migrations = "../../migrations")]
async fn without_a_stack_the_parts_are_unknown_and_no_probe_counts(db: PgPool) {
    let world = World::new(db);
    // The engine has not answered yet: that is why, and nothing is to be set.
    let health = world.round().await;
    let n8n = check(&health, "n8n");
    assert_eq!((n8n.status, n8n.ok), (Status::Unknown, false));
    assert_eq!(
        n8n.detail,
        "the Docker Engine, which would tell where it is, does not answer"
    );
    sqlx::query("UPDATE engine SET reachable = true")
        .execute(&world.ops.db)
        .await
        .unwrap();
    let health = world.round().await;
    assert_eq!(
        check(&health, "n8n").detail,
        "no service of this name was found; set its address in Settings"
    );
    assert_eq!(health.status, Status::Unknown);
    assert_eq!(
        world.text("SELECT count(*)::text FROM health_probe").await,
        "0"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_failure_is_critical_then_a_warning_until_it_leaves_the_window(db: PgPool) {
    let world = World::with_stack(db).await;
    world.round().await;
    let redis = "10.0.0.2:6379".to_owned();
    world.platform.down.lock().unwrap().push(redis);
    let failed = world.round().await;
    let redis = check(&failed, "redis");
    assert_eq!((redis.status, redis.ok), (Status::Critical, false));
    assert_eq!(
        failed.reasons,
        ["redis does not answer: connection refused."]
    );
    assert!(redis.last_success_at < redis.checked_at);

    world.platform.down.lock().unwrap().clear();
    let back = world.round().await;
    let redis = check(&back, "redis");
    assert_eq!((redis.status, redis.ok), (Status::Warning, true));
    let rate = "1 of 3 checks failed, 33.3 %, limit 1 %";
    assert_eq!(redis.summary, format!("fails now and then ({rate})"));
    assert_eq!(redis.detail, rate);
    assert_eq!(
        back.reasons,
        [format!("redis fails now and then ({rate}).")]
    );
    for _ in 0..8 {
        world.round().await;
    }
    let still = world.round().await;
    assert_eq!(check(&still, "redis").status, Status::Warning);
    let gone = world.round().await;
    assert_eq!(check(&gone, "redis").status, Status::Ok);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_stopped_container_is_critical_without_being_asked(db: PgPool) {
    let world = World::with_stack(db).await;
    let stopped = Container {
        id: "id-redis".to_owned(),
        project: "demo".to_owned(),
        service: "redis".to_owned(),
        state: State::Exited,
        ..Container::default()
    };
    world.insert(&stopped).await;
    let health = world.round().await;
    let redis = check(&health, "redis");
    assert_eq!(redis.status, Status::Critical);
    assert_eq!(redis.detail, "its container in demo is exited");
    assert_eq!(redis.service, "demo/redis");
    assert_eq!(world.platform.pings.load(Ordering::SeqCst), 0);
}

impl World {
    /// The engine told of this, so many seconds from now, of the service `redis`.
    async fn tells(&self, action: &str, seconds: i64) {
        let at = self.ops.clock.now() + time::Duration::seconds(seconds);
        let mut tx = self.ops.begin().await.unwrap();
        let event = store::engine_events::NewEvent {
            at,
            time_nano: at.unix_timestamp() * 1_000_000_000,
            container_id: "id-redis".to_owned(),
            project: "demo".to_owned(),
            service: "redis".to_owned(),
            action: action.to_owned(),
            exit_code: (action == "die").then_some(0),
            image: String::new(),
            detail: String::new(),
        };
        store::engine_events::add(&mut tx, &event).await.unwrap();
        let redis = ("demo".to_owned(), "redis".to_owned());
        store::ends::reckon(&mut tx, &[redis]).await.unwrap();
        Ops::commit(tx).await.unwrap();
    }

    /// Redis stands so.
    async fn redis_is(&self, state: State) {
        let mut redis = Container {
            id: "id-redis".to_owned(),
            project: "demo".to_owned(),
            service: "redis".to_owned(),
            state,
            ..Container::default()
        };
        redis.networks = vec![Network {
            name: "demo".to_owned(),
            ip: "10.0.0.2".to_owned(),
        }];
        self.insert(&redis).await;
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_failed_while_it_was_restarted_on_purpose_is_no_error(db: PgPool) {
    let world = World::with_stack(db).await;
    world.round().await;
    for (action, seconds) in [("kill", 1), ("die", 10), ("stop", 10)] {
        world.tells(action, seconds).await;
    }
    world.redis_is(State::Exited).await;
    let stopped = world.round().await;
    let redis = check(&stopped, "redis");
    assert_eq!((redis.status, redis.ok), (Status::Warning, false));
    assert_eq!(redis.summary, "is stopped");
    // It runs again and does not answer yet.
    world.tells("start", 1).await;
    world.redis_is(State::Running).await;
    let address = "10.0.0.2:6379".to_owned();
    world.platform.down.lock().unwrap().push(address.clone());
    let starting = world.round().await;
    assert_eq!(check(&starting, "redis").status, Status::Critical);
    world.platform.down.lock().unwrap().clear();
    let back = world.round().await;
    let redis = check(&back, "redis");
    assert_eq!(
        (redis.status, redis.summary.as_str()),
        (Status::Ok, "answers")
    );
    // What fails from here on counts.
    world.platform.down.lock().unwrap().push(address);
    world.round().await;
    world.platform.down.lock().unwrap().clear();
    let flaky = world.round().await;
    assert!(
        check(&flaky, "redis")
            .summary
            .contains("1 of 4 checks failed")
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_failed_while_it_had_crashed_counts(db: PgPool) {
    let world = World::with_stack(db).await;
    world.round().await;
    world.tells("die", 10).await;
    world.redis_is(State::Exited).await;
    let down = world.round().await;
    assert_eq!(check(&down, "redis").status, Status::Critical);
    world.tells("start", 1).await;
    world.redis_is(State::Running).await;
    let back = world.round().await;
    assert_eq!(check(&back, "redis").status, Status::Warning);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_address_that_can_not_be_reached_gives_way_to_the_published_port(db: PgPool) {
    let world = World::with_stack(db).await;
    let container = Container {
        id: "id-frontend".to_owned(),
        project: "demo".to_owned(),
        service: "frontend".to_owned(),
        state: State::Running,
        networks: vec![Network {
            name: "demo".to_owned(),
            ip: "10.0.0.4".to_owned(),
        }],
        ports: vec![types::deployment::Port {
            host_ip: "0.0.0.0".to_owned(),
            host_port: Some(13_000),
            container_port: 3000,
            protocol: "tcp".to_owned(),
        }],
        ..Container::default()
    };
    world.insert(&container).await;
    world
        .platform
        .down
        .lock()
        .unwrap()
        .push("10.0.0.4:3000".to_owned());
    let health = world.round().await;
    let frontend = check(&health, "frontend");
    assert_eq!(
        (frontend.status, frontend.target.as_str()),
        (Status::Ok, "http://127.0.0.1:13000/")
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_path_that_answered_is_asked_first_next_time(db: PgPool) {
    let world = World::with_stack(db).await;
    *world.platform.paths.lock().unwrap() = vec!["/healthz", "/"];
    let backend = "10.0.0.3:8000";
    assert_eq!(
        check(&world.round().await, "backend").target,
        format!("http://{backend}/healthz")
    );
    let first = ["/health", "/healthz", "/metrics"].map(|path| format!("{backend}{path}"));
    assert_eq!(world.platform.asked(backend), first);
    world.platform.asked.lock().unwrap().clear();
    assert_eq!(check(&world.round().await, "backend").status, Status::Ok);
    let second = ["/healthz", "/metrics"].map(|path| format!("{backend}{path}"));
    assert_eq!(world.platform.asked(backend), second);
    *world.platform.paths.lock().unwrap() = vec![];
    let health = world.round().await;
    assert_eq!(check(&health, "backend").status, Status::Critical);
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_backends_own_counters_give_its_error_rate(db: PgPool) {
    let world = World::with_stack(db).await;
    let says = |requests: u32, errors: u32| {
        *world.platform.metrics.lock().unwrap() =
            format!("api_requests_total{{path=\"/\"}} {requests}\napi_errors_total {errors}\n");
    };
    says(1_000, 900);
    assert_eq!(
        check(&world.round().await, "backend").status,
        Status::Ok,
        "what was before does not count"
    );
    says(2_000, 910);
    assert_eq!(check(&world.round().await, "backend").status, Status::Ok);
    says(3_000, 1_000);
    let health = world.round().await;
    let backend = check(&health, "backend");
    assert_eq!((backend.status, backend.ok), (Status::Warning, true));
    assert_eq!(
        backend.detail,
        "100 of 2000 requests ended in an error, 5 %, limit 1 %"
    );
    assert!(backend.summary.starts_with("fails some requests ("));
    let since = backend.since;
    says(4_000, 2_000);
    let often = world.round().await;
    let often = check(&often, "backend");
    assert_eq!((often.status, often.ok), (Status::Critical, true));
    assert!(often.summary.starts_with("fails often ("));
    assert!(often.since > since, "that is another trouble");
    let figures = backend.figures.iter();
    let rates: Vec<&str> = figures
        .map(|figure| figure.name.as_str())
        .filter(|name| name.starts_with("error rate"))
        .collect();
    assert_eq!(
        rates,
        ["error rate of requests", "error rate of checks"],
        "programs know them apart"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn callers_share_the_round_that_is_under_way(db: PgPool) {
    let world = World::with_stack(db).await;
    world.platform.gate.forget_permits(1_000);
    let system = Actor::system();
    let first = verify_now(&world.ops, &system);
    let second = verify_now(&world.ops, &system);
    let open = async {
        // Both have recorded what they are about to do before they join the round.
        while world
            .text("SELECT count(*)::text FROM audit WHERE action = 'verification.run'")
            .await
            != "2"
            || world.platform.pings.load(Ordering::SeqCst) == 0
        {
            tokio::task::yield_now().await;
        }
        let third = run_checks(&world.ops);
        world.platform.gate.add_permits(1);
        third.await
    };
    let (first, second, third) = tokio::join!(first, second, open);
    third.unwrap();
    assert_eq!(first.unwrap().status, Status::Ok);
    assert_eq!(second.unwrap().status, Status::Ok);
    assert_eq!(world.platform.pings.load(Ordering::SeqCst), 1);
    world.platform.gate.add_permits(1);
    run_checks(&world.ops).await.unwrap();
    assert_eq!(
        world.platform.pings.load(Ordering::SeqCst),
        2,
        "a round that has ended is not shared"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn only_those_who_operate_services_may_ask_for_a_round(db: PgPool) {
    let world = World::with_stack(db).await;
    for role in [Role::Viewer, Role::Engineer] {
        let refused = verify_now(&world.ops, &actor(role)).await.unwrap_err();
        assert!(
            matches!(refused, Fault::Told(Error::Forbidden { .. })),
            "{role:?}"
        );
    }
    let leads_nothing = Actor {
        teams: Vec::new(),
        ..actor(Role::TeamLead)
    };
    let refused = verify_now(&world.ops, &leads_nothing).await.unwrap_err();
    assert!(
        matches!(refused, Fault::Told(Error::Forbidden { .. })),
        "a lead of no team"
    );
    assert_eq!(world.platform.pings.load(Ordering::SeqCst), 0);
    for role in [Role::TeamLead, Role::Cto] {
        verify_now(&world.ops, &actor(role)).await.unwrap();
    }
    // The refusals are of the same name within a minute.
    assert_eq!(
        world
            .text("SELECT string_agg(result, ',' ORDER BY id) FROM audit WHERE action = 'verification.run'")
            .await,
        "refused,success,success"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_address_set_by_hand_is_asked_and_its_password_never_shown(db: PgPool) {
    let world = World::with_stack(db).await;
    let (ops, cto) = (&world.ops, actor(Role::Cto));
    let url = format!("postgres://root:{PASSWORD}@db.local:5433/ytempire");
    set_target(ops, &cto, "database", &url).await.unwrap();
    set_target(ops, &cto, "backend", "http://api.local/health")
        .await
        .unwrap();
    let health = world.round().await;
    let database = check(&health, "database");
    assert_eq!(database.target, "postgres://db.local:5433/ytempire");
    assert_eq!(database.service, "");
    let login = world.platform.postgres_login.lock().unwrap().clone();
    assert_eq!(login.unwrap().password.unwrap().expose(), PASSWORD);

    let shown = targets(ops, &cto).await.unwrap();
    assert_eq!(
        shown[0].url,
        "postgres://root:********@db.local:5433/ytempire"
    );
    assert_eq!(shown[0].found, "demo/postgres at 10.0.0.1:5432");
    assert_eq!(shown[1].url, "");
    set_target(ops, &cto, "database", &shown[0].url)
        .await
        .unwrap();
    let stored = world
        .text("SELECT value::text FROM setting WHERE key = 'verification.targets'")
        .await;
    assert!(
        !stored.contains("db.local") && stored.contains("sealed:"),
        "{stored}"
    );
    let kept = super::targets::stored(ops).await.unwrap();
    assert_eq!(
        kept["database"].as_ref(),
        Ok(&url),
        "the mask keeps the password"
    );
    let other = ops.clone().with_seal(crate::secrets::Seal::of_process());
    let shown_to_other = targets(&other, &cto).await.unwrap();
    assert_eq!(shown_to_other[0].url, "");
    assert!(shown_to_other[0].found.contains("key file is missing"));
    let moved = shown[0].url.replace("db.local", "evil.example");
    let refused = set_target(ops, &cto, "database", &moved).await.unwrap_err();
    assert!(refused.told().unwrap().of_field("url").is_some());

    set_target(ops, &cto, "database", "").await.unwrap();
    assert_eq!(targets(ops, &cto).await.unwrap()[0].url, "");
    assert_eq!(
        targets(ops, &cto).await.unwrap()[2].url,
        "http://api.local/health",
        "the other one stays"
    );
    let audit = world
        .text("SELECT string_agg(audit::text, ' ') FROM audit")
        .await;
    assert!(audit.contains("db.local") && !audit.contains(PASSWORD));
}

#[sqlx::test(migrations = "../../migrations")]
async fn targets_are_for_those_who_manage_and_what_is_wrong_is_named(db: PgPool) {
    let world = World::new(db);
    for role in [Role::Viewer, Role::Engineer, Role::TeamLead] {
        let actor = actor(role);
        assert!(targets(&world.ops, &actor).await.is_err());
        let set = set_target(&world.ops, &actor, "redis", "redis://h");
        assert!(set.await.is_err());
    }
    let cto = actor(Role::Cto);
    for (name, url, field) in [
        ("disk", "http://h", "name"),
        ("'; DROP TABLE setting; --", "http://h", "name"),
        ("redis", "http://h", "url"),
        ("backend", "https://h", "url"),
    ] {
        let refused = set_target(&world.ops, &cto, name, url).await.unwrap_err();
        assert!(refused.told().unwrap().of_field(field).is_some(), "{name}");
    }
    assert_eq!(world.text("SELECT count(*)::text FROM setting").await, "0");
}

#[sqlx::test(migrations = "../../migrations")]
async fn thresholds_that_are_set_count_in_the_next_round(db: PgPool) {
    let world = World::with_stack(db).await;
    let strict = Thresholds {
        max_memory_usage: 0.4,
        ..Thresholds::default()
    };
    let lead = actor(Role::TeamLead);
    assert!(
        set_thresholds(&world.ops, &lead, strict.clone())
            .await
            .is_err()
    );
    assert_eq!(check(&world.round().await, "memory").status, Status::Ok);
    set_thresholds(&world.ops, &actor(Role::Cto), strict)
        .await
        .unwrap();
    let health = world.round().await;
    assert_eq!(check(&health, "memory").status, Status::Warning);
    assert_eq!(
        world
            .text("SELECT count(*)::text FROM audit WHERE action = 'settings.thresholds'")
            .await,
        "1"
    );
}

#[tokio::test(start_paused = true)]
async fn a_check_that_hangs_is_unknown_in_the_end() {
    let finding = bounded(std::future::pending()).await;
    let check = finding.check("gpu");
    assert_eq!((check.status, check.ok), (Status::Unknown, false));
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_machine_is_looked_at_anew_when_the_engine_falls_silent_or_is_back(db: PgPool) {
    let world = World::with_stack(db).await;
    let looks = Arc::new(Looks::default());
    let ops = world.ops.clone().with(Outside {
        gpu: looks.clone(),
        ..world.ops.outside.clone()
    });
    let stands = async |reachable: bool| {
        sqlx::query("UPDATE engine SET reachable = $1, as_of = $2")
            .bind(reachable)
            .bind(ops.clock.now())
            .execute(&ops.db)
            .await
            .unwrap();
        ops.stack.forget();
    };
    let viewer = actor(Role::Viewer);
    for (turn, reachable) in [true, false, true].into_iter().enumerate() {
        stands(reachable).await;
        preflight(&ops, &viewer).await.unwrap();
        preflight(&ops, &viewer).await.unwrap();
        let looked = looks.0.load(Ordering::SeqCst);
        assert_eq!(
            looked,
            turn + 1,
            "what was found is kept while it stands so"
        );
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_engine_that_hangs_holds_nobody_up(db: PgPool) {
    let world = World::with_stack(db).await;
    let hung = Arc::new(Hung::default());
    let ops = world.ops.clone().with(Outside {
        containers: hung.clone(),
        ..world.ops.outside.clone()
    });
    let viewer = actor(Role::Viewer);
    // Nobody has read it yet, so it is asked; not for as long as an adapter may take, though.
    let limit = Duration::from_secs(30);
    let found = tokio::time::timeout(limit, preflight(&ops, &viewer));
    let found = found.await.unwrap().unwrap();
    let docker = |found: &Preflight| {
        let named = found.requirements.iter().find(|one| one.name == "docker");
        named.unwrap().clone()
    };
    assert_eq!(docker(&found).status, Status::Critical);
    assert!(docker(&found).found.contains("within 2 s"), "{found:?}");

    // What was found is told for a while without asking again.
    let asked = hung.asked.load(Ordering::SeqCst);
    assert_eq!(preflight(&ops, &viewer).await.unwrap(), found);
    assert_eq!(hung.asked.load(Ordering::SeqCst), asked);
    // The overview does not wait for the next look, which goes on aside.
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(31)).await;
    tokio::time::resume();
    assert_eq!(crate::preflight::last(&ops, false).await.unwrap(), found);
    assert_eq!(hung.asked.load(Ordering::SeqCst), asked);
    while hung.asked.load(Ordering::SeqCst) == asked {
        tokio::task::yield_now().await;
    }
    // Until someone judges by other thresholds.
    let cto = actor(Role::Cto);
    let thresholds = Thresholds {
        min_cores: 64,
        ..Thresholds::default()
    };
    set_thresholds(&ops, &cto, thresholds).await.unwrap();
    assert_ne!(preflight(&ops, &viewer).await.unwrap(), found);

    // That it does not answer is known: the containers are those that were read last.
    sqlx::query("UPDATE engine SET reachable = false, as_of = now(), unreachable_since = now()")
        .execute(&ops.db)
        .await
        .unwrap();
    let asked = hung.asked.load(Ordering::SeqCst);
    assert_eq!(candidates(&ops).await.unwrap().len(), 5);
    assert_eq!(hung.asked.load(Ordering::SeqCst), asked);
}
