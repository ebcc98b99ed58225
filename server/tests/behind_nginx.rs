//! The console behind Debian's nginx with the site of deploy/, over TLS. Passes over where nginx is not installed.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test ends at the first surprise"
)]

#[path = "api/console.rs"]
#[expect(dead_code, reason = "the tests of the API use all of it")]
mod console;
mod nginx;

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Command, Output, Stdio},
};

use console::{Console, PATIENCE};
use nginx::{HOST, Nginx, find_nginx, free_port};
use ops::{Actor, identity};
use server::config::Config;
use sqlx::PgPool;
use types::{Role, identity::NewUser, live::Topic};

const PASSWORD: &str = "a long enough pass phrase";

impl Nginx {
    /// A call of curl that trusts the test's certificate and comes from `from`.
    fn curl(&self, from: &str, path: &str) -> Command {
        let mut command = Command::new("curl");
        command
            .args([
                "--silent",
                "--show-error",
                "--max-time",
                "30",
                "--noproxy",
                "*",
            ])
            .args(["--interface", from, "--dump-header", "-"])
            .args(["--resolve", &format!("{HOST}:{}:127.0.0.1", self.https)])
            .arg("--cacert")
            .arg(self.folder.join("ca.pem"))
            .arg(format!("https://{HOST}:{}{path}", self.https));
        command
    }
}

/// Runs off the async threads, and gives what was printed: the head, an empty line, the body.
async fn run(mut command: Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
        .unwrap();
    let stderr = String::from_utf8_lossy(&stderr).into_owned();
    assert!(status.success(), "curl: {stderr}");
    String::from_utf8_lossy(&stdout).into_owned()
}

fn status(answer: &str) -> u16 {
    let code = answer.split(' ').nth(1).unwrap_or_default();
    code.parse()
        .unwrap_or_else(|_| panic!("no status in {answer}"))
}

fn header<'a>(answer: &'a str, name: &str) -> &'a str {
    answer
        .lines()
        .take_while(|line| !line.trim().is_empty())
        .filter_map(|line| line.split_once(':'))
        .find(|(found, _)| found.eq_ignore_ascii_case(name))
        .map_or("", |(_, value)| value.trim())
}

/// A sign-in as the form sends it.
fn sign_in(nginx: &Nginx, from: &str, password: &str) -> Command {
    let mut command = nginx.curl(from, "/fn/sign_in");
    command
        .args(["--header", &format!("Origin: https://{HOST}")])
        .args(["--header", "X-Forwarded-For: 198.51.100.66"])
        .args(["--data-urlencode", "email=cto@example.com"])
        .args(["--data-urlencode", &format!("password={password}")]);
    command
}

async fn serve(console: &Console) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = console
        .router
        .clone()
        .into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

#[sqlx::test(migrations = "../migrations")]
async fn the_site_serves_the_console(db: PgPool) {
    let Some(program) = find_nginx() else {
        eprintln!("nginx is not installed: the site of deploy/ was not tried");
        return;
    };
    let config = Config {
        public_url: format!("https://{HOST}"),
        trusted_proxies: vec!["127.0.0.1".parse::<std::net::IpAddr>().unwrap().into()],
        ..Config::default()
    };
    let console = Console::with(db, &config);
    let new = NewUser {
        email: "cto@example.com".to_owned(),
        name: "The CTO".to_owned(),
        role: Role::Cto,
        teams: Vec::new(),
        password: PASSWORD.to_owned(),
    };
    identity::users::create(&console.ops, &Actor::system(), &new)
        .await
        .unwrap();
    let nginx = Nginx::start(&program, serve(&console).await, &[]);
    plain_http_leads_to_tls(&nginx).await;
    cookies_are_bound_to_the_host(&nginx, &console).await;
    bodies_are_bounded(&nginx, &console).await;
    calls_reach_the_api(&nginx, &console).await;
    figures_stay_inside(&nginx).await;
    events_pass_as_they_come(&nginx, &console).await;
    sign_ins_are_slowed(&nginx).await;
    the_log_keeps_the_links_token_out(&nginx).await;
    drop(nginx);
    let nobody = SocketAddr::from(([127, 0, 0, 1], free_port()));
    a_console_that_is_away_is_told_to_each_as_they_read(&Nginx::start(&program, nobody, &[])).await;
}

