//! What is heard of hosts, second by second, in the same stream as changes.

use std::{collections::VecDeque, sync::Arc};

use axum::response::sse::Event;
use futures::{Stream, StreamExt, stream};
use ops::{
    Actor, Ops,
    resources::{self, Beat},
};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use types::{Error, charts::Pulse};

use crate::http::api::Params;

/// The longest name of a host, in characters.
const LONGEST: usize = 253;

/// The most hosts that one stream tells of: as many as stand side by side on a page.
const MOST_HOSTS: usize = 12;

/// Whose samples are asked for.
#[derive(Debug)]
pub struct Wanted {
    hosts: Vec<String>,
    since: Option<i64>,
}

impl Wanted {
    /// What the query asks for: each `samples` names a host, or this console's own where it is empty; `since` what is
    /// there already.
    ///
    /// # Errors
    /// `Invalid` for either.
    pub fn read(params: &mut Params) -> Result<Option<Self>, Error> {
        let hosts = params.texts("samples", LONGEST, MOST_HOSTS)?;
        let since = params.integer("since", 0, i64::MAX)?;
        match (hosts.is_empty(), since) {
            (false, since) => Ok(Some(Self { hosts, since })),
            (true, None) => Ok(None),
            (true, Some(_)) => Err(Error::field("samples", "Name the host.")),
        }
    }
}

/// The samples of hosts as events, without end.
///
/// # Errors
/// There is no host of one of the names; whether there is could not be found out.
pub async fn events(
    ops: Ops,
    actor: &Actor,
    wanted: Wanted,
    trace_id: &str,
) -> Result<impl Stream<Item = Event> + Send + use<>, Error> {
    let hosts = named(&ops, actor, wanted.hosts, trace_id).await?;
    let sees_containers = !actor.is_confined();
    let mut told = Vec::with_capacity(hosts.len());
    for host in hosts {
        let (missed, beats) = (ops.meters)
            .subscribe(&host, wanted.since, sees_containers)
            .ok_or_else(|| Error::not_found("host"))?;
        let follower = Follower {
            ops: ops.clone(),
            host,
            sees_containers,
            is_begun: !missed.is_empty(),
            missed: missed.into(),
            beats,
        };
        let events = stream::unfold(follower, |mut follower| async move {
            let event = follower.next().await?;
            Some((event, follower))
        });
        told.push(events.boxed());
    }
    Ok(stream::select_all(told))
}

/// The hosts by name, each once. Names that nobody has may not fill memory.
async fn named(
    ops: &Ops,
    actor: &Actor,
    asked: Vec<String>,
    trace_id: &str,
) -> Result<Vec<String>, Error> {
    let own = ops.meters.own_host();
    let mut hosts: Vec<String> = Vec::with_capacity(asked.len());
    for name in asked {
        let host = if name.is_empty() {
            own.to_string()
        } else {
            name
        };
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    let is_heard = |host: &String| **host == *own || ops.meters.newest(host).is_some();
    if !hosts.iter().all(is_heard) {
        let stored = resources::hosts(ops, actor).await;
        let stored = stored.map_err(|fault| fault.tell(trace_id))?;
        let is_stored = |host: &String| stored.iter().any(|one| one.name == *host);
        if !hosts.iter().all(|host| is_heard(host) || is_stored(host)) {
            return Err(Error::not_found("host"));
        }
    }
    Ok(hosts)
}

/// One host for one page.
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
