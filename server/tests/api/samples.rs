//! What the meters say, asked for by programs and followed second by second.

use std::{collections::BTreeMap, sync::Arc};

use axum::http::StatusCode;
use ops::{
    Actor, Fault, Ops,
    outside::{Clock, FixedClock},
    resources::{self, Taken, finish},
};
use serde_json::{Value, json};
use server::config::Config;
use sqlx::PgPool;
use time::{Duration, OffsetDateTime, macros::datetime};
use types::{
    Role,
    charts::{Asked, Pulse, Range, Subject},
    resources::{Frame, Series, SeriesKey},
};

use crate::{console::Console, services, stream::Events};

const START: OffsetDateTime = datetime!(2026-11-19 12:00 UTC);

/// A console whose clock the test owns, and the numbers of its two series: of memory and of a container.
struct World {
    console: Console,
    clock: Arc<FixedClock>,
    memory: i32,
    container: i32,
}

impl World {
    async fn new(db: PgPool) -> Self {
        let clock = Arc::new(FixedClock::at(START));
        let ops = Ops::new(db.clone(), Arc::clone(&clock) as Arc<dyn Clock>);
        ops.meters.set_own_host("own");
        let began = [
            (0, series("system.memory.usage")),
            (1, series("container.memory.usage")),
        ];
        ops.meters.begin("own", &began);
        let mut world = Self {
            console: Console::over(db, ops, &Config::default()),
            clock,
            memory: 0,
            container: 0,
        };
        world.take(1.0);
        finish(&world.console.ops).await;
        let token = world.console.token(Role::Viewer).await;
        let listed = world.console.get("/api/v1/series", &token).await.json();
        let id = |name: &str| {
            let all = listed["series"].as_array().unwrap();
            let found = all.iter().find(|one| one["key"]["name"] == name);
            i32::try_from(found.unwrap()["id"].as_i64().unwrap()).unwrap()
        };
        (world.memory, world.container) = (id("system.memory.usage"), id("container.memory.usage"));
        world
    }

    /// A second later, both series have this value.
    fn take(&self, value: f64) -> i64 {
        self.clock.advance(Duration::SECOND);
        let at = self.now();
        let samples = vec![(0, value), (1, value)];
        let taken = self
            .console
            .ops
            .meters
            .take("own", Frame { at, samples }, true);
        assert_eq!(taken, Taken::Taken);
        at
    }

    fn now(&self) -> i64 {
        i64::try_from(self.clock.now().unix_timestamp_nanos() / 1_000_000).unwrap()
    }

    async fn follow(&self, query: &str, token: &str) -> Events {
        let path = format!("/api/v1/stream?{query}");
        Events::open(&self.console, &path, token, None).await
    }

    /// A token of a CTO that is confined to a team.
    async fn confined(&self) -> String {
        let team = "INSERT INTO team (name, created_at) VALUES ('video', now()) RETURNING id";
        let team: i64 = sqlx::query_scalar(team)
            .fetch_one(&self.console.db)
            .await
            .unwrap();
        self.console.make_token(Role::Cto, Some(team)).await.1
    }
}

fn series(name: &str) -> Series {
    Series {
        key: SeriesKey {
            name: name.to_owned(),
            attributes: BTreeMap::from([("state".to_owned(), "used".to_owned())]),
        },
        unit: "By".to_owned(),
    }
}

async fn pulse(events: &mut Events) -> Pulse {
    let event = events.next().await.unwrap();
    assert_eq!(
        (event.name.as_str(), event.id),
        ("samples", None),
        "{event:?}"
    );
    serde_json::from_str(&event.data).unwrap()
}

