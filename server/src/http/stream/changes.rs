//! The event stream that open pages follow: one for a whole browser, resumable by Last-Event-ID.

use std::time::Duration;

use axum::{
    Extension,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response, sse::Event},
};
use futures::{Stream, stream};
use ops::{Actor, Caller, Ops, deployment};
use store::changes;
use tokio::sync::{
    broadcast::{Receiver, error::RecvError},
    watch,
};
use types::{
    Capability, Error,
    live::{AWAY, Change, Topic},
};

use super::{
    Kind,
    samples::{self, Wanted},
    send,
};
use crate::http::{Http, api::Params, problem::Problem};

/// Changes read from the outbox at once.
const BATCH: i64 = 1_000;

/// What an event `reset` says, unless the database went away.
const AGAIN: &str = "read everything again";

/// How soon to ask again when the database did not answer.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Changes as they happen, after those missed since `Last-Event-ID`; and with `samples` what is heard of hosts.
pub async fn changes(
    State(http): State<Http>,
    actor: Option<Extension<Actor>>,
    caller: Option<Extension<Caller>>,
    headers: HeaderMap,
    mut params: Params,
) -> Response {
    let trace_id = caller.map(|caller| caller.0.trace_id).unwrap_or_default();
    match follow(http, actor, &headers, &mut params, &trace_id).await {
        Ok(response) => response,
        Err(error) => Problem(error).into_response(),
    }
}

async fn follow(
    http: Http,
    actor: Option<Extension<Actor>>,
    headers: &HeaderMap,
    params: &mut Params,
    trace_id: &str,
) -> Result<Response, Error> {
    let Extension(actor) = actor.ok_or(Error::Unauthenticated)?;
    actor.may(Capability::SeeStack)?;
    let topics = topics(params)?;
    // A browser sends the header when it reconnects by itself; a page that opens a stream anew asks in the query.
    let asked = params.integer("after", 0, i64::MAX)?;
    let wanted = Wanted::read(params)?;
    params.done()?;
    let resume = match headers.get("last-event-id") {
        Some(value) => Some(event_id(value.as_bytes())?),
        None => asked,
    };
    let place = http.places.take(Kind::Changes, &actor)?;
    let events = events(http.clone(), Seen::of(&actor, topics), resume);
    let farewell = Event::default().event("gone").data("signed out");
    let Some(wanted) = wanted else {
        return Ok(send(http, actor, place, events, farewell));
    };
    let samples = samples::events(http.ops.clone(), &actor, wanted, trace_id).await?;
    let both = stream::select(events, samples);
    Ok(send(http, actor, place, both, farewell))
}

fn topics(params: &mut Params) -> Result<Vec<Topic>, Error> {
    let Some(list) = params.text("topics", 200)?.filter(|list| !list.is_empty()) else {
        return Ok(Topic::ALL.to_vec());
    };
    list.split(',')
        .map(|name| {
            Topic::parse(name.trim()).ok_or_else(|| {
                let known = Topic::ALL.map(Topic::as_str).join(", ");
                Error::field(
                    "topics",
                    format!("Choose among {known}, with commas between."),
                )
            })
        })
        .collect()
}

fn event_id(bytes: &[u8]) -> Result<i64, Error> {
    std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .filter(|id| *id >= 0)
        .ok_or_else(|| Error::field("Last-Event-ID", "Give the id of an event, a whole number."))
}

/// What one actor is told of.
struct Seen {
    topics: Vec<Topic>,
    sees_users: bool,
    /// Whoever acts for one team only hears which of that team's services changed, and of no others.
    confined: Option<Actor>,
}

impl Seen {
    fn of(actor: &Actor, mut topics: Vec<Topic>) -> Self {
        if actor.may(Capability::SeeAudit).is_err() {
            topics.retain(|topic| *topic != Topic::Audit);
        }
        Self {
            topics,
            sees_users: actor.may(Capability::Manage).is_ok(),
            confined: actor.is_confined().then(|| actor.clone()),
        }
    }

    /// A key of these topics names a service; without one the change is of more than one.
    async fn is_seen(&self, ops: &Ops, change: &Change) -> bool {
        let names_service = matches!(change.topic, Topic::Deployment | Topic::Usage);
        let (Some(actor), true, false) = (&self.confined, names_service, change.key.is_empty())
        else {
            return true;
        };
        let stack = deployment::stack(ops, actor).await;
        stack.is_ok_and(|stack| {
            let mut services = stack.projects.iter().flat_map(|project| &project.services);
            services.any(|service| format!("{}/{}", service.project, service.name) == change.key)
        })
    }

