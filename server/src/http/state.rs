//! What handlers work with.

use std::sync::Arc;

use super::site::Sites;
use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use ops::Ops;
use tokio::sync::watch;

use super::{limits::Load, metrics::Metrics, stream::Places};
use crate::config::Config;

/// Shared by all handlers; cheap to clone.
#[derive(Clone)]
pub struct Http {
    /// The use-cases' tools.
    pub ops: Ops,
    /// The settings.
    pub config: Arc<Config>,
    /// Names of the site's files.
    pub site: Arc<Sites>,
    /// What Leptos's router asks for; the site itself is served by [`super::site`].
    pub leptos: LeptosOptions,
    /// Turns true when the console stops: streams end themselves.
    pub stop: watch::Receiver<bool>,
    /// Turns true when the database is there and its schema up to date.
    pub ready: watch::Receiver<bool>,
    /// What was answered so far, in numbers.
    pub metrics: Arc<Metrics>,
    /// Places for requests in flight.
    pub load: Load,
    /// Places for open streams.
    pub places: Places,
}

impl Http {
    /// The state of a console.
    pub fn new(
        ops: Ops,
        config: Config,
        site: Sites,
        stop: watch::Receiver<bool>,
        ready: watch::Receiver<bool>,
    ) -> Self {
        let leptos = LeptosOptions::builder().output_name("ytops").build();
        Self {
            ops,
            config: Arc::new(config),
            site: Arc::new(site),
            leptos,
            stop,
            ready,
            metrics: Arc::default(),
            load: Load::default(),
            places: Places::default(),
        }
    }
}

impl FromRef<Http> for Ops {
    fn from_ref(http: &Http) -> Self {
        http.ops.clone()
    }
}

impl FromRef<Http> for LeptosOptions {
    fn from_ref(http: &Http) -> Self {
        http.leptos.clone()
    }
}
