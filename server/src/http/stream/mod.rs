//! Event streams: changes and logs as they happen, to as many as there are places for, while they may see them.

pub mod changes;
mod gone;
pub mod logs;
mod places;
mod samples;

use std::{convert::Infallible, time::Duration};

use axum::{
    http::HeaderValue,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{
    Stream, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use ops::Actor;

use super::{Http, metrics::Text};
use gone::Cut;
pub use places::{Kind, Place, Places};

/// A silent stream sends an event `ping` this often, so that a dead connection is noticed: a script is never told of
/// the comments that would do for a proxy.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Sends `events` until they end, the actor may no longer see them, or the console stops. `farewell` is the last event
/// of a stream whose actor is signed out.
fn send<S>(http: Http, actor: Actor, place: Place, events: S, farewell: Event) -> Response
where
    S: Stream<Item = Event> + Send + 'static,
{
    let open = Open {
        events: Box::pin(events),
        cut: Box::pin(gone::gone(http, actor)),
        farewell,
        _place: place,
    };
    let events = stream::unfold(Some(open), |open| async move {
        let mut open = open?;
        tokio::select! {
            biased;
            why = &mut open.cut => match why {
                Cut::SignedOut => Some((Ok(open.farewell), None)),
                Cut::Otherwise => None,
            },
            event = open.events.next() => event.map(|event| (Ok(event), Some(open))),
        }
    });
    // The type of the error is left open by a stream that has none.
    let events = events.map(|event: Result<Event, Infallible>| event);
    let mut response = Sse::new(events)
        .keep_alive(
            KeepAlive::new()
                .interval(KEEP_ALIVE)
                .event(Event::default().event("ping").data("still here")),
        )
        .into_response();
    response
        .headers_mut()
        .insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// An open stream; its place is taken for as long as it lives.
struct Open {
    events: BoxStream<'static, Event>,
    cut: BoxFuture<'static, Cut>,
    farewell: Event,
    _place: Place,
}

/// Writes how many streams are open.
pub fn write_figures(places: &Places, text: &mut Text) {
    text.family("ytops_streams_open", "gauge", "Open event streams by kind.");
    for kind in [Kind::Changes, Kind::Logs] {
        text.more(&[("kind", kind.as_str())], places.open(kind));
    }
}
