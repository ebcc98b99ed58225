//! The frontend as a visitor asks for it: through the proxy.

use super::{
    checks::LIMIT,
    find::{self, PROXY},
    first::first,
    round::candidates,
};
use crate::{
    Ops, Outcome,
    outside::{HttpRequest, ProbeError},
};

/// At most this much of the page is read, in bytes.
const MAX_BODY: usize = 64 << 10;

/// Asks a project's proxy for the first page: what was answered, or why that is not well. A project without a proxy is well,
/// and that is said.
///
/// # Errors
/// The database failed.
pub(crate) async fn through_proxy(ops: &Ops, project: &str) -> Outcome<Result<String, String>> {
    let mut all = candidates(ops).await?;
    all.retain(|one| one.project == project);
    let Some(proxy) = find::find(&PROXY, &all) else {
        return Ok(Ok("no proxy was found to ask for the first page".to_owned()));
    };
    let addresses = find::addresses(&PROXY, proxy);
    let request = HttpRequest {
        path: "/".to_owned(),
        login: None,
        max_body: MAX_BODY,
    };
    let (address, answer) = first(&addresses, |address, limit| {
        let request = &request;
        async move { ops.outside.probe.http(address, request, limit).await }
    })
    .await;
    Ok(match answer {
        Ok(answer) if answer.status < 400 => Ok(format!(
            "the first page through {}: {} in {} ms",
            proxy.service,
            answer.status,
            answer.latency.as_millis()
        )),
        Ok(answer) => Err(format!(
            "The first page through {} is answered with {}.",
            proxy.service, answer.status
        )),
        Err(ProbeError::TimedOut(_)) => Err(format!(
            "{} at {address} does not answer within {} s.",
            proxy.service,
            LIMIT.as_secs()
        )),
        Err(error) => Err(format!("{} at {address}: {error}.", proxy.service)),
    })
}
