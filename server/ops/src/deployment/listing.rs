//! Makes the list of services from the stack.

use types::{
    deployment::{Project, Service, Stack, State},
    listing::{ListedProject, ListedService, Listing},
};

/// The stack as a list.
pub fn listing(stack: &Stack) -> Listing {
    Listing {
        engine: stack.engine.clone(),
        projects: stack.projects.iter().map(project).collect(),
    }
}

fn project(project: &Project) -> ListedProject {
    ListedProject {
        name: project.name.clone(),
        drift_unknown: project.drift_unknown.clone(),
        services: project.services.iter().map(service).collect(),
    }
}

fn service(service: &Service) -> ListedService {
    let (status, word) = service.verdict();
    let runs = matches!(service.state, State::Running | State::Paused);
    let ended = matches!(service.state, State::Exited | State::Dead);
    ListedService {
        name: service.name.clone(),
        team: service.team.clone(),
        status,
        word,
        image: service.image.clone(),
        digest: short_digest(&service.image_digest).to_owned(),
        restarts: (service.state != State::Missing).then_some(service.restarts),
        up_since: service.started_at.filter(|_| runs),
        ended_at: service.finished_at.filter(|_| ended),
        cpu_percent: service.usage.cpu_percent,
        cpu_limit: service.cpu_limit,
        memory_bytes: service.usage.memory_bytes,
        memory_limit_bytes: service.memory_limit_bytes,
        drift: service.drift.clone(),
    }
}

/// The beginning of a digest, without the name of its algorithm.
fn short_digest(digest: &str) -> &str {
    let digits = digest.rsplit_once(':').map_or(digest, |(_, digits)| digits);
    digits.get(..12).unwrap_or(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::{OffsetDateTime, health::Status};

    fn at(state: State) -> ListedService {
        let times = Some(OffsetDateTime::UNIX_EPOCH);
        service(&Service {
            state,
            started_at: times,
            finished_at: times,
            image_digest: "sha256:0123456789abcdef".to_owned(),
            ..Service::default()
        })
    }

    #[test]
    fn what_runs_has_been_up_and_what_ended_has_not() {
        let running = at(State::Running);
        assert_eq!((running.up_since.is_some(), running.ended_at), (true, None));
        assert_eq!(running.digest, "0123456789ab");
        let exited = at(State::Exited);
        assert_eq!((exited.up_since, exited.ended_at.is_some()), (None, true));
        let missing = at(State::Missing);
        assert_eq!((missing.up_since, missing.ended_at), (None, None));
        assert_eq!(missing.restarts, None);
        assert_eq!(at(State::Unknown).status, Status::Unknown);
    }

    #[test]
    fn the_browser_reads_what_the_server_wrote() {
        let mut one = at(State::Running);
        one.cpu_percent = Some(12.5);
        let listing = Listing {
            projects: vec![ListedProject {
                name: "shop".to_owned(),
                services: vec![one, ListedService::default()],
                ..ListedProject::default()
            }],
            ..Listing::default()
        };
        let text = serde_json::to_vec(&listing).unwrap_or_default();
        assert_eq!(types::wire::read(&text), Ok(listing));
    }
}