#[sqlx::test(migrations = "../migrations")]
async fn hosts_series_and_points_are_told(db: PgPool) {
    let world = World::new(db).await;
    let token = world.console.token(Role::Viewer).await;
    let first = world.now();
    world.take(2.0);
    let hosts = world.console.get("/api/v1/hosts", &token).await.json();
    assert_eq!(hosts, json!({"hosts": [{"name": "own", "newest": first}]}));
    let path = "/api/v1/series?host=own&name=system.memory.usage";
    let listed = world.console.get(path, &token).await.json();
    let expected = json!({
        "id": world.memory,
        "key": {"name": "system.memory.usage", "attributes": {"state": "used"}},
        "unit": "By",
        "ended_at": null,
    });
    assert_eq!(listed, json!({"series": [expected], "next": null}));
    // One stored, one heard since; the end is not in the range.
    let both = json!([[first, 1.0, 1.0, 1.0], [first + 1_000, 2.0, 2.0, 2.0]]);
    let one = json!([[first, 1.0, 1.0, 1.0]]);
    for (query, expected) in [
        ("", &both),
        ("?from=1795089600000&points=2", &both),
        ("?from=2026-11-19T12:00:01Z&to=2026-11-19T12:00:02Z", &one),
        (
            "?from=2026-11-19T13:00:01%2B01:00&to=2026-11-19T13:00:02+01:00",
            &one,
        ),
        ("?to=5", &json!([])),
    ] {
        let path = format!("/api/v1/series/{}/points{query}", world.memory);
        let answer = world.console.get(&path, &token).await;
        assert_eq!(answer.json(), *expected, "{query}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn series_that_ended_are_listed_when_asked_for_and_so_many_at_once(db: PgPool) {
    let world = World::new(db.clone()).await;
    let token = world.console.token(Role::Viewer).await;
    let many = "INSERT INTO resource_series (host_id, name, attributes, unit, ended_at)
         SELECT id, 'gone', jsonb_build_object('number', number::text), 'By', 1
         FROM resource_host, generate_series(1, 5000) AS number WHERE name = 'own'";
    sqlx::query(many).execute(&db).await.unwrap();
    let list = async |query: &str| {
        let path = format!("/api/v1/series{query}");
        let listed = world.console.get(&path, &token).await.json();
        let count = listed["series"].as_array().unwrap().len();
        (count, listed["next"].as_i64())
    };
    assert_eq!(list("").await, (2, None));
    assert_eq!(list("?ended=false&name=gone").await, (0, None));
    let (count, next) = list("?ended=true").await;
    assert_eq!(count, 5_000);
    let after = format!("?ended=true&after={}", next.unwrap());
    assert_eq!(list(&after).await, (2, None));
    let odd = world.console.get("/api/v1/series?ended=1", &token).await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_token_of_one_team_sees_no_containers(db: PgPool) {
    let world = World::new(db).await;
    let token = world.confined().await;
    let listed = world.console.get("/api/v1/series", &token).await.json();
    assert_eq!(listed["series"].as_array().unwrap().len(), 1);
    let path = format!("/api/v1/series/{}/points", world.container);
    let answer = world.console.get(&path, &token).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let mut events = world.follow("samples=own", &token).await;
    assert_eq!(
        pulse(&mut events).await.samples,
        [(world.memory, Some(1.0))]
    );
    world.take(3.0);
    assert_eq!(
        pulse(&mut events).await.samples,
        [(world.memory, Some(3.0))]
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn samples_come_second_by_second_beside_changes(db: PgPool) {
    let world = World::new(db).await;
    let following = tokio::spawn(
        world
            .console
            .ops
            .live
            .clone()
            .follow(world.console.db.clone()),
    );
    let token = world.console.token(Role::Viewer).await;
    let first = world.now();
    let mut events = world.follow("topics=health&samples=", &token).await;
    let mut told = pulse(&mut events).await;
    told.samples.sort_by_key(|sample| sample.0);
    let (memory, container) = (world.memory, world.container);
    let all = vec![(memory, Some(1.0)), (container, Some(1.0))];
    assert_eq!(
        told,
        Pulse {
            host: "own".to_owned(),
            at: first,
            before: 0,
            samples: all
        }
    );
    // What the database's numbers are is news to this console's listeners.
    world.take(1.0);
    assert_eq!(pulse(&mut events).await.samples.len(), 2);
    let at = world.take(1.0);
    let told = pulse(&mut events).await;
    assert_eq!(
        told,
        Pulse {
            host: "own".to_owned(),
            at,
            before: at - 1_000,
            samples: vec![]
        }
    );
    let id = crate::stream::publish(&world.console, types::live::Topic::Health, "redis").await;
    let change = events.next().await.unwrap();
    assert_eq!((change.name.as_str(), change.id), ("", Some(id)));
    following.abort();
}

#[sqlx::test(migrations = "../migrations")]
async fn one_stream_tells_of_several_hosts_each_by_its_name(db: PgPool) {
    let world = World::new(db).await;
    let ops = &world.console.ops;
    ops.meters
        .begin("gpu,2", &[(0, series("system.memory.usage"))]);
    let of_other = |at: i64, value: f64| {
        let samples = vec![(0, value)];
        let taken = ops.meters.take("gpu,2", Frame { at, samples }, true);
        assert_eq!(taken, Taken::Taken);
    };
    of_other(world.now(), 7.0);
    finish(ops).await;
    let since = world.now();
    let token = world.console.token(Role::Viewer).await;
    // A name may have a comma; who is named twice is told of once.
    let query = "samples=&samples=gpu%2C2&samples=own&topics=health";
    let next = async |events: &mut Events| {
        let mut told = [pulse(events).await, pulse(events).await];
        told.sort_by(|one, other| one.host.cmp(&other.host));
        told
    };
    let mut events = world.follow(query, &token).await;
    let [other, own] = next(&mut events).await;
    assert_eq!((other.host.as_str(), other.before), ("gpu,2", 0));
    assert_eq!((own.host.as_str(), own.before), ("own", 0));
    let at = world.take(2.0);
    of_other(at, 8.0);
    let [other, own] = next(&mut events).await;
    assert_eq!((other.host.as_str(), other.at), ("gpu,2", at));
    assert_eq!(
        other.samples.iter().map(|one| one.1).collect::<Vec<_>>(),
        [Some(8.0)]
    );
    assert_eq!((own.host.as_str(), own.at), ("own", at));
    assert_eq!((own.before, other.before), (since, since));
    // Both go on after what is there already.
    let mut again = world
        .follow(&format!("{query}&since={since}"), &token)
        .await;
    let [other, own] = next(&mut again).await;
    assert_eq!((other.at, own.at), (at, at));
    assert_eq!((other.before, own.before), (0, 0));
}

#[sqlx::test(migrations = "../migrations")]
async fn who_comes_back_or_is_too_slow_gets_what_is_in_memory(db: PgPool) {
    let world = World::new(db).await;
    let token = world.console.token(Role::Viewer).await;
    let since = world.take(2.0);
    world.take(3.0);
    let last = world.take(4.0);
    let mut events = world
        .follow(&format!("samples=own&since={since}"), &token)
        .await;
    let first = pulse(&mut events).await;
    assert_eq!(
        (first.at, first.before, first.samples.len()),
        (since + 1_000, 0, 2)
    );
    let next = pulse(&mut events).await;
    assert_eq!((next.at, next.before), (last, since + 1_000));
    // Nobody reads for a while: more than is held for a page.
    for value in 0..40_u8 {
        world.take(f64::from(value));
    }
    let again = pulse(&mut events).await;
    assert_eq!((again.at, again.before), (world.now(), 0));
    assert_eq!(again.samples[0].1, Some(39.0));
}

#[sqlx::test(migrations = "../migrations")]
async fn a_stream_that_begins_before_there_is_anything_begins_with_everything(db: PgPool) {
    let world = World::new(db).await;
    let token = world.console.token(Role::Viewer).await;
    let since = world.now();
    let mut events = world
        .follow(&format!("samples=own&since={since}"), &token)
        .await;
    world.take(1.0);
    let first = pulse(&mut events).await;
    assert_eq!((first.before, first.samples.len()), (0, 2));
    let none: Vec<Value> = Vec::new();
    let refused = world
        .console
        .get("/api/v1/stream?samples=other", &token)
        .await
        .problem();
    assert_eq!(refused["errors"], json!(none));
    assert_eq!(refused["status"], 404);
}

#[sqlx::test(migrations = "../migrations")]
async fn what_became_of_samples_is_among_the_figures(db: PgPool) {
    let world = World::new(db).await;
    world.console.ops.meters.set_expose(Box::new(|answer| {
        let _ = answer.send("node_load1 0.5\n".to_owned());
    }));
    let token = world.console.token(Role::Viewer).await;
    let text = world.console.get("/metrics", &token).await.text();
    for line in [
        "ytops_samples_taken_total 2\n",
        "ytops_samples_refused_total 0\n",
        "ytops_sample_frames_dropped_total 0\n",
        "ytops_sample_flush_seconds_count 1\n",
        "\nnode_load1 0.5\n",
    ] {
        assert!(text.contains(line), "{line} lacks in {text}");
    }
}

/// A series of a container of the service `service` of the project `demo`.
fn of_service(service: &str) -> Series {
    let attributes = [
        ("container.name", format!("demo-{service}-1")),
        ("service.name", service.to_owned()),
        ("service.namespace", "demo".to_owned()),
    ];
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value));
    Series {
        key: SeriesKey {
            name: "container.cpu.usage".to_owned(),
            attributes: BTreeMap::from(attributes),
        },
        unit: "{cpu}".to_owned(),
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_service_has_charts_of_its_own_for_those_who_see_it(db: PgPool) {
    let (console, _engine) = services::console(db).await;
    let ops = &console.ops;
    let own = ops.meters.own_host();
    ops.meters.begin(
        &own,
        &[(0, of_service("backend")), (1, of_service("redis"))],
    );
    let at = ops.clock.now().unix_timestamp() * 1_000;
    let samples = vec![(0, 0.5), (1, 0.25)];
    ops.meters.take(&own, Frame { at, samples }, true);
    finish(ops).await;
    let of_team = Actor {
        teams: vec!["video".to_owned()],
        who: ops::Who::Token { id: 1 },
        ..Actor::system()
    };
    let ask = async |actor: &Actor, service: &str| {
        let asked = Asked {
            subject: Subject::Service {
                project: "demo".to_owned(),
                service: service.to_owned(),
            },
            range: Range::Last(60),
            points: 300,
            before_s: 0,
        };
        resources::charts(ops, actor, &asked).await
    };
    for (actor, service, value) in [
        (Actor::system(), "backend", 0.5),
        (Actor::system(), "redis", 0.25),
        (of_team.clone(), "backend", 0.5),
    ] {
        let told = ask(&actor, service).await.unwrap();
        assert_eq!(told.charts.len(), 1);
        let [line] = &told.charts[0].lines[..] else {
            panic!("{told:?}")
        };
        assert_eq!(
            (line.label.as_str(), &line.points.mean),
            (&*format!("demo-{service}-1"), &vec![value])
        );
    }
    for (actor, service) in [
        (&of_team, "redis"),
        (&of_team, "none"),
        (&Actor::system(), "none"),
    ] {
        let told = ask(actor, service).await;
        assert!(
            matches!(told, Err(Fault::Told(types::Error::NotFound { .. }))),
            "{service}"
        );
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn what_is_heard_while_the_database_is_away_is_written_when_it_is_back(db: PgPool) {
    let world = World::new(db).await;
    let mut away = world.console.ops.clone();
    away.db = store::nowhere().await;
    let first = world.now();
    for minute in 0..10_u8 {
        for _ in 0..60 {
            world.take(f64::from(minute));
        }
        finish(&away).await;
    }
    finish(&world.console.ops).await;
    // Another console has heard nothing: what it tells is stored.
    let other = Ops::new(
        world.console.db.clone(),
        Arc::clone(&world.clock) as Arc<dyn Clock>,
    );
    let (from, to) = (first, world.now() + 1);
    let told = resources::points(&other, &Actor::system(), &[world.memory], from, to, 2_000).await;
    let told = told.unwrap().remove(0).points;
    assert_eq!(told.len(), 601);
    assert!(told.windows(2).all(|pair| pair[1].0 - pair[0].0 == 1_000));
}
