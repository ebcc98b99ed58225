#![expect(clippy::unwrap_used, reason = "a test may stop")]
use std::path::PathBuf;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, UnixStream},
};
use types::live::Topic;

use super::*;

/// A way to the database that can be made to hand on nothing, with every connection still standing: a server that is
/// frozen, or a network that went away.
struct Gate {
    port: u16,
    stalled: watch::Sender<bool>,
    /// Grows with everything that goes through.
    passed: watch::Sender<u64>,
}

impl Gate {
    async fn to(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let stalled = watch::Sender::new(false);
        let passed = watch::Sender::new(0);
        let (stall, count) = (stalled.clone(), passed.clone());
        tokio::spawn(async move {
            loop {
                let (near, _) = listener.accept().await.unwrap();
                let far = UnixStream::connect(&socket).await.unwrap();
                let ((near_read, near_write), (far_read, far_write)) =
                    (near.into_split(), far.into_split());
                tokio::spawn(pass(near_read, far_write, stall.subscribe(), count.clone()));
                tokio::spawn(pass(far_read, near_write, stall.subscribe(), count.clone()));
            }
        });
        Self {
            port,
            stalled,
            passed,
        }
    }

    /// Waits until nobody asks anything any more.
    async fn is_quiet(&self) {
        let mut passed = self.passed.subscribe();
        let quiet = Duration::from_millis(300);
        while tokio::time::timeout(quiet, passed.changed()).await.is_ok() {}
    }
}

async fn pass(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    mut stalled: watch::Receiver<bool>,
    passed: watch::Sender<u64>,
) {
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        if stalled.wait_for(|stalled| !stalled).await.is_err()
            || to.write_all(&bytes[..read]).await.is_err()
        {
            return;
        }
        passed.send_modify(|passed| *passed += 1);
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_database_that_falls_silent_is_noticed_and_got_over(db: PgPool) {
    let options = db.connect_options();
    let socket = options.get_socket().unwrap();
    let gate = Gate::to(socket.join(format!(".s.PGSQL.{}", options.get_port()))).await;
    let through = PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(gate.port)
        .username(options.get_username())
        .database(options.get_database().unwrap())
        .ssl_mode(PgSslMode::Disable);
    let slow = PgPoolOptions::new()
        .acquire_timeout(Duration::from_secs(3))
        .connect_lazy_with(through);
    let hub = Hub::new();
    let (mut deaf, mut heard) = (hub.deaf(), hub.subscribe());
    let patience = Patience {
        quiet: Duration::from_secs(1),
        answer: Duration::from_millis(500),
    };
    tokio::spawn(hub.clone().follow_with(slow, patience));
    let publish = async |key| {
        let mut tx = db.begin().await.unwrap();
        changes::publish(&mut tx, Topic::Deployment, key)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    };
    let limit = Duration::from_secs(30);
    let soon = async |heard: &mut broadcast::Receiver<Change>| {
        tokio::time::timeout(limit, heard.recv())
            .await
            .unwrap()
            .unwrap()
            .key
    };
    while hub.head().is_none() {
        tokio::task::yield_now().await;
    }
    publish("before").await;
    assert_eq!(soon(&mut heard).await, "before");
    assert!(!*deaf.borrow_and_update());

    // It waits for a notice, and no question is under way that could fail.
    gate.is_quiet().await;
    gate.stalled.send_replace(true);
    publish("meanwhile").await;
    tokio::time::timeout(limit, deaf.wait_for(|deaf| *deaf))
        .await
        .unwrap()
        .unwrap();
    gate.stalled.send_replace(false);
    tokio::time::timeout(limit, deaf.wait_for(|deaf| !*deaf))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(soon(&mut heard).await, "meanwhile");
}
