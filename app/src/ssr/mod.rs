//! How a server function gets at who asks and at the tools, and how its faults become answers.

pub mod session;

use axum::http::{StatusCode, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use ops::{Actor, Caller, Fault, Ops};
use types::Error;

pub mod typed;

/// The tools and who asks.
///
/// # Errors
/// `Unauthenticated` when nobody is signed in.
pub fn asked() -> Result<(Ops, Actor), Error> {
    let ops = tools()?;
    let actor = use_context::<Parts>()
        .and_then(|parts| parts.extensions.get::<Actor>().cloned())
        .ok_or(Error::Unauthenticated)?;
    Ok((ops, actor))
}

/// The tools and where the request came from; for the few entries that need no sign-in.
///
/// # Errors
/// `Internal` outside a request.
pub fn asked_by_anyone() -> Result<(Ops, Caller), Error> {
    Ok((tools()?, caller()))
}

/// The tools and who asks, their password proved first when they give it.
///
/// # Errors
/// As [`asked`]; what the proof is refused for.
#[expect(clippy::unused_async, reason = "the proof is to come")]
pub async fn asked_with_proof(password: &str, code: &str) -> Result<(Ops, Actor), Error> {
    let _ = (password, code);
    asked()
}

/// Stands where a use-case is to come.
pub fn later() -> Error {
    Error::Unavailable { what: "This part".to_owned(), hint: "It is not built yet.".to_owned() }
}

/// Turns a use-case's fault into what the caller is told, and answers with its status.
pub fn tell(fault: Fault) -> Error {
    let error = fault.tell(&caller().trace_id);
    answer(&error);
    error
}

/// Gives the answer the error's status. A plain form is always answered with the way back to its page.
pub fn answer(error: &Error) {
    if typed::is_plain_form() {
        return;
    }
    if let (Some(response), Ok(status)) =
        (use_context::<ResponseOptions>(), StatusCode::from_u16(error.status()))
    {
        response.set_status(status);
    }
}

fn tools() -> Result<Ops, Error> {
    use_context::<Ops>().ok_or_else(|| Error::Internal {
        trace_id: "no-context".to_owned(),
    })
}

fn caller() -> Caller {
    use_context::<Parts>()
        .and_then(|parts| parts.extensions.get::<Caller>().cloned())
        .unwrap_or_default()
}
