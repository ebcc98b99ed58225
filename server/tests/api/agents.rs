//! Samples of other hosts: taken once each, for the host that the token is for, and within bounds.

use axum::http::StatusCode;
use ops::{Actor, Ops, identity::tokens, outside::Clock, resources};
use serde_json::{Value, json};
use server::{adapters::SystemClock, config::Config};
use sqlx::PgPool;
use types::{Role, identity::TokenRequest};

use crate::console::{Answer, Console};

const PATH: &str = "/api/v1/samples";

/// A time in the past, in milliseconds since 1970, at a whole second.
fn start() -> i64 {
    let now = SystemClock.now().unix_timestamp();
    (now - 600) * 1_000
}

fn named(number: u32) -> Value {
    json!({"number": number, "name": "system.memory.usage", "unit": "By",
           "attributes": {"system.memory.state": format!("s{number}")}})
}

fn tick(at: i64, value: f64) -> Value {
    json!({"at": at, "numbers": [0, 1], "values": [value, value + 1.0]})
}

/// A first batch of `host`: two series, a tick at each of `ats`.
fn first(host: &str, session: u32, ats: &[i64]) -> Value {
    let ticks: Vec<Value> = ats.iter().map(|at| tick(*at, 1.0)).collect();
    json!({"host": host, "session": session, "begins": true, "named": [named(0), named(1)], "ticks": ticks})
}

/// A further one.
fn next(host: &str, session: u32, ats: &[i64]) -> Value {
    let mut batch = first(host, session, ats);
    batch["begins"] = json!(false);
    batch["named"] = json!([]);
    batch
}

fn gpu_error(card: &str, xid: u64) -> Value {
    json!({"uuid": "GPU-5d1c", "card": card, "xid": xid})
}

async fn send(console: &Console, token: &str, batch: &Value) -> Answer {
    console.post(PATH, token, batch.to_string()).await
}

