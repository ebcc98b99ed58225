//! Events of the engine, and what became of their containers.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    bounds::named,
    keep::add_events,
    reconcile::{Broken, Compared, begin_reading, publish, row, row_with},
};
use crate::{
    Fault, Ops,
    outside::{Container, ContainerEvent, EngineError},
};
use futures::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use store::{
    PgConnection,
    containers::{Key, Reading},
};

/// How long events wait for what became of their containers; what is not told by then is stored when it comes.
const SOON: std::time::Duration = std::time::Duration::from_millis(250);

/// A container of which something happened, read anew.
pub(super) struct Read {
    /// The reading it is of.
    reading: Reading,
    /// What the event itself tells of it.
    pub container: Container,
    /// What it is now.
    pub answer: Result<Container, EngineError>,
}

/// Questions about containers that the engine is slow to answer; events of others do not wait for them.
#[derive(Default)]
pub(super) struct Late<'a> {
    /// Whom they are about.
    pub ids: BTreeSet<String>,
    /// The questions.
    pub reads: FuturesUnordered<BoxFuture<'a, Read>>,
}

impl<'a> Late<'a> {
    /// Takes more.
    pub fn add(&mut self, questions: Questions<'a>) {
        for (id, read) in questions {
            self.ids.insert(id);
            self.reads.push(read);
        }
    }
}

/// Questions about containers, by id.
pub(super) type Questions<'a> = BTreeMap<String, BoxFuture<'a, Read>>;

/// What is left to do after events were stored.
#[derive(Default)]
pub(super) struct Handled<'a> {
    /// Everything has to be read anew: something happened that can't be read, or to a project that was not known.
    pub everything: bool,
    /// Questions that are not answered yet.
    pub late: Questions<'a>,
}

/// Events and what became of their containers, stored and told in one transaction; without the containers that are
/// asked about already and those that the engine is slow to tell of.
pub(super) async fn handle(
    ops: &Ops,
    batch: Vec<Result<ContainerEvent, EngineError>>,
    asked: BTreeSet<String>,
) -> Result<Handled<'_>, Broken> {
    let mut events = Vec::new();
    let mut broken = batch.is_empty().then(|| EngineError::Unreachable {
        reason: "The Docker Engine ended its stream of events.".to_owned(),
        hint: String::new(),
    });
    for event in batch {
        match event {
            Ok(event) => events.push(event),
            Err(error) => broken = Some(error),
        }
    }
    let mut handled = Handled::default();
    if !events.is_empty() {
        handled = store_events(ops, &events, &asked).await?;
    }
    match broken {
        Some(error) => Err(error.into()),
        None => Ok(handled),
    }
}

async fn store_events<'a>(
    ops: &'a Ops,
    events: &[ContainerEvent],
    asked: &BTreeSet<String>,
) -> Result<Handled<'a>, Broken> {
    let reading = begin_reading(ops).await?;
    let mut questions: Questions<'a> = events
        .iter()
        .filter(|event| !event.container_id.is_empty() && !asked.contains(&event.container_id))
        .map(|event| (event.container_id.clone(), inspect(ops, reading, event)))
        .collect();
    // What was asked before this happened may tell how it was before.
    let mut everything = events
        .iter()
        .any(|event| event.container_id.is_empty() || asked.contains(&event.container_id));
    let reads = in_time(&mut questions).await;
    let mut tx = ops.begin().await?;
    let mut changed = add_events(&mut tx, events, &reads).await?;
    store::ends::reckon(&mut tx, &changed)
        .await
        .map_err(Fault::from)?;
    everything |= store_reads(ops, &mut tx, reads, &mut changed).await?;
    let dated = store::containers::date_by_events(&mut tx).await;
    changed.extend(dated.map_err(Fault::from)?);
    store::engine::still_true(&mut tx, reading)
        .await
        .map_err(Fault::from)?;
    publish(&mut tx, changed).await?;
    Ops::commit(tx).await?;
    ops.stack.forget();
    Ok(Handled {
        everything,
        late: questions,
    })
}

/// The answers that come soon; the other questions are left where they are.
async fn in_time(questions: &mut Questions<'_>) -> Vec<Read> {
    let mut reads = Vec::new();
    let ids: Vec<String> = questions.keys().cloned().collect();
    let answers: FuturesUnordered<_> = questions.values_mut().collect();
    let reading = answers.for_each(|read| {
        reads.push(read);
        std::future::ready(())
    });
    // The time is up: what was not read by then is late.
    let _elapsed = tokio::time::timeout(SOON, reading).await;
    for id in ids {
        if reads.iter().any(|read| read.container.id == id) {
            questions.remove(&id);
        }
    }
    reads
}

/// Stores what a late question was answered.
pub(super) async fn store_late(ops: &Ops, read: Read) -> Result<Handled<'_>, Broken> {
    let mut changed = Vec::new();
    let mut tx = ops.begin().await?;
    let everything = store_reads(ops, &mut tx, vec![read], &mut changed).await?;
    publish(&mut tx, changed).await?;
    Ops::commit(tx).await?;
    ops.stack.forget();
    Ok(Handled {
        everything,
        ..Handled::default()
    })
}

/// Stores what containers were found to be. True when everything has to be read anew.
async fn store_reads(
    ops: &Ops,
    tx: &mut PgConnection,
    reads: Vec<Read>,
    changed: &mut Vec<Key>,
) -> Result<bool, Broken> {
    let files = ops.stack.files();
    let mut everything = false;
    let mut gone = Vec::new();
    // Of one batch all have the same reading; rows are locked in one order by either statement.
    let (mut rows, mut unknown, mut reading) = (Vec::new(), Vec::new(), None);
    for read in reads {
        reading = Some(read.reading);
        match read.answer {
            Ok(container) => {
                let Some(container) = named(container) else {
                    continue;
                };
                everything |= files.last(&container.project).is_none();
                rows.push(row(files, container, read.reading.at)?);
            }
            Err(EngineError::NotFound) => gone.push(read.container.id),
            Err(EngineError::TimedOut) => {
                if let Some(container) = named(read.container) {
                    unknown.push(row_with(container, &Compared::default(), read.reading.at)?);
                }
            }
            Err(EngineError::Refused { .. }) => everything = true,
            Err(error @ EngineError::Unreachable { .. }) => return Err(error.into()),
        }
    }
    if let Some(reading) = reading {
        let saved = store::containers::save(tx, &rows, reading).await;
        changed.extend(saved.map_err(Fault::from)?);
        let saved = store::containers::save_unreadable(tx, &unknown, reading).await;
        changed.extend(saved.map_err(Fault::from)?);
    }
    for id in gone {
        let forgotten = store::containers::forget(tx, &id).await;
        changed.extend(forgotten.map_err(Fault::from)?);
    }
    Ok(everything)
}

fn inspect<'a>(ops: &'a Ops, reading: Reading, event: &ContainerEvent) -> BoxFuture<'a, Read> {
    let container = Container {
        id: event.container_id.clone(),
        name: event.name.clone(),
        project: event.project.clone(),
        service: event.service.clone(),
        image: event.image.clone(),
        ..Container::default()
    };
    Box::pin(async move {
        let answer = ops.outside.containers.inspect(&container.id).await;
        Read {
            reading,
            container,
            answer,
        }
    })
}
