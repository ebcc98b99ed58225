//! What is heard of a host, second by second, in the same stream as changes.

use std::{collections::VecDeque, sync::Arc};

use axum::response::sse::Event;
use futures::{Stream, stream};
use ops::{
    Actor, Ops,
    resources::{self, Beat},
};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use types::{Error, charts::Pulse};

use crate::http::api::Params;

/// The longest name of a host, in characters.
const LONGEST: usize = 253;

/// Whose samples are asked for.
#[derive(Debug)]
pub struct Wanted {
    host: String,
    since: Option<i64>,
}

impl Wanted {
    /// What the query asks for: `samples` names a host, or this console's own where it is empty; `since` what is there
    /// already.
    ///
    /// # Errors
    /// `Invalid` for either.
    pub fn read(params: &mut Params) -> Result<Option<Self>, Error> {
        let host = params.text("samples", LONGEST)?;
        let since = params.integer("since", 0, i64::MAX)?;
        match (host, since) {
            (Some(host), since) => Ok(Some(Self { host, since })),
            (None, None) => Ok(None),
            (None, Some(_)) => Err(Error::field("samples", "Name the host.")),
        }
    }
}

/// The samples of a host as events, without end.
///
/// # Errors
/// There is no such host; whether there is could not be found out.
pub async fn events(
    ops: Ops,
    actor: &Actor,
    wanted: Wanted,
    trace_id: &str,
) -> Result<impl Stream<Item = Event> + Send + use<>, Error> {
    let own = ops.meters.own_host();
    let host = if wanted.host.is_empty() {
        own.to_string()
    } else {
        wanted.host
    };
    // Names that nobody has may not fill memory.
    if host != *own && ops.meters.newest(&host).is_none() {
        let stored = resources::hosts(&ops, actor).await;
        let stored = stored.map_err(|fault| fault.tell(trace_id))?;
        if !stored.iter().any(|one| one.name == host) {
            return Err(Error::not_found("host"));
        }
    }
    let sees_containers = !actor.is_confined();
    let (missed, beats) = (ops.meters)
        .subscribe(&host, wanted.since, sees_containers)
        .ok_or_else(|| Error::not_found("host"))?;
    let follower = Follower {
        ops,
        host,
        sees_containers,
        is_begun: !missed.is_empty(),
        missed: missed.into(),
        beats,
    };
    Ok(stream::unfold(follower, |mut follower| async move {
        let event = follower.next().await?;
        Some((event, follower))
    }))
}

/// One page.
struct Follower {
    ops: Ops,
    host: String,
    sees_containers: bool,
    /// It has every series' newest value, so that changes can be told.
    is_begun: bool,
    missed: VecDeque<Pulse>,
    beats: Receiver<Arc<Beat>>,
}

impl Follower {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(pulse) = self.missed.pop_front() {
                return Some(
                    Event::default()
                        .event("samples")
                        .json_data(&pulse)
                        .unwrap_or_else(|_| Event::default().comment("unreadable")),
                );
            }
            match self.beats.recv().await {
                Ok(beat) if self.is_begun => {
                    let json = beat.json(self.sees_containers);
                    return Some(Event::default().event("samples").data(&*json));
                }
                // A page that is too slow, or began before there was anything: everything is told anew.
                Ok(_) | Err(RecvError::Lagged(_)) => {
                    let again = self
                        .ops
                        .meters
                        .subscribe(&self.host, None, self.sees_containers);
                    let (missed, beats) = again?;
                    self.is_begun = !missed.is_empty();
                    self.missed = missed.into();
                    self.beats = beats;
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }
}