/// Sends what must be taken.
async fn sent(console: &Console, token: &str, batch: &Value) -> Value {
    let answer = send(console, token, batch).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

async fn agent(console: &Console, host: Option<&str>) -> (i64, String) {
    let request = TokenRequest {
        name: console.free_name("agent").await,
        role: Role::Agent,
        team: None,
        days: 1,
        host: host.map(str::to_owned),
    };
    let made = tokens::create(&console.ops, &Actor::system(), &request)
        .await
        .unwrap();
    (made.token.id, made.secret)
}

/// Times and values of every series of a host, by its attribute.
async fn stored(ops: &Ops, host: &str) -> Vec<(String, Vec<(i64, f64)>)> {
    let system = Actor::system();
    let query = resources::SeriesQuery::all(host, None);
    let all = resources::series(ops, &system, query).await.unwrap();
    let mut told = Vec::new();
    for one in all.series {
        let (from, to) = (start() - 600_000, start() + 700_000);
        let ids = [one.id];
        let points = resources::points(ops, &system, &ids, from, to, 2_000);
        let points = points.await.unwrap().remove(0).points;
        let name = one.series.key.attributes["system.memory.state"].clone();
        told.push((
            name,
            points.iter().map(|(at, _, mean, _)| (*at, *mean)).collect(),
        ));
    }
    told.sort_by(|a: &(String, _), b| a.0.cmp(&b.0));
    told
}

/// The times of the first series.
async fn times(ops: &Ops, host: &str) -> Vec<i64> {
    let all = stored(ops, host).await;
    all[0].1.iter().map(|(at, _)| *at).collect()
}

#[sqlx::test(migrations = "../migrations")]
async fn what_is_sent_is_stored_once_however_often_it_comes(db: PgPool) {
    let console = Console::new(db);
    let (_, token) = agent(&console, None).await;
    let t = start();
    let batch = first("gpu-2", 1, &[t, t + 1_000]);
    let told = sent(&console, &token, &batch).await;
    let all = json!({"is_known": true, "taken_until": t + 1_000, "stored_until": 0});
    assert_eq!(told, all);
    // Its answer was lost: the same again, then what overlaps, then what is older.
    assert_eq!(sent(&console, &token, &batch).await, all);
    let more = next("gpu-2", 1, &[t + 1_000, t + 2_000]);
    let told = sent(&console, &token, &more).await;
    assert_eq!(told["taken_until"], t + 2_000);
    sent(&console, &token, &next("gpu-2", 1, &[t - 5_000])).await;
    resources::finish(&console.ops).await;
    let told = sent(&console, &token, &next("gpu-2", 1, &[t + 3_000])).await;
    assert_eq!(told["stored_until"], t + 2_000);
    resources::finish(&console.ops).await;
    let each = |value: f64| (0..4).map(|n| (t + n * 1_000, value)).collect::<Vec<_>>();
    let expected = vec![("s0".to_owned(), each(1.0)), ("s1".to_owned(), each(2.0))];
    assert_eq!(stored(&console.ops, "gpu-2").await, expected);
    let tally = console.ops.meters.counted();
    assert_eq!((tally.refused, tally.counts.refused), (0, 0), "{tally:?}");
}

/// Errors of GPUs come with the tick that found them, and as seldom twice.
#[sqlx::test(migrations = "../migrations")]
async fn errors_of_gpus_are_stored_once(db: PgPool) {
    let console = Console::new(db.clone());
    let (_, token) = agent(&console, None).await;
    let t = start();
    let mut batch = first("gpu-2", 1, &[t, t + 1_000]);
    batch["ticks"][1]["errors"] = json!([gpu_error("GPU 0", 79), gpu_error("GPU 0", 31)]);
    sent(&console, &token, &batch).await;
    sent(&console, &token, &batch).await;
    resources::finish(&console.ops).await;
    // The console is killed before the samples are stored, after the errors were.
    let again = Console::new(db.clone());
    sqlx::query("UPDATE resource_host SET stored_until = 0")
        .execute(&db)
        .await
        .unwrap();
    sent(&again, &token, &batch).await;
    resources::finish(&again.ops).await;
    let told =
        sqlx::query_as::<_, (i64, String, i64)>("SELECT at, card, xid FROM gpu_error ORDER BY xid");
    let expected = [31, 79].map(|xid| (t + 1_000, "GPU 0".to_owned(), xid));
    assert_eq!(told.fetch_all(&db).await.unwrap(), expected);
}

/// A process that is killed loses what it held in memory; the agent has it yet.
#[sqlx::test(migrations = "../migrations")]
async fn a_console_that_starts_anew_is_told_what_it_had_not_stored(db: PgPool) {
    let console = Console::new(db.clone());
    let (_, token) = agent(&console, Some("gpu-2")).await;
    let t = start();
    let at = |numbers: std::ops::Range<i64>| numbers.map(|n| t + n * 1_000).collect::<Vec<_>>();
    sent(&console, &token, &first("gpu-2", 1, &at(0..10))).await;
    resources::finish(&console.ops).await;
    let told = sent(&console, &token, &next("gpu-2", 1, &at(10..15))).await;
    assert_eq!(told["stored_until"], t + 9_000);
    drop(console);
    let console = Console::new(db);
    let told = sent(&console, &token, &next("gpu-2", 1, &at(15..17))).await;
    assert_eq!(
        told,
        json!({"is_known": false, "taken_until": t + 9_000, "stored_until": t + 9_000})
    );
    // What was stored meanwhile comes along: the agent may not have heard of it.
    let told = sent(&console, &token, &first("gpu-2", 1, &at(8..17))).await;
    assert_eq!(told["is_known"], true);
    resources::finish(&console.ops).await;
    assert_eq!(times(&console.ops, "gpu-2").await, at(0..17));
}

#[sqlx::test(migrations = "../migrations")]
async fn a_new_session_numbers_its_series_anew(db: PgPool) {
    let console = Console::new(db);
    let (_, token) = agent(&console, None).await;
    let t = start();
    sent(&console, &token, &first("gpu-2", 1, &[t])).await;
    // The agent started anew; what was 0 is 1 now.
    let mut batch = first("gpu-2", 2, &[t + 1_000]);
    batch["named"][0]["number"] = json!(1);
    batch["named"][1]["number"] = json!(0);
    sent(&console, &token, &batch).await;
    resources::finish(&console.ops).await;
    let expected = vec![
        ("s0".to_owned(), vec![(t, 1.0), (t + 1_000, 2.0)]),
        ("s1".to_owned(), vec![(t, 2.0), (t + 1_000, 1.0)]),
    ];
    assert_eq!(stored(&console.ops, "gpu-2").await, expected);
    // Two agents of one name would take each other's place for ever.
    for batch in [
        first("gpu-2", 1, &[t + 2_000]),
        next("gpu-2", 1, &[t + 2_000]),
    ] {
        let answer = send(&console, &token, &batch).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        let told = answer.problem()["detail"].to_string();
        assert!(told.contains("Another agent sends as gpu-2."), "{told}");
    }
    let told = sent(&console, &token, &next("gpu-2", 3, &[t + 2_000])).await;
    assert_eq!(told["is_known"], false);
    sent(&console, &token, &next("gpu-2", 2, &[t + 2_000])).await;
}

#[sqlx::test(migrations = "../migrations")]
async fn series_come_and_go(db: PgPool) {
    let console = Console::new(db);
    let (_, token) = agent(&console, None).await;
    let t = start();
    sent(&console, &token, &first("gpu-2", 1, &[t])).await;
    let mut batch = next("gpu-2", 1, &[t + 1_000]);
    batch["ticks"][0]["ended"] = json!([1, 77]);
    batch["named"] = json!([named(5)]);
    batch["ticks"][0]["numbers"] = json!([0, 5]);
    sent(&console, &token, &batch).await;
    resources::finish(&console.ops).await;
    let system = Actor::system();
    let query = resources::SeriesQuery::all("gpu-2", None);
    let all = resources::series(&console.ops, &system, query).await;
    let ended: Vec<bool> = all
        .unwrap()
        .series
        .iter()
        .map(|one| one.ended_at.is_some())
        .collect();
    assert_eq!(ended.iter().filter(|ended| **ended).count(), 1, "{ended:?}");
    assert_eq!(ended.len(), 3);
    let states =
        json!([{"source": "gpu", "device": "", "reason": "There is no card.", "since": t}]);
    let mut batch = next("gpu-2", 1, &[t + 2_000]);
    batch["states"] = states;
    sent(&console, &token, &batch).await;
    let told = console.ops.meters.states("gpu-2");
    assert_eq!(told[0].reason.as_deref(), Some("There is no card."));
}

#[sqlx::test(migrations = "../migrations")]
async fn a_token_is_for_one_host(db: PgPool) {
    let console = Console::new(db.clone());
    console.ops.meters.set_own_host("console-1");
    let t = start();
    let bound = async |id: i64| {
        let all = tokens::list(&console.ops, &Actor::system()).await.unwrap();
        let one = all.into_iter().find(|one| one.id == id).unwrap();
        one.host
    };
    let refused = async |token: &str, host: &str, word: &str| {
        let answer = send(&console, token, &first(host, 9, &[t])).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.fields(), ["host"]);
        let told = answer.problem()["detail"].to_string();
        assert!(told.contains(word), "{told}");
    };
    let (id, first_come) = agent(&console, None).await;
    assert_eq!(bound(id).await, None);
    sent(&console, &first_come, &first("gpu-2", 1, &[t])).await;
    assert_eq!(bound(id).await.as_deref(), Some("gpu-2"));
    refused(&first_come, "gpu-3", "sends for gpu-2 alone").await;
    refused(&first_come, "console-1", "the console's own host").await;
    // A token that is for no host yet gets neither a host that another sends for, nor one that has samples.
    let (other_id, other) = agent(&console, None).await;
    refused(&other, "gpu-2", "another token sends for it").await;
    resources::finish(&console.ops).await;
    tokens::revoke(&console.ops, &Actor::system(), id)
        .await
        .unwrap();
    let answer = send(&console, &first_come, &next("gpu-2", 1, &[t + 1_000])).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    refused(&other, "gpu-2", "has samples of gpu-2 already").await;
    assert_eq!(bound(other_id).await, None);
    // One that was made for it does, and for no other.
    let (_, made) = agent(&console, Some("gpu-2")).await;
    sent(&console, &made, &first("gpu-2", 2, &[t + 1_000])).await;
    refused(&made, "gpu-4", "sends for gpu-2 alone").await;
    let written: Vec<(String, String, Value)> = sqlx::query_as(
        "SELECT actor, result, detail::jsonb FROM audit WHERE action = 'token.bind' ORDER BY id",
    )
    .fetch_all(&db)
    .await
    .unwrap();
    let settled: Vec<_> = written.iter().filter(|row| row.1 == "success").collect();
    assert_eq!(settled.len(), 1, "{written:?}");
    assert_eq!(settled[0].0, format!("token agent #{id}"));
    assert_eq!(settled[0].2["host"], "gpu-2");
    assert!(written.iter().any(|row| row.1 == "refused"), "{written:?}");
    // Nothing of what was refused is there.
    let hosts = resources::hosts(&console.ops, &Actor::system())
        .await
        .unwrap();
    let names: Vec<&str> = hosts.iter().map(|host| host.name.as_str()).collect();
    assert_eq!(names, ["gpu-2"]);
}

