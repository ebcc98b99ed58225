//! A service's log as it is written, for the service's page.

use axum::{
    Extension,
    extract::State,
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
};
use futures::{StreamExt, stream};
use ops::{Actor, Caller, deployment};
use std::convert::Infallible;
use types::{Capability, Error};

use super::{Kind, send};
use crate::http::{
    Http,
    api::{MAX_TAIL, Params, ServicePath, TAIL},
    problem::Problem,
};

/// The last `tail` lines of a service and then each as it comes. Every message is a `LogLine`; `end` says that the
/// container ended, `problem` (an `Error`) why the log can't be read: a browser does not read a refusal's body.
pub async fn logs(
    State(http): State<Http>,
    actor: Option<Extension<Actor>>,
    caller: Option<Extension<Caller>>,
    mut params: Params,
) -> Response {
    let (actor, service, tail) = match asked(actor, &mut params) {
        Ok(asked) => asked,
        Err(error) => return Problem(error).into_response(),
    };
    let trace_id = caller.map(|caller| caller.0.trace_id).unwrap_or_default();
    match follow(http, actor, &service, tail, &trace_id).await {
        Ok(response) => response,
        Err(error) => {
            let told = stream::iter([Ok::<_, Infallible>(problem(&error))]);
            Sse::new(told).into_response()
        }
    }
}

fn asked(
    actor: Option<Extension<Actor>>,
    params: &mut Params,
) -> Result<(Actor, ServicePath, u32), Error> {
    let Extension(actor) = actor.ok_or(Error::Unauthenticated)?;
    actor.may(Capability::SeeStack)?;
    let project = params.text("project", 1_000)?.unwrap_or_default();
    let service = params.text("service", 1_000)?.unwrap_or_default();
    let tail = params.integer("tail", 1, MAX_TAIL)?;
    params.done()?;
    let tail = tail
        .and_then(|tail| u32::try_from(tail).ok())
        .unwrap_or(TAIL);
    Ok((actor, ServicePath::of(project, service)?, tail))
}

async fn follow(
    http: Http,
    actor: Actor,
    service: &ServicePath,
    tail: u32,
    trace_id: &str,
) -> Result<Response, Error> {
    let place = http.places.take(Kind::Logs, &actor)?;
    let lines =
        deployment::follow_logs(&http.ops, &actor, &service.project, &service.service, tail)
            .await
            .map_err(|fault| fault.tell(trace_id))?;
    let events = lines
        .map(|line| match line {
            Ok(line) => Event::default()
                .json_data(&line)
                .unwrap_or_else(|_| Event::default().comment("unreadable")),
            Err(error) => problem(&error),
        })
        .chain(stream::iter([Event::default().event("end").data("ended")]));
    let farewell = problem(&Error::Unauthenticated);
    Ok(send(http, actor, place, events, farewell))
}

fn problem(error: &Error) -> Event {
    Event::default()
        .event("problem")
        .json_data(error)
        .unwrap_or_else(|_| Event::default().event("problem").data("null"))
}
