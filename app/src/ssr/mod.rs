//! How a server function gets at who asks and at the tools, and how its faults become answers.

pub mod cookies;
pub mod done;
pub mod session;
pub mod typed;

use axum::http::{StatusCode, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use ops::{Actor, Caller, Fault, Ops, Who};
use types::Error;

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
/// As [`asked`]; why the proof was refused.
pub async fn asked_with_proof(password: &str, code: &str) -> Result<(Ops, Actor), Error> {
    let (ops, mut actor) = asked()?;
    if !password.is_empty() {
        let code = Some(code).filter(|code| !code.is_empty());
        ops::identity::prove(&ops, &actor, password, code)
            .await
            .map_err(tell)?;
        if let Who::User { proved_at, .. } = &mut actor.who {
            *proved_at = Some(ops.clock.now());
        }
    }
    Ok((ops, actor))
}

/// As [`tell`], and keeps what was typed for a form that is loaded anew. Never give it a secret.
pub fn tell_form(fault: Fault, form: &str, fields: &[(&str, &str)]) -> Error {
    typed::keep(form, fields);
    tell(fault)
}

/// The error with a refused field called as the form calls it.
pub fn rename_field(mut error: Error, from: &str, to: &str) -> Error {
    if let Error::Invalid { fields } = &mut error {
        for refused in fields.iter_mut().filter(|refused| refused.field == from) {
            to.clone_into(&mut refused.field);
        }
    }
    error
}

/// Leads a plain form on to `path`; a script decides by itself where to go.
pub fn go_on(path: &str) {
    if typed::is_plain_form() {
        leptos_axum::redirect(path);
    }
}

/// Refuses a plain form before anything is done for it: what is shown once is shown by a script, and would be lost.
/// `otherwise` says what to do without one.
///
/// # Errors
/// `Conflict`.
pub fn needs_script(otherwise: &str) -> Result<(), Error> {
    if typed::is_plain_form() {
        return Err(Error::conflict(format!(
            "Nothing was done: the answer is shown once, and only by a script. Turn scripts on{otherwise}."
        )));
    }
    Ok(())
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
    if let (Some(response), Ok(status)) = (
        use_context::<ResponseOptions>(),
        StatusCode::from_u16(error.status()),
    ) {
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

/// Whether the browser says that it is a phone's. It only decides how wide pictures are drawn before they are measured.
pub fn is_phone() -> bool {
    use_context::<Parts>().is_some_and(|parts| {
        let says = |name: &str, what: &str| {
            let value = parts
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok());
            value.is_some_and(|value| value.contains(what))
        };
        says("sec-ch-ua-mobile", "?1") || says("user-agent", "Mobi")
    })
}