#[sqlx::test(migrations = "../migrations")]
async fn an_agents_token_sends_and_nothing_else_and_no_other_sends(db: PgPool) {
    let console = Console::new(db);
    let (_, token) = agent(&console, None).await;
    for path in [
        "/api/v1/stack",
        "/api/v1/users",
        "/api/v1/audit",
        "/api/v1/events",
        "/api/v1/stream",
        "/metrics",
    ] {
        let answer = console.get(path, &token).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    let t = start();
    for role in Role::OF_USERS {
        let other = console.token(role).await;
        let answer = send(&console, &other, &first("gpu-2", 1, &[t])).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role:?}");
    }
    let answer = send(&console, "", &first("gpu-2", 1, &[t])).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[sqlx::test(migrations = "../migrations")]
async fn only_an_agents_token_has_a_host_and_no_user_is_an_agent(db: PgPool) {
    let console = Console::new(db);
    let request = |role, team, host: &str| TokenRequest {
        name: "t".to_owned(),
        role,
        team,
        days: 1,
        host: Some(host.to_owned()),
    };
    let long = "x".repeat(254);
    for (request, field) in [
        (request(Role::Viewer, None, "gpu-2"), "host"),
        (request(Role::Agent, Some(1), "gpu-2"), "team"),
        (request(Role::Agent, None, "gpu 2"), "host"),
        (request(Role::Agent, None, "gpu\u{0}2"), "host"),
        (request(Role::Agent, None, &long), "host"),
    ] {
        let made = tokens::create(&console.ops, &Actor::system(), &request).await;
        let error = made.err().and_then(|fault| fault.told().cloned());
        assert!(
            error.is_some_and(|error| error.of_field(field).is_some()),
            "{request:?}"
        );
    }
    let new = types::identity::NewUser {
        email: "a@example.com".to_owned(),
        name: "A".to_owned(),
        role: Role::Agent,
        teams: Vec::new(),
        password: "a-quiet-harbour".to_owned(),
    };
    let made = ops::identity::users::create(&console.ops, &Actor::system(), &new).await;
    let error = made.err().and_then(|fault| fault.told().cloned());
    assert!(error.is_some_and(|error| error.of_field("role").is_some()));
}

#[sqlx::test(migrations = "../migrations")]
async fn what_is_out_of_bounds_is_refused_by_name_and_nothing_of_it_is_taken(db: PgPool) {
    let console = Console::with(db, &Config::default());
    let (_, token) = agent(&console, None).await;
    let t = start();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut batch = first("gpu-2", 1, &[t, t + 1_000]);
        change(&mut batch);
        batch
    };
    let now = SystemClock.now().unix_timestamp() * 1_000;
    let many = |count: usize| json!((0..count).collect::<Vec<_>>());
    for (batch, field) in [
        (with(&|b| b["host"] = json!("")), "host"),
        (with(&|b| b["host"] = json!("a b")), "host"),
        (with(&|b| b["host"] = json!("a\u{0}")), "host"),
        (with(&|b| b["host"] = json!("x".repeat(254))), "host"),
        (with(&|b| b["named"] = json!(vec![named(0); 501])), "named"),
        (with(&|b| b["named"][1]["name"] = json!("")), "named[1]"),
        (
            with(&|b| b["named"][1]["name"] = json!("x".repeat(801))),
            "named[1]",
        ),
        (
            with(&|b| b["named"][0]["attributes"]["k"] = json!("x".repeat(4_001))),
            "named[0]",
        ),
        (
            with(&|b| b["ticks"] = json!(vec![tick(t, 1.0); 61])),
            "ticks",
        ),
        (with(&|b| b["ticks"][1]["at"] = json!(t)), "ticks[1].at"),
        (with(&|b| b["ticks"][0]["at"] = json!(0)), "ticks[0].at"),
        (
            with(&|b| b["ticks"][1]["at"] = json!(now + 400_000)),
            "ticks[1].at",
        ),
        (
            with(&|b| b["ticks"][1]["values"] = json!([1.0])),
            "ticks[1].values",
        ),
        (
            with(&|b| b["ticks"][0]["errors"] = json!([gpu_error(&"x".repeat(101), 79)])),
            "ticks[0].errors",
        ),
        (
            with(&|b| b["ticks"][1]["errors"] = json!([gpu_error("a\u{0}", 79)])),
            "ticks[1].errors",
        ),
        (
            with(&|b| b["ticks"][1]["errors"] = json!(vec![gpu_error("GPU 0", 79); 201])),
            "ticks",
        ),
        (
            with(&|b| {
                b["ticks"][0]["numbers"] = many(20_001);
                b["ticks"][0]["values"] = many(20_001);
            }),
            "ticks[0].numbers",
        ),
        (
            with(&|b| {
                for tick in [0, 1] {
                    b["ticks"][tick]["numbers"] = many(20_000);
                    b["ticks"][tick]["values"] = many(20_000);
                }
            }),
            "",
        ),
        (
            with(&|b| {
                b["states"] =
                    json!([{"source": "x".repeat(300), "device": "", "reason": null, "since": 0}]);
            }),
            "states[0]",
        ),
        (with(&|b| b["session"] = json!("one")), "body"),
    ] {
        let answer = send(&console, &token, &batch).await;
        if field.is_empty() {
            // As many as there may be.
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
            continue;
        }
        let shown: String = answer.text().chars().take(300).collect();
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{field}: {shown}"
        );
        assert_eq!(answer.fields(), [field], "{shown}");
        assert!(answer.body.len() < 2_000, "{field}");
    }
    let answer = send(
        &console,
        &token,
        &with(&|b| b["ticks"][1]["at"] = json!(now + 400_000)),
    )
    .await;
    let told = answer.problem()["detail"].to_string();
    assert!(
        told.contains("clock is 39") && told.contains("NTP"),
        "{told}"
    );
    let large = " ".repeat(1024 * 1024 + 1);
    let answer = console.post(PATH, &token, large).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let answer = console.post(PATH, &token, "{").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}
