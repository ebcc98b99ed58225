//! Start and end: a database that is away is waited for, and nothing holds up the end.

use std::time::{Duration, Instant};

use sqlx::PgPool;

use super::{
    gate::Gate,
    program::{Folder, PATIENCE, Serving, run, url, ytops_on},
};

/// The limit that is promised.
const LIMIT: Duration = Duration::from_secs(10);

fn token(db: &PgPool) -> String {
    let folder = Folder::new();
    for args in [
        &["migrate"][..],
        &[
            "token", "add", "--name", "t", "--role", "viewer", "--days", "1",
        ],
    ] {
        let ended = run(&mut ytops_on(db, &folder, args));
        assert_eq!(ended.code, Some(0), "{ended:?}");
        if args.len() > 1 {
            return format!("authorization: Bearer {}\r\n", ended.out.trim());
        }
    }
    String::new()
}

#[sqlx::test(migrations = false)]
async fn a_console_without_work_ends_at_once_and_well(db: PgPool) {
    let mut console = Serving::start(&url(&db));
    console.wait_for("ytops serves");
    let (took, well) = console.stop();
    assert!(well && took < LIMIT, "{took:?}");
    console.wait_for("Stopping");
}

/// A person at a terminal reads what is meant for a person; the file has the rest.
#[sqlx::test(migrations = false)]
async fn a_terminal_shows_the_link_and_no_lines_of_the_log(db: PgPool) {
    let mut console = Serving::start_on_a_terminal(&url(&db));
    console.wait_for("/setup?token=");
    let of_log = |line: &&String| line.contains("\"level\":\"INFO\"");
    assert_eq!(console.heard().iter().find(of_log), None);
    let log = std::fs::read_to_string(console.log()).unwrap();
    assert!(log.contains("The console is up."), "{log}");
    let (_, well) = console.stop();
    assert!(well, "{:#?}", console.heard());
}

/// The driver would log a parameter that it does not know, with its value.
#[sqlx::test(migrations = false)]
async fn a_misspelt_password_reaches_no_log(db: PgPool) {
    let address = format!("{}&pasword=not-for-the-log", url(&db));
    let mut console = Serving::start(&address);
    console.wait_for("ytops serves");
    let log = std::fs::read_to_string(console.log()).unwrap();
    let heard = console.heard().concat();
    assert!(!log.contains("not-for-the-log"), "{log}");
    assert!(!heard.contains("not-for-the-log"), "{heard}");
}

/// Nobody has to look for them between the lines of the log.
#[sqlx::test(migrations = false)]
async fn address_and_link_come_last_and_apart(db: PgPool) {
    for number in 1..=2 {
        let mut console = Serving::start(&url(&db));
        let link = console.wait_for("/setup?token=");
        let heard = console.heard();
        let block = heard.len() - 6;
        let up = |line: &String| line.contains("The console is up.");
        assert!(heard[..block].iter().any(up), "{heard:#?}");
        let address = format!("http://127.0.0.1:{}", console.port);
        assert_eq!(
            heard[block..],
            [
                "",
                &format!("  ytops serves {address}"),
                &format!("  Its log: {}", console.log().display()),
                "",
                "  Make the first account here; the link works once, within 24 hours:",
                &link,
            ]
        );
        assert!(
            link.starts_with(&format!("  {address}/setup?token=")),
            "{link}"
        );
        // What is there already is no news.
        let notice = heard.iter().find(|line| line.contains("already exists"));
        assert_eq!(notice, None, "start {number}");
    }
}