async fn plain_http_leads_to_tls(nginx: &Nginx) {
    let mut command = Command::new("curl");
    command
        .args(["--silent", "--noproxy", "*", "--dump-header", "-"])
        .args(["--header", &format!("Host: {HOST}")])
        .arg(format!("http://127.0.0.1:{}/deployment?x=1", nginx.http));
    let answer = run(command).await;
    assert_eq!(status(&answer), 308, "{answer}");
    let location = header(&answer, "location");
    assert_eq!(location, format!("https://{HOST}/deployment?x=1"));
    let answer = run(nginx.curl("127.0.0.1", "/healthz")).await;
    assert_eq!(status(&answer), 200, "{answer}");
    let hsts = header(&answer, "strict-transport-security");
    assert!(hsts.starts_with("max-age=63072000"), "{answer}");
    assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
}

/// Signs in from another address than nginx's, and finds that address in the log, not the one that was claimed.
async fn cookies_are_bound_to_the_host(nginx: &Nginx, console: &Console) {
    let answer = run(sign_in(nginx, "127.0.0.2", PASSWORD)).await;
    assert_eq!(status(&answer), 200, "{answer}");
    let cookies: Vec<&str> = answer
        .lines()
        .filter_map(|line| line.split_once(": "))
        .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        .map(|(_, value)| value)
        .collect();
    assert!(!cookies.is_empty(), "{answer}");
    for cookie in &cookies {
        for part in [
            "__Host-",
            "; Secure",
            "; HttpOnly",
            "; SameSite=Lax",
            "; Path=/",
        ] {
            assert!(cookie.contains(part), "{part} lacks in {cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
    let addresses: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT address FROM audit WHERE action LIKE '%sign_in%'")
            .fetch_all(&console.db)
            .await
            .unwrap();
    assert_eq!(addresses, ["127.0.0.2"]);
}

async fn bodies_are_bounded(nginx: &Nginx, console: &Console) {
    let token = console.token(Role::Cto).await;
    let large = nginx.folder.join("large");
    fs::write(&large, vec![b'a'; 2 * 1024 * 1024]).unwrap();
    let mut command = nginx.curl("127.0.0.1", "/api/v1/verification");
    command
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .arg("--data-binary")
        .arg(format!("@{}", large.display()));
    let answer = run(command).await;
    assert!(answer.contains("\"limit_bytes\":1048576"), "{answer}");
    assert!(answer.contains(" 413"), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
}

async fn calls_reach_the_api(nginx: &Nginx, console: &Console) {
    let token = console.token(Role::Viewer).await;
    for (path, expected) in [("/api/v1/stack", 200), ("/api/v1/stack/a/b", 404)] {
        let mut command = nginx.curl("127.0.0.1", path);
        command.args(["--header", &format!("Authorization: Bearer {token}")]);
        let answer = run(command).await;
        assert_eq!(status(&answer), expected, "{path}: {answer}");
    }
}

async fn figures_stay_inside(nginx: &Nginx) {
    let answer = run(nginx.curl("127.0.0.1", "/metrics")).await;
    assert_eq!(status(&answer), 401, "{answer}");
}

async fn events_pass_as_they_come(nginx: &Nginx, console: &Console) {
    let token = console.token(Role::Viewer).await;
    let start = store::changes::head(&console.db).await.unwrap();
    let following = tokio::spawn(console.ops.live.clone().follow(console.db.clone()));
    let path = format!("/api/v1/stream?topics=health&after={start}");
    let mut command = nginx.curl("127.0.0.1", &path);
    command
        .args(["--no-buffer", "--compressed"])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .stdout(Stdio::piped());
    let mut curl = command.spawn().unwrap();
    let mut lines = BufReader::new(curl.stdout.take().unwrap()).lines();
    let head = tokio::task::spawn_blocking(move || {
        let mut head = String::new();
        while let Some(Ok(line)) = lines.next() {
            if line.trim().is_empty() {
                break;
            }
            head.push_str(&line);
            head.push('\n');
        }
        (head, lines)
    });
    let (head, mut lines) = head.await.unwrap();
    assert_eq!(status(&head), 200, "{head}");
    assert_eq!(header(&head, "content-type"), "text/event-stream");
    assert_eq!(header(&head, "content-encoding"), "");
    // The stream is open: each of these must arrive while it stays so.
    for key in ["first", "second"] {
        let mut tx = console.db.begin().await.unwrap();
        store::changes::publish(&mut tx, Topic::Health, key)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let next = tokio::task::spawn_blocking(move || {
            let data = lines.find_map(|line| {
                let line = line.ok()?;
                // A ping's says nothing but that it is there.
                line.strip_prefix("data:")
                    .filter(|data| data.trim_start().starts_with('{'))
                    .map(str::to_owned)
            });
            (data, lines)
        });
        let (data, rest) = tokio::time::timeout(PATIENCE, next)
            .await
            .expect("an event while the stream is open")
            .unwrap();
        lines = rest;
        let data = data.expect("an event before the end");
        assert!(data.contains(&format!("\"key\":\"{key}\"")), "{data}");
    }
    assert!(curl.try_wait().unwrap().is_none(), "the stream has ended");
    curl.kill().unwrap();
    curl.wait().unwrap();
    following.abort();
}

async fn sign_ins_are_slowed(nginx: &Nginx) {
    let mut codes = Vec::new();
    for _ in 0..8 {
        let answer = run(sign_in(nginx, "127.0.0.3", "not the pass phrase")).await;
        codes.push(status(&answer));
        if status(&answer) == 429 {
            assert!(!header(&answer, "retry-after").is_empty(), "{answer}");
            assert!(answer.contains("\"kind\":\"too_many_tries\""), "{answer}");
        }
    }
    assert_eq!(codes.first(), Some(&401), "{codes:?}");
    assert_eq!(codes.last(), Some(&429), "{codes:?}");
    // Another address is not held up by it.
    let answer = run(sign_in(nginx, "127.0.0.4", PASSWORD)).await;
    assert_eq!(status(&answer), 200, "{answer}");
}

async fn the_log_keeps_the_links_token_out(nginx: &Nginx) {
    let mut command = nginx.curl("127.0.0.1", "/setup?token=notforthelog");
    command.args([
        "--referer",
        &format!("https://{HOST}/setup?token=notforthelog"),
    ]);
    let answer = run(command).await;
    assert_eq!(status(&answer), 200, "{answer}");
    let log = fs::read_to_string(nginx.folder.join("access.log")).unwrap();
    assert!(log.contains("\"GET /setup\" 200 "), "{log}");
    assert!(!log.contains("notforthelog"), "{log}");
    // A line of the console's own log is found by it.
    let line = log.lines().last().unwrap();
    assert_eq!(
        line.split(' ').next_back(),
        Some(header(&answer, "x-trace-id"))
    );
}

async fn a_console_that_is_away_is_told_to_each_as_they_read(nginx: &Nginx) {
    for path in ["/api/v1/stack", "/api/v1/stream?x", "/stream", "/metrics"] {
        let answer = run(nginx.curl("127.0.0.1", path)).await;
        assert_eq!(status(&answer), 503, "{path}: {answer}");
        assert_eq!(header(&answer, "content-type"), "application/problem+json");
        assert!(!header(&answer, "retry-after").is_empty(), "{answer}");
        let body = answer.split("\r\n\r\n").last().unwrap();
        let problem: serde_json::Value = serde_json::from_str(body).unwrap();
        let error: types::Error = serde_json::from_value(problem.clone()).unwrap();
        assert_eq!(problem["status"], error.status());
        assert_eq!(problem["detail"], error.to_string());
    }
    run(nginx.curl("127.0.0.1", "/setup?token=notforthelog")).await;
    for name in ["access.log", "error.log"] {
        let log = fs::read_to_string(nginx.folder.join(name)).unwrap();
        assert!(!log.is_empty() && !log.contains("notforthelog"), "{log}");
    }
    let answer = run(nginx.curl("127.0.0.1", "/deployment")).await;
    assert_eq!(status(&answer), 503, "{answer}");
    assert_eq!(header(&answer, "content-type"), "text/html");
    assert!(answer.contains("The console does not answer"), "{answer}");
}
