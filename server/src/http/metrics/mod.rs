//! The console's own figures and its host's in Prometheus text, for loopback peers and bearers of a token.

mod histogram;
mod platform;
mod process;
mod requests;
mod samples;
mod text;

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use ops::Actor;
use types::Error;

use super::{Http, problem::Problem, stream};
use requests::Requests;
pub use text::Text;

/// What this process counted since it started.
#[derive(Debug)]
pub struct Metrics {
    started: Instant,
    requests: Requests,
    sign_in_failures: AtomicU64,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            requests: Requests::default(),
            sign_in_failures: AtomicU64::new(0),
        }
    }
}

impl Metrics {
    /// Counts an answer.
    pub fn answered(&self, route: &str, method: &Method, status: StatusCode, took: Duration) {
        self.requests.count(route, method, status, took);
    }

    /// Counts a refused sign-in.
    pub fn sign_in_failed(&self) {
        self.sign_in_failures.fetch_add(1, Ordering::Relaxed);
    }

    fn write(&self, text: &mut Text, http: &Http) {
        let db = &http.ops.db;
        text.gauge(
            "ytops_build_info",
            "Always 1; the version is in the label.",
            &[("version", env!("CARGO_PKG_VERSION"))],
            1.0,
        );
        text.gauge(
            "ytops_uptime_seconds",
            "Seconds since the console started.",
            &[],
            self.started.elapsed().as_secs_f64(),
        );
        process::write(text);
        text.gauge(
            "ytops_http_requests_in_flight",
            "Requests being worked on, streams left out.",
            &[],
            real(http.load.in_flight()),
        );
        stream::write_figures(&http.places, text);
        text.gauge(
            "ytops_database_connections",
            "Connections in the pool.",
            &[("state", "idle")],
            real(db.num_idle()),
        );
        text.more(
            &[("state", "used")],
            f64::from(db.size()) - real(db.num_idle()),
        );
        text.counter(
            "ytops_sign_in_failures_total",
            "Sign-ins refused by this process.",
            &[],
            self.sign_in_failures.load(Ordering::Relaxed),
        );
        samples::write(text, &http.ops.meters.counted());
        self.requests.write(text);
    }
}

/// Figures far below 2^52 keep their value.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
const fn real(count: usize) -> f64 {
    count as f64
}

/// All figures. Those of the platform are left out while the database is away.
pub async fn metrics(State(http): State<Http>, request: Request) -> Response {
    let actor = request.extensions().get::<Actor>();
    let allowed = match actor {
        Some(actor) => actor.may_see_platform(),
        None if is_local(&request) => Ok(()),
        None => Err(Error::Unauthenticated),
    };
    if let Err(error) = allowed {
        return Problem(error).into_response();
    }
    let mut text = Text::default();
    http.metrics.write(&mut text, &http);
    platform::write(&mut text, &http.ops).await;
    let mut text = text.finish();
    text.push_str(&http.ops.meters.exposition().await);
    (
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        text,
    )
        .into_response()
}

/// The connection itself comes from this machine, and not through a proxy.
fn is_local(request: &Request) -> bool {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.is_some_and(|ConnectInfo(peer)| peer.ip().to_canonical().is_loopback())
        && !was_forwarded(request.headers())
}

fn was_forwarded(headers: &HeaderMap) -> bool {
    [
        "x-forwarded-for",
        "x-real-ip",
        "forwarded",
        "via",
        "x-forwarded-host",
    ]
    .iter()
    .any(|name| headers.contains_key(*name))
}
