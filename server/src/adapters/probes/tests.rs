#![expect(clippy::unwrap_used, reason = "a test may stop")]
use std::{
    net::Ipv4Addr,
    process::{Child, Command, Stdio},
    time::Instant,
};

use axum::{Router, body::Body, http::StatusCode, routing::get};
use futures::stream;
use sqlx::{Connection, PgConnection, PgPool};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, UnixStream},
};

use super::*;

/// Long enough that only a fault reaches it.
const LONG: Duration = Duration::from_secs(10);

/// Short enough to wait for where no answer ever comes.
const SHORT: Duration = Duration::from_millis(200);

const PASSWORD: &str = "correct-horse";

fn local(port: u16) -> Address {
    Address {
        host: "127.0.0.1".to_owned(),
        port,
    }
}

async fn listener() -> (TcpListener, Address) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, local(port))
}

/// A port where nothing listens.
async fn closed() -> Address {
    listener().await.1
}

/// Answers every connection with `bytes`, after it has read something, and closes it.
async fn canned(bytes: impl Into<Vec<u8>>) -> Address {
    let (listener, at) = listener().await;
    let bytes = bytes.into();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 1024];
            let _ = stream.read(&mut asked).await;
            let _ = stream.write_all(&bytes).await;
        }
    });
    at
}

/// Takes connections and never says a word.
async fn mute() -> Address {
    let (listener, at) = listener().await;
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    at
}

async fn web() -> Address {
    let (listener, at) = listener().await;
    let endless = || async {
        let chunks = stream::repeat_with(|| Ok::<_, io::Error>(vec![b'x'; 64 << 10]));
        Body::from_stream(chunks)
    };
    let drip = || async {
        let first = stream::iter([Ok::<_, io::Error>("{".to_owned())]);
        Body::from_stream(futures::StreamExt::chain(first, stream::pending()))
    };
    let echo = |headers: axum::http::HeaderMap| async move { format!("{headers:?}") };
    let router = Router::new()
        .route("/health", get(|| async { "fine" }))
        .route(
            "/broken",
            get(|| async { StatusCode::INTERNAL_SERVER_ERROR }),
        )
        .route("/hangs", get(std::future::pending::<String>))
        .route("/endless", get(endless))
        .route("/drips", get(drip))
        .route("/echo", get(echo));
    tokio::spawn(async move { axum::serve(listener, router).await });
    at
}

fn request(path: &str) -> HttpRequest {
    HttpRequest {
        path: path.to_owned(),
        login: None,
        max_body: 64 << 10,
    }
}

async fn get_path(at: &Address, path: &str, limit: Duration) -> Result<HttpAnswer, ProbeError> {
    TcpProbe.http(at, &request(path), limit).await
}

#[tokio::test]
async fn http_is_read_with_its_status() {
    let at = web().await;
    let answer = get_path(&at, "/health", LONG).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"fine"[..]));
    assert!(answer.latency > Duration::ZERO);
    assert_eq!(get_path(&at, "/broken", LONG).await.unwrap().status, 500);
    assert_eq!(get_path(&at, "/missing", LONG).await.unwrap().status, 404);
    let mut asked = request("/echo");
    asked.login = Some(("me".to_owned(), Secret::new("pw")));
    let echoed = TcpProbe.http(&at, &asked, LONG).await.unwrap().body;
    let echoed = String::from_utf8(echoed).unwrap();
    assert!(echoed.contains("Basic bWU6cHc="), "{echoed}");
    assert!(echoed.contains(&at.to_string()), "{echoed}");
}

#[tokio::test]
async fn an_endless_body_is_cut_and_a_silent_server_waited_for_only_so_long() {
    let at = web().await;
    let answer = get_path(&at, "/endless", LONG).await.unwrap();
    assert_eq!(answer.body.len(), 64 << 10);
    for path in ["/hangs", "/drips"] {
        let begun = Instant::now();
        let failed = get_path(&at, path, SHORT).await;
        assert_eq!(failed, Err(ProbeError::TimedOut(SHORT)), "{path}");
        assert!(begun.elapsed() < LONG, "{path}");
    }
    let failed = get_path(&mute().await, "/", SHORT).await;
    assert_eq!(failed, Err(ProbeError::TimedOut(SHORT)));
}

