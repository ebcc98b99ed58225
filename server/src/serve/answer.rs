//! Connections: so many at once, each given up when it says nothing for too long, all ended when the console stops.

use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, serve::Listener};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
};
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// What connections are given.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// So many are open at once; the next wait to be accepted.
    pub connections: usize,
    /// How long the head of a request may take, from the end of the answer before it on.
    pub head: Duration,
}

impl Limits {
    /// Longer than the minute that nginx keeps an unused connection for its next request: it is the one to end it.
    pub const STANDARD: Self = Self {
        connections: 4_096,
        head: Duration::from_secs(75),
    };
}

/// Answers requests until `stop` turns true and the open ones have ended.
pub async fn answer(
    mut listener: TcpListener,
    router: Router,
    mut stop: watch::Receiver<bool>,
    limits: Limits,
) {
    // Once, rather than for each request.
    let router: Router = router.with_state(());
    let places = Arc::new(Semaphore::new(limits.connections));
    let open = TaskTracker::new();
    loop {
        let (socket, peer, place) = tokio::select! {
            accepted = accept(&mut listener, &places) => accepted,
            () = stopped(&mut stop) => break,
        };
        let (router, stop) = (router.clone(), stop.clone());
        open.spawn(async move {
            converse(socket, peer, router, stop, limits.head).await;
            drop(place);
        });
    }
    drop(listener);
    open.close();
    open.wait().await;
}

/// The next connection, once there is a place for it.
async fn accept(
    listener: &mut TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    // None is for a closed semaphore, and nobody closes it.
    let place = Arc::clone(places).acquire_owned().await.ok();
    let (socket, peer) = Listener::accept(listener).await;
    (socket, peer, place)
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stopping| *stopping).await;
}

/// Answers one connection's requests until it ends; once the console stops, the one that is open.
async fn converse(
    socket: TcpStream,
    peer: SocketAddr,
    router: Router,
    mut stop: watch::Receiver<bool>,
    head: Duration,
) {
    // Pages leave in several small writes; without this each waits for a delayed acknowledgement.
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(error = %error, "TCP_NODELAY was refused.");
    }
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request.map(Body::new))
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(head)
            .serve_connection(TokioIo::new(socket), service)
    );
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = stopped(&mut stop) => None,
    };
    let ended = if let Some(ended) = ended {
        ended
    } else {
        connection.as_mut().graceful_shutdown();
        connection.await
    };
    if let Err(error) = ended {
        tracing::trace!(error = %error, "A connection ended.");
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]

    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        task::JoinHandle,
        time::timeout,
    };

    use super::*;

    /// Longer than anything here takes.
    const PATIENCE: Duration = Duration::from_secs(30);

    const ASK: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";

    struct Server {
        address: SocketAddr,
        stop: watch::Sender<bool>,
        task: JoinHandle<()>,
    }

    /// Answers with the port of who asks, five digits of it.
    async fn start(limits: Limits) -> Server {
        let told = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move {
            format!("{:05}", peer.port())
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopping) = watch::channel(false);
        let router = Router::new().route("/", get(told));
        let task = tokio::spawn(answer(listener, router, stopping, limits));
        Server {
            address,
            stop,
            task,
        }
    }

    impl Server {
        async fn connect(&self) -> TcpStream {
            TcpStream::connect(self.address).await.unwrap()
        }
    }

    async fn is_answered(socket: &mut TcpStream) {
        let own = format!("{:05}", socket.local_addr().unwrap().port());
        let mut text = Vec::new();
        while !text.ends_with(own.as_bytes()) {
            let read = timeout(PATIENCE, socket.read_buf(&mut text)).await.unwrap();
            assert_ne!(read.unwrap(), 0, "{}", String::from_utf8_lossy(&text));
        }
    }

    async fn is_ended(socket: &mut TcpStream) {
        let mut rest = Vec::new();
        // How it ends is the system's own; that it ends is what counts.
        let _ = timeout(PATIENCE, socket.read_to_end(&mut rest))
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn half_a_head_and_silence_hold_no_connection() {
        let server = start(Limits {
            head: Duration::from_millis(50),
            ..Limits::STANDARD
        })
        .await;
        let (mut half, mut silent) = (server.connect().await, server.connect().await);
        half.write_all(&ASK[..10]).await.unwrap();
        is_ended(&mut half).await;
        is_ended(&mut silent).await;
    }

    #[tokio::test]
    async fn beyond_the_limit_connections_wait_for_a_place() {
        let server = start(Limits {
            connections: 1,
            ..Limits::STANDARD
        })
        .await;
        let (mut first, mut second) = (server.connect().await, server.connect().await);
        second.write_all(ASK).await.unwrap();
        for _ in 0..2 {
            first.write_all(ASK).await.unwrap();
            is_answered(&mut first).await;
        }
        let mut nothing = [0; 1];
        let early = second.try_read(&mut nothing).unwrap_err();
        assert_eq!(early.kind(), std::io::ErrorKind::WouldBlock);
        drop(first);
        is_answered(&mut second).await;
    }

    #[tokio::test]
    async fn a_stop_ends_idle_connections() {
        let server = start(Limits::STANDARD).await;
        let mut idle = server.connect().await;
        idle.write_all(ASK).await.unwrap();
        is_answered(&mut idle).await;
        server.stop.send(true).unwrap();
        is_ended(&mut idle).await;
        timeout(PATIENCE, server.task).await.unwrap().unwrap();
    }
}
