//! Overview, health, verification, preflight, and the settings of all of them.
//!
//! Each function makes a type of its own name in upper camel case, so the records keep their paths here.
#![expect(
    missing_docs,
    reason = "the fields of the types that the macro makes are the functions' parameters"
)]

use leptos::prelude::*;
use types::Error;

/// What is wrong, the worst and oldest first, and how much runs.
#[server(prefix = "/fn", endpoint = "overview")]
pub async fn overview() -> Result<types::overview::Overview, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::overview::overview(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)
}

/// Every check's last result.
#[server(prefix = "/fn", endpoint = "health")]
pub async fn health() -> Result<types::health::Health, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::health::health(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)
}

/// Runs every check at once.
#[server(prefix = "/fn", endpoint = "verify")]
pub async fn verify() -> Result<types::health::Health, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::health::verify_now(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)
}

/// Compares the machine with what the platform needs.
#[server(prefix = "/fn", endpoint = "preflight")]
pub async fn preflight() -> Result<types::preflight::Preflight, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::preflight::preflight(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)
}

/// The thresholds in force.
#[server(prefix = "/fn", endpoint = "thresholds")]
pub async fn thresholds() -> Result<types::preflight::Thresholds, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::preflight::thresholds(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)
}

/// Sets all thresholds. A form's fields are named `thresholds[min_cores]` and so on; what is left out gets its default,
/// so a box for `expect_gpu` goes with a hidden field that says `false`.
#[server(prefix = "/fn", endpoint = "set_thresholds")]
pub async fn set_thresholds(thresholds: types::preflight::Thresholds) -> Result<(), Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::preflight::set_thresholds(&ops, &actor, thresholds)
        .await
        .map_err(crate::ssr::tell)
}

/// Where the checks ask; passwords are masked.
#[server(prefix = "/fn", endpoint = "targets")]
pub async fn targets() -> Result<Vec<types::health::Target>, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::health::targets(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)
}

/// Sets where the check `name` asks; an empty `url` goes back to what is found by itself.
#[server(prefix = "/fn", endpoint = "set_target")]
pub async fn set_target(name: String, url: String) -> Result<(), Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::health::set_target(&ops, &actor, &name, &url)
        .await
        .map_err(crate::ssr::tell)
}
