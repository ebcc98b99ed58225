//! Whether all is well.

use ops::{health, overview as all, preflight as machine};
use types::{health::Verification, overview::Overview, preflight::Preflight};

use super::{Answer, Asked, NoInput, Params, openapi::Refused};

/// What the machine has of what it must have
#[utoipa::path(
    get,
    path = "/api/v1/preflight",
    tag = "health",
    responses(
        (status = 200, description = "Every requirement and what was found", body = Preflight),
        Refused,
    )
)]
pub async fn preflight(asked: Asked, params: Params) -> Answer<Preflight> {
    params.done()?;
    asked.answer(machine::preflight(&asked.ops, &asked.actor).await)
}

/// The last result of every check
#[utoipa::path(
    get,
    path = "/api/v1/verification",
    tag = "health",
    responses(
        (status = 200, description = "`success` when every part of the platform answered as it should", body = Verification),
        Refused,
    )
)]
pub async fn verification(asked: Asked, params: Params) -> Answer<Verification> {
    params.done()?;
    let health = health::health(&asked.ops, &asked.actor).await;
    asked.answer(health.map(|health| Verification::of(&health)))
}

/// Run every check now
///
/// Answers with the results. Calls that come together share one round.
#[utoipa::path(
    post,
    path = "/api/v1/verification",
    tag = "health",
    responses(
        (status = 200, description = "The new results", body = Verification),
        Refused,
    )
)]
pub async fn verify(asked: Asked, params: Params, _input: NoInput) -> Answer<Verification> {
    params.done()?;
    let health = health::verify_now(&asked.ops, &asked.actor).await;
    asked.answer(health.map(|health| Verification::of(&health)))
}

/// What is wrong and since when
#[utoipa::path(
    get,
    path = "/api/v1/overview",
    tag = "health",
    responses(
        (status = 200, description = "Everything that is wrong, the worst and oldest first", body = Overview),
        Refused,
    )
)]
pub async fn overview(asked: Asked, params: Params) -> Answer<Overview> {
    params.done()?;
    asked.answer(all::overview(&asked.ops, &asked.actor).await)
}
