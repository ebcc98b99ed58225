#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::time::Instant;

use ops::Actor;
use sqlx::PgPool;

use super::*;
use crate::adapters::SystemClock;

fn console(db: &PgPool, host: &str) -> Ops {
    let ops = Ops::new(db.clone(), Arc::new(SystemClock));
    ops.meters.set_own_host(host);
    ops
}

#[sqlx::test(migrations = "../migrations")]
async fn of_two_consoles_of_a_host_one_stores_and_the_other_takes_over(db: PgPool) {
    let (one, other, elsewhere) = (console(&db, "a"), console(&db, "a"), console(&db, "b"));
    let keeps = [true; 3].map(AtomicBool::new);
    let held = || keeps.each_ref().map(|keeps| keeps.load(Ordering::Acquire));
    let lock = turn(&one, &keeps[0], None).await.unwrap();
    assert!(turn(&other, &keeps[1], None).await.is_none());
    assert!(turn(&elsewhere, &keeps[2], None).await.is_some());
    assert_eq!(held(), [true, false, true]);
    // The database goes away: who stored holds what is read meanwhile, who did not does not begin to.
    let away = Ops {
        db: store::nowhere().await,
        ..one.clone()
    };
    assert!(turn(&away, &keeps[0], None).await.is_none());
    assert!(turn(&away, &keeps[1], None).await.is_none());
    assert_eq!(held(), [true, false, true]);
    let lock = turn(&one, &keeps[0], Some(lock)).await.unwrap();
    lock.resign().await.unwrap();
    // The server frees a lock just after the connection closed.
    let _lock = loop {
        if let Some(lock) = turn(&other, &keeps[1], None).await {
            break lock;
        }
        tokio::task::yield_now().await;
    };
    assert!(turn(&one, &keeps[0], None).await.is_none());
    assert_eq!(held(), [false, true, true]);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_console_reads_its_host_stores_it_and_exposes_it(db: PgPool) {
    let ops = console(&db, "here");
    let mut loops = JoinSet::new();
    spawn(&mut loops, &ops, &Config::default());
    let patience = Instant::now();
    let listed = loop {
        let system = Actor::system();
        let query = resources::SeriesQuery::all("here", Some("system.memory.usage"));
        let listed = resources::series(&ops, &system, query).await;
        let listed = listed.unwrap().series;
        let stored = resources::hosts(&ops, &system).await.unwrap();
        if !listed.is_empty() && stored[0].newest.is_some() {
            break listed;
        }
        assert!(patience.elapsed() < Duration::from_mins(1));
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(listed.len(), 4);
    let text = ops.meters.exposition().await;
    assert!(text.contains("\nnode_memory_MemAvailable_bytes "), "{text}");
    let gpu = ops
        .meters
        .states("here")
        .iter()
        .any(|state| state.source == "gpu");
    assert!(gpu, "whether there are GPUs is told");
    loops.shutdown().await;
    resources::finish(&ops).await;
    // The thread ends by itself: nobody hears of a further second.
    let ended = Instant::now();
    while !ops.meters.exposition().await.is_empty() {
        assert!(ended.elapsed() < Duration::from_secs(10));
    }
}
