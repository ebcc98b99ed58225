#![expect(clippy::unwrap_used, reason = "a test may stop")]
use time::Duration;

use super::*;

fn check(status: Status) -> Check {
    Check {
        name: "redis".to_owned(),
        status,
        ok: status == Status::Ok || status == Status::Warning,
        summary: "answers".to_owned(),
        latency_ms: Some(1.5),
        detail: "answers".to_owned(),
        target: "10.0.0.1:6379".to_owned(),
        service: "demo/redis".to_owned(),
        figures: vec![Figure {
            name: "memory".to_owned(),
            text: "1 MiB of 8 MiB".to_owned(),
            status: Status::Ok,
        }],
        checked_at: None,
        last_success_at: None,
        since: None,
        began_before: false,
    }
}

async fn saved(db: &PgPool, status: Status, round: i64, now: OffsetDateTime) -> Check {
    let mut connection = db.acquire().await.unwrap();
    save(&mut connection, &check(status), round, now)
        .await
        .unwrap();
    checks(db).await.unwrap().remove(0)
}

#[sqlx::test(migrations = "../../migrations")]
async fn since_moves_with_the_verdict_and_last_success_stays(db: PgPool) {
    let start = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
    let at = |seconds| start + Duration::seconds(seconds);

    let first = saved(&db, Status::Critical, 1, at(0)).await;
    assert_eq!(
        (first.since, first.last_success_at),
        (Some(at(0)), None),
        "it never answered"
    );
    assert!(first.began_before, "nobody knows since when");
    let worse = saved(&db, Status::Warning, 1, at(15)).await;
    assert!(!worse.began_before, "that was seen");
    let well = saved(&db, Status::Ok, 2, at(30)).await;
    assert_eq!(
        (well.since, well.last_success_at),
        (Some(at(30)), Some(at(30)))
    );
    let still = saved(&db, Status::Ok, 3, at(60)).await;
    assert_eq!(
        (still.since, still.last_success_at),
        (Some(at(30)), Some(at(60)))
    );
    let gone = saved(&db, Status::Critical, 4, at(90)).await;
    assert_eq!(
        (gone.since, gone.last_success_at),
        (Some(at(90)), Some(at(60)))
    );
    let late = saved(&db, Status::Ok, 3, at(300)).await;
    assert_eq!(late, gone, "a result of an earlier round changes nothing");
    assert_eq!(gone.figures, check(Status::Ok).figures);
    // The console that checks now has a clock five minutes behind the one that checked before.
    let behind = saved(&db, Status::Ok, 5, at(90 - 300)).await;
    assert_eq!(
        (behind.status, behind.checked_at),
        (Status::Ok, Some(at(-210)))
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn since_moves_with_the_kind_of_trouble_and_not_with_its_figures(db: PgPool) {
    let start = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
    let mut connection = db.acquire().await.unwrap();
    let mut since = Vec::new();
    for (round, summary) in [
        (1, "fails now and then (1 of 3 checks failed)"),
        (2, "fails now and then (1 of 4 checks failed)"),
        (3, "fails some requests (9 of 200 requests)"),
        (4, "fails some requests (8 of 300 requests)"),
    ] {
        let found = Check {
            summary: summary.to_owned(),
            ..check(Status::Warning)
        };
        let now = start + Duration::seconds(round);
        save(&mut connection, &found, round, now).await.unwrap();
        let stored = checks(&db).await.unwrap().remove(0);
        since.push((stored.since.unwrap() - start).whole_seconds());
        assert_eq!(stored.began_before, round < 3);
    }
    assert_eq!(since, [1, 1, 3, 3]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn probes_are_told_by_name_and_time_and_forgotten(db: PgPool) {
    let start = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
    let mut connection = db.acquire().await.unwrap();
    for second in 0..4 {
        let probed = Probed {
            ok: second != 1,
            ..Probed::default()
        };
        remember(
            &mut connection,
            "redis",
            &probed,
            start + Duration::seconds(second),
        )
        .await
        .unwrap();
    }
    remember(&mut connection, "n8n", &Probed::default(), start)
        .await
        .unwrap();
    let from = start + Duration::seconds(1);
    let told: Vec<bool> = probes(&db, "redis", from)
        .await
        .unwrap()
        .iter()
        .map(|past| past.probed.ok)
        .collect();
    assert_eq!(told, [false, true, true]);
    assert_eq!(forget(&mut connection, from).await.unwrap(), 2);
}
