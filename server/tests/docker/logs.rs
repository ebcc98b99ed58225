use futures::StreamExt;
use ops::{
    Actor,
    deployment::{self, LogTail},
};
use store::PgPool;

use crate::engine::{Project, console};

/// The most memory that this process ever had, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<usize>()
        .unwrap()
        * 1024
}

async fn read(db: &PgPool, project: &Project, service: &str, tail: u32) -> LogTail {
    let ops = console(db, project.host());
    deployment::reconcile(&ops).await.unwrap();
    deployment::logs(&ops, &Actor::system(), &project.name, service, tail)
        .await
        .unwrap()
}

#[sqlx::test(migrations = "../migrations")]
async fn both_streams_and_terminals_are_read(db: PgPool) {
    let project = Project::new();
    let script = r#"echo plain; echo '{"level":"error","message":"no credit","video_id":7}' >&2;
        printf '\033[31mred\033[0m\n'; printf '\377\376 bytes\n'; printf 'no end'"#;
    for (service, options) in [("pipe", &[][..]), ("terminal", &["-t"][..])] {
        let id = project.run(service, options, script);
        project.docker(&["wait", &id]);
        let lines = read(&db, &project, service, 100).await.lines;
        let mut messages: Vec<&str> = lines.iter().map(|line| line.message.as_str()).collect();
        // Two pipes have no order between them.
        messages.sort_unstable();
        assert_eq!(
            messages,
            [
                "no credit",
                "no end",
                "plain",
                "red",
                "\u{fffd}\u{fffd} bytes"
            ]
        );
        let error = lines.iter().find(|line| line.level == "error").unwrap();
        assert_eq!(error.video_id, "7");
        assert_eq!(
            error.stream,
            if service == "pipe" {
                "stderr"
            } else {
                "stdout"
            }
        );
        assert!(lines.iter().all(|line| line.at.is_some() && !line.cut));
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_very_long_line_takes_little_memory(db: PgPool) {
    let project = Project::alone();
    for (service, options, bytes) in [
        ("pipe", &[][..], 1_u64 << 30),
        ("terminal", &["-t"][..], 200_000_000),
    ] {
        let script = format!(
            "echo before; /busybox head -c {bytes} /dev/zero | /busybox tr '\\0' x; echo; echo after"
        );
        let id = project.run(service, options, &script);
        project.docker(&["wait", &id]);
        let before = peak();
        let read = read(&db, &project, service, 5_000).await;
        let grown = peak() - before;
        assert!(grown < 48 << 20, "{service}: {grown} bytes more");
        // An engine that does not get to the end in time is told of.
        let has_end = read
            .lines
            .last()
            .is_some_and(|line| line.message == "after");
        assert_eq!(has_end, read.is_complete, "{service}");
        if has_end {
            let long = &read.lines[read.lines.len() - 2];
            assert!(long.cut && long.message.len() == 8 * 1024 && long.message.ends_with('x'));
        }
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn following_survives_a_restart_without_a_line_lost_or_doubled(db: PgPool) {
    let project = Project::new();
    let id = project.run(
        "web",
        &["--stop-timeout", "0"],
        "for i in 1 2 3 4 5; do echo line $i; done; exec /busybox sleep 1000",
    );
    let ops = console(&db, project.host());
    deployment::reconcile(&ops).await.unwrap();
    let mut lines = deployment::follow_logs(&ops, &Actor::system(), &project.name, "web", 2)
        .await
        .unwrap();
    let mut seen = Vec::new();
    for _ in 0..2 {
        seen.push(lines.next().await.unwrap().unwrap().message);
    }
    assert_eq!(seen, ["line 4", "line 5"]);
    project.docker(&["restart", &id]);
    for number in 1..=5 {
        let line = tokio::time::timeout(std::time::Duration::from_secs(20), lines.next()).await;
        let line = line.unwrap().unwrap().unwrap();
        assert_eq!(line.message, format!("line {number}"));
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_log_that_the_engine_does_not_keep_is_refused_in_its_words(db: PgPool) {
    let project = Project::new();
    project.run(
        "web",
        &["--log-driver", "none"],
        "echo said; exec /busybox sleep 1000",
    );
    let ops = console(&db, project.host());
    deployment::reconcile(&ops).await.unwrap();
    let system = Actor::system();
    let mut lines = deployment::follow_logs(&ops, &system, &project.name, "web", 2)
        .await
        .unwrap();
    let first = tokio::time::timeout(std::time::Duration::from_secs(20), lines.next()).await;
    let refused = first.unwrap().unwrap().unwrap_err().to_string();
    assert!(
        refused.starts_with("The Docker Engine refused: ") && refused.contains("logging driver"),
        "{refused}"
    );
}