#[sqlx::test(migrations = false)]
async fn a_request_that_waits_for_a_lock_does_not_hold_up_the_end(db: PgPool) {
    let token = token(&db);
    let mut console = Serving::start(&url(&db));
    console.wait_for("ytops serves");
    let mut holder = db.begin().await.unwrap();
    sqlx::query("LOCK TABLE api_token IN ACCESS EXCLUSIVE MODE")
        .execute(&mut *holder)
        .await
        .unwrap();
    let _open = console.send("/api/v1/stack", &token);
    let begun = Instant::now();
    loop {
        let waiting: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'api_token'::regclass",
        )
        .fetch_one(&db)
        .await
        .unwrap();
        if waiting > 0 {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "no request waits");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (took, well) = console.stop();
    assert!(well && took < LIMIT, "{took:?}");
    console.wait_for("were cut");
}

#[sqlx::test(migrations = false)]
async fn a_database_that_stalls_does_not_hold_up_the_end(db: PgPool) {
    let token = token(&db);
    let gate = Gate::before(&db);
    let mut console = Serving::start(&gate.url);
    console.wait_for("ytops serves");
    gate.stall();
    let _open = console.send("/api/v1/stack", &token);
    let begun = Instant::now();
    while gate.held() == 0 {
        assert!(begun.elapsed() < PATIENCE, "nothing asks the database");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (took, well) = console.stop();
    gate.open();
    assert!(well && took < LIMIT, "{took:?}");
}

#[sqlx::test(migrations = false)]
async fn a_database_that_is_away_is_waited_for(db: PgPool) {
    let gate = Gate::before(&db);
    gate.shut();
    let mut console = Serving::start(&gate.url);
    console.wait_for("the console starts when it does");
    let alive = console.get("/healthz");
    assert!(alive.starts_with("HTTP/1.1 200 "), "{alive}");
    let ready = console.get("/readyz");
    assert!(ready.starts_with("HTTP/1.1 503 "), "{ready}");
    assert!(ready.contains("the database does not answer"), "{ready}");
    let page = console.get("/deployment");
    assert!(page.starts_with("HTTP/1.1 503 "), "{page}");
    assert!(page.contains("The database does not answer."), "{page}");
    let call = console.get("/api/v1/stack");
    assert!(call.contains("application/problem+json"), "{call}");
    gate.open();
    let link = console.wait_for("/setup?token=");
    console.wait_for("ytops serves");
    let ready = console.get("/readyz");
    assert!(ready.starts_with("HTTP/1.1 200 "), "{ready}");
    let path = link.split(&format!(":{}", console.port)).last().unwrap();
    assert!(console.get(path).starts_with("HTTP/1.1 200 "), "{link}");
}

/// When the oldest sample that is stored was taken, in milliseconds before now.
async fn oldest_sample(db: &PgPool) -> Option<i64> {
    let age = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint - min(from_at)
         FROM (SELECT from_at FROM sample_open UNION ALL SELECT from_at FROM sample_block) AS stored";
    // Without a schema yet there is none.
    sqlx::query_scalar(age).fetch_one(db).await.unwrap_or(None)
}

#[sqlx::test(migrations = false)]
async fn what_is_read_while_the_database_is_away_is_stored_when_it_is_there(db: PgPool) {
    let gate = Gate::before(&db);
    gate.shut();
    let mut console = Serving::start(&gate.url);
    console.wait_for("the console starts when it does");
    // Two ticks at least.
    tokio::time::sleep(Duration::from_secs(3)).await;
    gate.open();
    let opened = Instant::now();
    let age = loop {
        if let Some(age) = oldest_sample(&db).await {
            break age;
        }
        assert!(opened.elapsed() < PATIENCE, "nothing is stored");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let since = i64::try_from(opened.elapsed().as_millis()).unwrap();
    assert!(age > since, "{age} ms old, {since} ms after it was there");
}

#[sqlx::test(migrations = false)]
async fn a_console_that_waits_for_its_database_ends_when_told(db: PgPool) {
    let gate = Gate::before(&db);
    gate.stall();
    let mut console = Serving::start(&gate.url);
    assert!(console.get("/healthz").starts_with("HTTP/1.1 200 "));
    let (took, well) = console.stop();
    gate.open();
    assert!(well && took < LIMIT, "{took:?}");
}
