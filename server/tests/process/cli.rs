//! The commands beside `serve`.

use serde_json::Value;
use sqlx::PgPool;

use super::program::{Folder, run, run_with, ytops, ytops_on};

#[test]
fn check_works_without_a_database_and_fails_with_the_machine() {
    let folder = Folder::new();
    let ended = run(&mut ytops(&folder, &["check"]));
    // No engine answers, which is a requirement.
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(ended.err, "", "{ended:?}");
    let docker = ended.out.lines().find(|line| line.contains("docker "));
    assert!(
        docker.is_some_and(|line| line.starts_with("FAILED")),
        "{ended:?}"
    );
    let verdict = "This machine does not have what the platform needs.\n";
    assert!(ended.out.ends_with(verdict), "{ended:?}");
    // A database that is away changes nothing but is said.
    let away = "postgres://ytops@127.0.0.1:1/ytops";
    let ended = run(ytops(&folder, &["check"]).env("DATABASE_URL", away));
    assert!(ended.out.ends_with(verdict), "{ended:?}");
    assert!(
        ended.err.contains("going by the usual thresholds"),
        "{ended:?}"
    );
}

#[test]
fn what_needs_a_database_says_so() {
    let folder = Folder::new();
    for args in [
        &["serve"][..],
        &["migrate"],
        &["verify"],
        &["audit", "verify"],
    ] {
        let ended = run(&mut ytops(&folder, args));
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(
            ended
                .err
                .starts_with("ytops: DATABASE_URL is not set: give"),
            "{ended:?}"
        );
    }
    let away = "postgres://ytops@127.0.0.1:1/ytops";
    for args in [&["verify"][..], &["migrate"], TOKEN] {
        let ended = run(ytops(&folder, args).env("DATABASE_URL", away));
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert_eq!(
            ended.err,
            "ytops: the database at 127.0.0.1:1 does not answer: start it, or set DATABASE_URL to where it is\n"
        );
    }
}

#[test]
fn an_address_that_is_taken_is_named_with_the_setting() {
    let folder = Folder::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = ytops(&folder, &["serve"]);
    let ended = run(command
        .env("DATABASE_URL", "postgres://ytops@127.0.0.1:1/ytops")
        .env("YTOPS_LISTEN", &address));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let told = format!("ytops: YTOPS_LISTEN is \"{address}\": another program listens there");
    assert!(ended.err.contains(&told), "{ended:?}");
}

const TOKEN: &[&str] = &token("ci", "7");

/// The command that makes a token.
const fn token<'a>(name: &'a str, days: &'a str) -> [&'a str; 8] {
    [
        "token", "add", "--name", name, "--role", "viewer", "--days", days,
    ]
}

