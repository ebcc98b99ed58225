//! One service's page.

use types::{
    Capability, Error, Role,
    access::Reach,
    deployment::{Service, ServiceDetail, State},
};

use super::cache::Snapshot;
use crate::{Actor, Ops, Outcome};

/// Events on a service's page.
const EVENTS: i64 = 50;

/// The service `name` of `project` with its events and what the actor may do to it. Without events while the database
/// is away.
///
/// # Errors
/// The actor may not see the stack; there is no such service; the database failed and nothing was read before.
pub async fn service(
    ops: &Ops,
    actor: &Actor,
    project: &str,
    name: &str,
) -> Outcome<ServiceDetail> {
    actor.may(Capability::SeeStack)?;
    let snapshot = ops.stack.snapshot(ops).await?;
    let service = find_seen(&snapshot, actor, project, name)?.clone();
    let containers = snapshot.of_service(project, name);
    let facts = containers
        .iter()
        .find(|known| known.container.id == service.container_id)
        .map(|known| known.container.clone())
        .unwrap_or_default();
    let filter = store::engine_events::Filter {
        project: Some(project),
        service: Some(name),
        ..store::engine_events::Filter::default()
    };
    let stored = futures::future::try_join(
        store::engine_events::list(&ops.db, filter, EVENTS),
        store::teams::of_service(&ops.db, project, name),
    );
    let (events, team) = match stored.await {
        Ok(stored) => stored,
        Err(error) if error.is_unavailable() => (Vec::new(), None),
        Err(error) => return Err(error.into()),
    };
    Ok(ServiceDetail {
        engine: snapshot.stack.engine.clone(),
        mounts: facts.mounts,
        environment: facts.environment,
        command: facts.command,
        events,
        team_chosen: team.is_some(),
        may_not_operate: how_to_make(&snapshot, &service)
            .or_else(|| may_not_operate(actor, &service)),
        service,
    })
}

/// The service `name` of `project` in `snapshot`.
pub(super) fn find<'a>(
    snapshot: &'a Snapshot,
    project: &str,
    name: &str,
) -> Result<&'a Service, Error> {
    snapshot
        .stack
        .projects
        .iter()
        .filter(|one| one.name == project)
        .flat_map(|one| &one.services)
        .find(|service| service.name == name)
        .ok_or_else(|| Error::not_found("service"))
}

/// As [`find`]; for an actor who may not know of the service there is none.
pub(super) fn find_seen<'a>(
    snapshot: &'a Snapshot,
    actor: &Actor,
    project: &str,
    name: &str,
) -> Result<&'a Service, Error> {
    let service = find(snapshot, project, name)?;
    if actor.sees_team(&service.team) {
        Ok(service)
    } else {
        Err(Error::not_found("service"))
    }
}

/// May operate what belongs to `team`. There are no incidents yet, so none is theirs.
pub(super) fn may_operate(actor: &Actor, team: &str) -> Result<(), Error> {
    actor.may_for_team(Capability::OperateServices, team, false)
}

/// The line that makes the container of a service that has none.
fn how_to_make(snapshot: &Snapshot, service: &Service) -> Option<String> {
    if service.state != State::Missing {
        return None;
    }
    let mut projects = snapshot.stack.projects.iter();
    let project = projects.find(|project| project.name == service.project)?;
    let files = project.files.iter();
    let files: Vec<String> = files.map(|file| format!("-f {} ", quoted(file))).collect();
    let files = files.concat();
    Some(format!(
        "There is no container. This makes it: docker compose -p {} {files}up -d {}",
        quoted(&project.name),
        quoted(&service.name)
    ))
}

/// A word of a shell's line.
fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Why the actor's role keeps them from operating `service`; none when it does not.
fn may_not_operate(actor: &Actor, service: &Service) -> Option<String> {
    let team = &service.team;
    may_operate(actor, team).err()?;
    let reason = match (actor.may(Capability::OperateServices), actor.role) {
        (Ok(Reach::OwnTeam), _) => {
            format!(
                "It belongs to the team {team}, which is not yours. Ask a lead of {team} or a CTO."
            )
        }
        (_, Role::Engineer) => format!(
            "Engineers do not start, stop or restart services in this version. Ask a lead of {team} or a CTO."
        ),
        _ => format!("Your role sees services only. Ask a lead of {team} or a CTO."),
    };
    Some(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_a_line_stays_one_word() {
        assert_eq!(quoted("/srv/shop/compose.yaml"), "/srv/shop/compose.yaml");
        assert_eq!(quoted("a b; rm $HOME"), "'a b; rm $HOME'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