    async fn show(&self, ops: &Ops, change: Change) -> Option<Event> {
        if !self.topics.contains(&change.topic) || !self.is_seen(ops, &change).await {
            return None;
        }
        // Whose sets and operations these are, whoever acts for one team finds when they read them.
        let is_of_teams = matches!(change.topic, Topic::Backups | Topic::Operations);
        let is_hidden = change.topic == Topic::Identity && !self.sees_users
            || is_of_teams && self.confined.is_some();
        let change = Change {
            key: if is_hidden { String::new() } else { change.key },
            ..change
        };
        Some(
            Event::default()
                .id(change.id.to_string())
                .json_data(&change)
                .unwrap_or_else(|_| Event::default().comment("unreadable")),
        )
    }
}

fn events(http: Http, seen: Seen, resume: Option<i64>) -> impl Stream<Item = Event> + Send {
    // Subscribed before the outbox is read: what comes between is in both, and told once by its id.
    let heard = http.ops.live.subscribe();
    let mut deaf = http.ops.live.deaf();
    if *deaf.borrow() {
        deaf.mark_changed();
    }
    let reader = Reader {
        http,
        heard,
        deaf,
        missed: resume.map_or_else(|| Missed::Read(Vec::new()), Missed::After),
        last: resume.unwrap_or(0),
    };
    stream::unfold((reader, seen), |(mut reader, seen)| async move {
        loop {
            let event = match reader.next().await? {
                Next::Change(change) => seen.show(&reader.http.ops, change).await,
                Next::Gap(id) => Some(
                    Event::default()
                        .id(id.to_string())
                        .event("reset")
                        .data(AGAIN),
                ),
                Next::Turn(is_away) => {
                    let says = if is_away { AWAY } else { AGAIN };
                    Some(Event::default().event("reset").data(says))
                }
            };
            if let Some(event) = event {
                return Some((event, (reader, seen)));
            }
        }
    })
}

/// What comes next.
enum Next {
    Change(Change),
    /// Changes before this id are forgotten: what was read before is no ground to build on.
    Gap(i64),
    /// The database went away, or came back: what stands on a page is old, or is not any more.
    Turn(bool),
}

/// Reads changes in order, each once.
struct Reader {
    http: Http,
    heard: Receiver<Change>,
    deaf: watch::Receiver<bool>,
    missed: Missed,
    /// The id of the last one read.
    last: i64,
}

/// Changes that were missed while the stream was cut.
enum Missed {
    /// To be read from the outbox after this id.
    After(i64),
    /// Read, the newest first; what is not among them is heard.
    Read(Vec<Change>),
}

impl Reader {
    async fn next(&mut self) -> Option<Next> {
        loop {
            if let Missed::After(after) = self.missed
                && let Some(gap) = self.read(after).await
            {
                return Some(Next::Gap(gap));
            }
            if let Some(change) = self.pop() {
                return Some(Next::Change(change));
            }
            let heard = tokio::select! {
                heard = self.heard.recv() => heard,
                turned = self.deaf.changed() => {
                    return turned.ok().map(|()| Next::Turn(*self.deaf.borrow_and_update()));
                }
            };
            match heard {
                Ok(change) if change.id > self.last => {
                    self.last = change.id;
                    return Some(Next::Change(change));
                }
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => self.missed = Missed::After(self.last),
                Err(RecvError::Closed) => return None,
            }
        }
    }

    fn pop(&mut self) -> Option<Change> {
        let Missed::Read(read) = &mut self.missed else {
            return None;
        };
        let change = read.pop()?;
        self.last = change.id;
        if read.is_empty() {
            // A full batch may not have been all.
            self.missed = Missed::After(self.last);
        }
        Some(change)
    }

    /// Reads a batch from the outbox; waits for a database that is away. Gives the newest id when some changes after
    /// `after` are forgotten, or when `after` was never given (another database stands there now).
    async fn read(&mut self, after: i64) -> Option<i64> {
        let (mut batch, head) = loop {
            let db = &self.http.ops.db;
            // The head first: what is added between the two is in the batch at the worst.
            let head = changes::head(db).await;
            match (changes::after(db, after, BATCH).await, head) {
                (Ok(batch), Ok(head)) => break (batch, head),
                _ => tokio::time::sleep(AGAIN_AFTER).await,
            }
        };
        let follows = batch
            .first()
            .map_or(after == head, |first| first.id == after + 1);
        if follows {
            batch.reverse();
            self.missed = Missed::Read(batch);
            return None;
        }
        self.missed = Missed::Read(Vec::new());
        self.last = head;
        Some(head)
    }
}
