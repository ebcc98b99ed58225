//! Events as they are kept, each with what it changed.

use store::{
    PgConnection,
    containers::{Key, Row},
    engine_events::NewEvent,
};
use time::OffsetDateTime;

use super::{happen::Read, text};
use crate::{
    Outcome,
    health::words,
    outside::{Container, ContainerEvent},
};

/// Keeps events, each with what it changed. Returns the services of those that are new.
pub(super) async fn add_events(
    tx: &mut PgConnection,
    events: &[ContainerEvent],
    reads: &[Read],
) -> Outcome<Vec<Key>> {
    let updated: Vec<String> = events
        .iter()
        .filter(|event| event.action == "update")
        .map(|event| event.container_id.clone())
        .collect();
    let before = if updated.is_empty() {
        Vec::new()
    } else {
        store::containers::of_ids(&mut *tx, &updated).await?
    };
    let mut changed = Vec::new();
    for event in events.iter().filter_map(new_event) {
        let detail = match event.action.as_str() {
            "update" => what_changed(&event.container_id, &before, reads),
            _ => String::new(),
        };
        let event = NewEvent { detail, ..event };
        if store::engine_events::add(tx, &event).await? {
            changed.push((event.project, event.service));
        }
    }
    Ok(changed)
}

/// How what can be updated of a container has changed, in words; empty where nothing shows that it has.
fn what_changed(id: &str, before: &[Row], reads: &[Read]) -> String {
    let before = before
        .iter()
        .find(|row| row.id == id)
        .and_then(|row| serde_json::from_value::<Container>(row.facts.clone()).ok());
    let after = reads.iter().find(|read| read.container.id == id);
    let after = after.and_then(|read| read.answer.as_ref().ok());
    let (Some(before), Some(after)) = (before, after) else {
        return String::new();
    };
    let cores = |container: &Container| {
        let limit = container.cpu_limit;
        limit.map_or_else(|| "none".to_owned(), |cores| format!("{cores} cores"))
    };
    let memory = |container: &Container| {
        let limit = container.memory_limit_bytes;
        limit.map_or_else(|| "none".to_owned(), words::bytes)
    };
    let changes = [
        ("CPU limit", cores(&before), cores(after)),
        ("memory limit", memory(&before), memory(after)),
        (
            "restart policy",
            before.restart_policy.clone(),
            text::clean(&after.restart_policy, 50),
        ),
    ];
    let changes = changes
        .into_iter()
        .filter(|(_, before, after)| before != after)
        .map(|(what, before, after)| format!("{what} from {before} to {after}"));
    changes.collect::<Vec<_>>().join(", ")
}

/// An event as it is kept; `None` for one of no project.
fn new_event(event: &ContainerEvent) -> Option<NewEvent> {
    let project = text::name(&event.project);
    let service = match text::name(&event.service) {
        service if service.is_empty() => text::name(&text::clean(&event.name, 300)),
        service => service,
    };
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(event.time_nano)).ok()?;
    if project.is_empty() || service.is_empty() || event.container_id.is_empty() {
        return None;
    }
    Some(NewEvent {
        at,
        time_nano: event.time_nano,
        container_id: text::clean(&event.container_id, 80),
        project,
        service,
        action: text::clean(&event.action, 100),
        exit_code: event.exit_code,
        image: text::clean(&event.image, 300),
        detail: String::new(),
    })
}
