//! Against a real Docker Engine: the one that `YTOPS_TEST_DOCKER` names, e.g. `unix:///run/docker.sock`. Containers are
//! made for the test, in projects of their own, and removed at its end.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

mod engine;
mod facts;
mod gateway;
mod live;
mod logs;
mod operate;