#[tokio::test]
async fn what_is_not_http_is_wrong_and_what_is_not_there_unreachable() {
    let at = closed().await;
    let failed = get_path(&at, "/", LONG).await;
    assert_eq!(
        failed,
        Err(ProbeError::Unreachable("connection refused".to_owned()))
    );
    let bombs: [(&str, Vec<u8>); 4] = [
        ("garbage", b"\0\xff\xfe garbage \r\n\r\n".to_vec()),
        ("closed", Vec::new()),
        (
            "cut",
            b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".to_vec(),
        ),
        (
            "endless head",
            [b"HTTP/1.1 200 OK\r\nA: ".to_vec(), vec![b'a'; 1 << 20]].concat(),
        ),
    ];
    for (name, bytes) in bombs {
        let failed = get_path(&canned(bytes).await, "/", LONG).await;
        assert!(
            matches!(failed, Err(ProbeError::Wrong(_))),
            "{name}: {failed:?}"
        );
    }
    let nameless = Address {
        host: "no-such-host.invalid".to_owned(),
        port: 80,
    };
    let failed = get_path(&nameless, "/", LONG).await;
    assert!(
        matches!(failed, Err(ProbeError::Unreachable(_))),
        "{failed:?}"
    );
}

/// A real Redis, ended with the test.
struct Redis(Child, Address);

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn redis_server(options: &[&str]) -> Redis {
    let at = closed().await;
    let port = at.port.to_string();
    let child = Command::new("redis-server")
        .args([
            "--port",
            &port,
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            "/tmp",
        ])
        .args(options)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let redis = Redis(child, at);
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", redis.1.port))
        .await
        .is_err()
    {
        assert!(begun.elapsed() < LONG, "redis-server does not come up");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    redis
}

fn login(user: &str, password: &str) -> (String, Secret) {
    (user.to_owned(), Secret::new(password))
}

#[tokio::test]
async fn a_real_redis_tells_its_memory() {
    let options = ["--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru"];
    let redis = redis_server(&options).await;
    let answer = TcpProbe.redis(&redis.1, None, LONG).await.unwrap();
    assert_eq!(answer.max_memory_bytes, Some(64 << 20));
    assert_eq!(answer.policy, "allkeys-lru");
    assert!(answer.used_memory_bytes.unwrap() > 0);
    assert!(
        answer.version.starts_with(|c: char| c.is_ascii_digit()),
        "{answer:?}"
    );
    let needless = login("", PASSWORD);
    let answer = TcpProbe.redis(&redis.1, Some(&needless), LONG).await;
    assert!(answer.is_ok(), "it lets everyone in: {answer:?}");
}

#[tokio::test]
async fn a_real_redis_with_a_password_lets_in_who_knows_it() {
    let redis = redis_server(&["--requirepass", PASSWORD]).await;
    for user in ["", "default"] {
        let right = login(user, PASSWORD);
        assert!(TcpProbe.redis(&redis.1, Some(&right), LONG).await.is_ok());
    }
    let wrong = login("", "wrong-secret");
    let failed = TcpProbe.redis(&redis.1, Some(&wrong), LONG).await;
    assert_eq!(
        failed,
        Err(ProbeError::Refused("the password is wrong".to_owned()))
    );
    let failed = TcpProbe.redis(&redis.1, None, LONG).await;
    assert!(
        matches!(&failed, Err(ProbeError::Refused(text)) if text.contains("wants a password")),
        "{failed:?}"
    );
}

#[tokio::test]
async fn what_is_not_redis_is_wrong_and_repeats_no_password() {
    let answers: [&[u8]; 8] = [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"",
        b"\r\n",
        b"+",
        b"\xff\xfe\xfd\r\n",
        b"$99999999999\r\n",
        b"$-1\r\n",
        b"-ERR unknown command AUTH correct-horse\r\n-ODD correct-horse\r\n",
    ];
    let secret = login("", PASSWORD);
    for bytes in answers {
        let at = canned(bytes).await;
        let error = TcpProbe.redis(&at, Some(&secret), LONG).await.unwrap_err();
        let ProbeError::Wrong(text) = &error else {
            unreachable!("{error:?}")
        };
        assert!(!text.contains(PASSWORD), "{text}");
    }
    let long = canned(vec![b'+'; 1 << 20]).await;
    let failed = TcpProbe.redis(&long, None, LONG).await;
    assert!(matches!(failed, Err(ProbeError::Wrong(_))), "{failed:?}");
    let failed = TcpProbe.redis(&mute().await, None, SHORT).await;
    assert_eq!(failed, Err(ProbeError::TimedOut(SHORT)));
    let failed = TcpProbe.redis(&closed().await, None, LONG).await;
    assert!(matches!(failed, Err(ProbeError::Unreachable(_))));
}

/// The tests' own Postgres over TCP, wherever it listens.
async fn postgres(db: &PgPool) -> (Address, PostgresLogin) {
    let options = db.connect_options();
    let login = PostgresLogin {
        user: options.get_username().to_owned(),
        password: None,
        database: options.get_database().unwrap().to_owned(),
    };
    let Some(folder) = options.get_socket() else {
        let at = Address {
            host: options.get_host().to_owned(),
            port: options.get_port(),
        };
        return (at, login);
    };
    let socket = folder.join(format!(".s.PGSQL.{}", options.get_port()));
    let (listener, at) = listener().await;
    tokio::spawn(async move {
        while let Ok((mut outer, _)) = listener.accept().await {
            let socket = socket.clone();
            tokio::spawn(async move {
                let mut inner = UnixStream::connect(socket).await?;
                copy_bidirectional(&mut outer, &mut inner).await
            });
        }
    });
    (at, login)
}

#[sqlx::test(migrations = false)]
async fn a_real_postgres_tells_its_connections(db: PgPool) {
    let (at, login) = postgres(&db).await;
    let answer = TcpProbe.postgres(&at, &login, LONG).await.unwrap();
    assert!(!answer.version.is_empty());
    assert!(answer.connections >= 1 && answer.connections <= answer.max_connections);
    assert!(answer.query > Duration::ZERO && answer.connect > Duration::ZERO);
    assert!(!answer.is_standby);
    if answer.replicas == 0 {
        assert_eq!(answer.replication_lag_s, None);
    }
}

#[sqlx::test(migrations = false)]
async fn a_user_or_database_that_is_not_there_is_refused(db: PgPool) {
    let (at, login) = postgres(&db).await;
    let stranger = PostgresLogin {
        user: "no_such_user".to_owned(),
        password: Some(Secret::new(PASSWORD)),
        ..login.clone()
    };
    let lost = PostgresLogin {
        database: "no_such_database".to_owned(),
        ..login
    };
    for (login, said) in [
        (stranger, "user no_such_user is refused"),
        (lost, "there is no database no_such_database"),
    ] {
        let failed = TcpProbe.postgres(&at, &login, LONG).await;
        assert!(
            matches!(&failed, Err(ProbeError::Refused(text)) if text.starts_with(said)),
            "{failed:?}"
        );
    }
}

#[sqlx::test(migrations = false)]
async fn an_unprivileged_user_sees_every_connection(db: PgPool) {
    let options = db.connect_options();
    let role = format!("probe_{}", std::process::id());
    let mut admin = PgConnection::connect_with(&options).await.unwrap();
    let make = format!("CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'");
    sqlx::raw_sql(sqlx::AssertSqlSafe(make))
        .execute(&mut admin)
        .await
        .unwrap();
    let (at, mut login) = postgres(&db).await;
    login.user.clone_from(&role);
    login.password = Some(Secret::new(PASSWORD));
    let answer = TcpProbe.postgres(&at, &login, LONG).await;
    let drop = format!("DROP ROLE {role}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(drop))
        .execute(&mut admin)
        .await
        .unwrap();
    assert!(
        answer.unwrap().connections >= 2,
        "its own and the administrator's"
    );
}

/// An error of Postgres' with `code`, whose message repeats the password.
fn error_message(code: &str) -> Vec<u8> {
    error_saying(code, &format!("password {PASSWORD} was wrong"))
}

fn error_saying(code: &str, words: &str) -> Vec<u8> {
    let fields = format!("SFATAL\0VFATAL\0C{code}\0M{words}\0\0");
    let length = u32::try_from(fields.len() + 4).unwrap();
    [b"E".as_slice(), &length.to_be_bytes(), fields.as_bytes()].concat()
}

#[tokio::test]
async fn what_a_server_says_of_a_failed_sign_in_repeats_no_password() {
    let login = PostgresLogin {
        user: "ytempire".to_owned(),
        password: Some(Secret::new(PASSWORD)),
        database: "ytempire".to_owned(),
    };
    for (code, refused) in [
        ("28P01", true),
        ("53300", true),
        ("57P03", false),
        ("XX000", false),
    ] {
        let at = canned(error_message(code)).await;
        let error = TcpProbe.postgres(&at, &login, LONG).await.unwrap_err();
        assert_eq!(
            matches!(error, ProbeError::Refused(_)),
            refused,
            "{error:?}"
        );
        assert!(!format!("{error:?} {error}").contains(PASSWORD));
    }
    let words = r#"no pg_hba.conf entry for host "10.0.0.1", user "ytempire", database "ytempire", no encryption"#;
    let at = canned(error_saying("28000", words)).await;
    let error = TcpProbe.postgres(&at, &login, LONG).await.unwrap_err();
    assert!(error.to_string().contains("wants TLS"), "{error}");
    for bytes in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b""] {
        let failed = TcpProbe.postgres(&canned(bytes).await, &login, LONG).await;
        assert!(matches!(failed, Err(ProbeError::Wrong(_))), "{failed:?}");
    }
    let failed = TcpProbe.postgres(&mute().await, &login, SHORT).await;
    assert_eq!(failed, Err(ProbeError::TimedOut(SHORT)));
    let failed = TcpProbe.postgres(&closed().await, &login, LONG).await;
    assert_eq!(
        failed,
        Err(ProbeError::Unreachable("connection refused".to_owned()))
    );
}
