use std::time::Duration;

use futures::StreamExt;
use store::PgPool;
use types::{Error, Role};

use super::world::{Engine, container, id, new, person, until};
use crate::{
    Ops,
    deployment::{follow_logs, log_tail, logs, reconcile},
    outside::{LogPiece, LogStream},
};

async fn prepared(db: &PgPool) -> (Ops, Engine) {
    let (ops, engine, _) = new(db);
    engine
        .world()
        .make([container(1, "web"), container(2, "web"), container(3, "db")]);
    reconcile(&ops).await.unwrap();
    (ops, engine)
}

fn written(engine: &Engine, number: u32, lines: &[(u8, &str)]) {
    let lines = lines
        .iter()
        .map(|(second, line)| format!("2026-11-23T12:00:{second:02}.5Z {line}\n"));
    let text = lines.collect::<Vec<_>>().concat();
    let piece = LogPiece {
        stream: LogStream::Stdout,
        bytes: text.into_bytes(),
    };
    engine.world().logs.insert(id(number), vec![piece]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_newest_lines_of_all_containers_by_time(db: PgPool) {
    let (ops, engine) = prepared(&db).await;
    written(&engine, 1, &[(1, "a"), (3, "c"), (5, "e")]);
    written(&engine, 2, &[(2, "b"), (4, "d")]);
    let viewer = person(Role::Viewer, &[]);
    let read = |tail| logs(&ops, &viewer, "demo", "web", tail);
    let lines: Vec<String> = read(4)
        .await
        .unwrap()
        .lines
        .into_iter()
        .map(|line| line.message)
        .collect();
    assert_eq!(lines, ["b", "c", "d", "e"]);
    assert_eq!(engine.world().logs_from[0].tail, Some(4));
    read(u32::MAX).await.unwrap();
    assert_eq!(
        engine.world().logs_from.last().unwrap().tail,
        Some(5_000),
        "bounded"
    );
    assert!(
        logs(&ops, &viewer, "demo", "db", 9)
            .await
            .unwrap()
            .lines
            .is_empty(),
        "a container that is gone"
    );
    engine.world().down = true;
    let told = read(1).await.unwrap_err().tell("t");
    assert!(matches!(told, Error::Unavailable { .. }), "{told:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn much_text_of_all_containers_leaves_the_newest(db: PgPool) {
    let (ops, engine) = prepared(&db).await;
    let long = "x".repeat(8_000);
    let lines = |last| -> Vec<(u8, &str)> {
        (0..2_000)
            .map(|_| (1, long.as_str()))
            .chain([last])
            .collect()
    };
    written(&engine, 1, &lines((3, "last")));
    written(&engine, 2, &lines((2, "last but one")));
    let read = logs(&ops, &person(Role::Viewer, &[]), "demo", "web", 5_000)
        .await
        .unwrap();
    assert!(read.is_complete);
    let bytes: usize = read.lines.iter().map(|line| line.message.len()).sum();
    assert!(bytes <= 4 << 20, "{bytes}");
    let newest: Vec<&str> = read.lines.iter().rev().map(|line| &*line.message).collect();
    assert_eq!(newest[..2], ["last", "last but one"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_log_whose_end_does_not_come_is_told_as_far_as_it_came(db: PgPool) {
    let (ops, engine) = prepared(&db).await;
    written(&engine, 1, &[(1, "a"), (3, "c")]);
    written(&engine, 2, &[(2, "b"), (4, "d")]);
    written(&engine, 3, &[(5, "e")]);
    engine.world().endless_logs.extend([id(1), id(2)]);
    // Whatever is ready is read before the time is looked at.
    let read = async |numbers: &[u32]| {
        let containers: Vec<String> = numbers.iter().map(|&number| id(number)).collect();
        let read = log_tail::read(&ops, &containers, 9, Duration::ZERO)
            .await
            .unwrap();
        let messages: Vec<String> = read.lines.into_iter().map(|line| line.message).collect();
        (messages.concat(), read.is_complete)
    };
    assert_eq!(read(&[1, 2, 3]).await, ("abcde".to_owned(), false));
    assert_eq!(read(&[3]).await, ("e".to_owned(), true));
}

#[sqlx::test(migrations = "../../migrations")]
async fn following_goes_on_after_the_last_line(db: PgPool) {
    let (ops, engine) = prepared(&db).await;
    written(&engine, 3, &[(1, "one"), (2, "two")]);
    let mut lines = follow_logs(&ops, &person(Role::Viewer, &[]), "demo", "db", 10)
        .await
        .unwrap();
    assert_eq!(lines.next().await.unwrap().unwrap().message, "one");
    // The container's log has ended; it starts anew and says more.
    assert_eq!(lines.next().await.unwrap().unwrap().message, "two");
    written(&engine, 3, &[(9, "three")]);
    let three = tokio::time::timeout(Duration::from_secs(10), lines.next())
        .await
        .unwrap();
    assert_eq!(three.unwrap().unwrap().message, "three");
    let from = engine.world().logs_from.clone();
    assert_eq!((from[0].tail, from[0].follow), (Some(10), true));
    let after = from[1].since_nano.unwrap()
        - crate::deployment::tests::world::START.unix_timestamp() * 1_000_000_000;
    assert_eq!(after, 2_500_000_001, "one nanosecond after the last line");

    drop(lines);
    let told = follow_logs(&ops, &person(Role::Viewer, &[]), "demo", "none", 10)
        .await
        .err()
        .unwrap();
    assert_eq!(told.tell("t").status(), 404);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_log_that_the_engine_refuses_is_told_once(db: PgPool) {
    let (ops, engine) = prepared(&db).await;
    let words = "configured logging driver does not support reading";
    engine.world().refuses_logs = Some(words.to_owned());
    let mut lines = follow_logs(&ops, &person(Role::Viewer, &[]), "demo", "web", 10)
        .await
        .unwrap();
    let limit = Duration::from_secs(20);
    let first = tokio::time::timeout(limit, lines.next()).await;
    let refused = first.unwrap().unwrap().unwrap_err();
    assert_eq!(
        refused,
        Error::conflict(format!("The Docker Engine refused: {words}"))
    );
    // Both containers were refused; what comes next is a line.
    until(&db, || async { engine.world().logs_from.len() >= 2 }).await;
    engine.world().refuses_logs = None;
    written(&engine, 1, &[(1, "one")]);
    assert_eq!(lines.next().await.unwrap().unwrap().message, "one");
}