#[sqlx::test(migrations = false)]
async fn on_a_bare_database_commands_ask_for_migrate(db: PgPool) {
    let folder = Folder::new();
    for args in [TOKEN, &["verify", "--json"], &["audit", "verify"]] {
        let ended = run(&mut ytops_on(&db, &folder, args));
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.err.contains("run ytops migrate"), "{ended:?}");
        assert_eq!(ended.out, "");
    }
    for _ in 0..2 {
        let ended = run(&mut ytops_on(&db, &folder, &["migrate"]));
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(ended.out, "The schema is up to date.\n");
    }
    let ended = run(&mut ytops_on(&db, &folder, &["audit", "verify"]));
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[sqlx::test(migrations = "../migrations")]
async fn verify_says_in_json_what_does_not_answer(db: PgPool) {
    let folder = Folder::new();
    let ended = run(&mut ytops_on(&db, &folder, &["verify", "--json"]));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let told: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(told["status"], "failed");
    assert_eq!(told["checks"].as_object().unwrap().len(), 6, "{told}");
    assert_eq!(told["checks"]["redis"]["ok"], false);
    assert!(told["timestamp"].is_string(), "{told}");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_token_is_printed_once_and_kept_nowhere(db: PgPool) {
    let folder = Folder::new();
    let ended = run(&mut ytops_on(&db, &folder, TOKEN));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let secret = ended.out.strip_suffix('\n').unwrap();
    assert!(
        secret.starts_with("ytops_") && !secret.contains('\n'),
        "{secret}"
    );
    assert_eq!(ended.err, "");
    let kept: Vec<String> = sqlx::query_scalar(
        "SELECT row_to_json(api_token)::text FROM api_token UNION ALL SELECT row_to_json(audit)::text FROM audit",
    )
    .fetch_all(&db)
    .await
    .unwrap();
    assert!(kept.len() >= 2, "{kept:?}");
    assert!(!kept.iter().any(|row| row.contains(secret)), "{kept:?}");
    let ended = run(&mut ytops_on(&db, &folder, TOKEN));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let told = "name: There is a valid token of that name already.";
    assert!(ended.err.contains(told), "{ended:?}");
    for days in ["x", "0", "366", "1.5"] {
        let ended = run(&mut ytops_on(&db, &folder, &token("other", days)));
        assert_ne!(ended.code, Some(0), "{ended:?}");
        assert!(ended.err.contains("1 to 365"), "{ended:?}");
    }
    for wrong in [
        &[
            "token", "add", "--name", "ci", "--role", "king", "--days", "7",
        ][..],
        &token("", "7"),
    ] {
        let ended = run(&mut ytops_on(&db, &folder, wrong));
        assert_ne!(ended.code, Some(0), "{ended:?}");
        assert_eq!(ended.out, "");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_token_can_be_confined_to_a_team(db: PgPool) {
    sqlx::query("INSERT INTO team (name, created_at) VALUES ('video', now())")
        .execute(&db)
        .await
        .unwrap();
    let folder = Folder::new();
    let add = |team: &str| {
        let args = [&token("of a team", "7")[..], &["--team", team]].concat();
        run(&mut ytops_on(&db, &folder, &args))
    };
    let ended = add("video");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.out.starts_with("ytops_"), "{ended:?}");
    for unknown in ["Video", "", "none"] {
        let ended = add(unknown);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(
            ended
                .err
                .contains("team: There is no such team; there are platform, video."),
            "{ended:?}"
        );
    }
    // Without it a token acts for all.
    assert_eq!(run(&mut ytops_on(&db, &folder, TOKEN)).code, Some(0));
    let teams: Vec<Option<String>> = sqlx::query_scalar(
        "SELECT team.name FROM api_token LEFT JOIN team ON team.id = api_token.team_id ORDER BY api_token.id",
    )
    .fetch_all(&db)
    .await
    .unwrap();
    assert_eq!(teams, [Some("video".to_owned()), None]);
}

#[sqlx::test(migrations = "../migrations")]
async fn users_are_added_with_a_password_from_standard_input(db: PgPool) {
    let folder = Folder::new();
    let add = |email: &str, password: &str| {
        let args = [
            "user",
            "add",
            "--email",
            email,
            "--name",
            "A B",
            "--role",
            "cto",
            "--password-stdin",
        ];
        run_with(&mut ytops_on(&db, &folder, &args), password)
    };
    let ended = add("a@example.com", "a long enough pass phrase\n");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.out.starts_with("a@example.com may sign in as "),
        "{ended:?}"
    );
    for (email, password) in [
        ("a@example.com", "a long enough pass phrase\n"),
        ("b@example.com", "short\n"),
        ("b@example.com", ""),
        ("no address", "a long enough pass phrase\n"),
    ] {
        let ended = add(email, password);
        assert_eq!(ended.code, Some(1), "{email}: {ended:?}");
        assert!(!ended.err.is_empty(), "{email}");
    }
    let users: i64 = sqlx::query_scalar("SELECT count(*) FROM users")
        .fetch_one(&db)
        .await
        .unwrap();
    assert_eq!(users, 1);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_changed_entry_of_the_audit_log_is_named(db: PgPool) {
    let folder = Folder::new();
    for name in ["one", "two", "three"] {
        let ended = run(&mut ytops_on(&db, &folder, &token(name, "7")));
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
    let verify = || run(&mut ytops_on(&db, &folder, &["audit", "verify"]));
    let ended = verify();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.out.starts_with("The audit log is whole: 3 entries"),
        "{ended:?}"
    );
    // The tables' owner can turn off what keeps others from it.
    for statement in [
        "ALTER TABLE audit DISABLE TRIGGER USER",
        "UPDATE audit SET actor = 'nobody' WHERE id = 2",
        "ALTER TABLE audit ENABLE TRIGGER USER",
    ] {
        sqlx::query(statement).execute(&db).await.unwrap();
    }
    let ended = verify();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended.err.contains("The audit log is broken: entry 2 "),
        "{ended:?}"
    );
    assert_eq!(ended.out, "");
}
