//! What a service's state, health and past come to.

use crate::{
    deployment::{HealthState, Service, State},
    health::Status,
};

impl Service {
    /// The worst that is known of it: how bad that is, and in one word or two what.
    pub fn verdict(&self) -> (Status, String) {
        let service = self;
        let plain = |status, text: &str| (status, text.to_owned());
        match (service.state, service.health) {
            (State::Exited | State::Dead, _) if service.oom_killed && !service.was_stopped() => {
                plain(Status::Critical, "out of memory")
            }
            // What is meant not to run is not judged.
            (State::Exited, _) if service.was_stopped() || service.has_finished() => {
                plain(Status::Unknown, "exited")
            }
            (State::Exited, _) => match service.exit_code {
                Some(0) | None => plain(Status::Critical, "exited"),
                Some(code) => (Status::Critical, format!("exited {code}")),
            },
            (State::Missing | State::Dead | State::Restarting, _) => {
                plain(Status::Critical, service.state.as_str())
            }
            (State::Paused | State::Created | State::Removing, _) => {
                plain(Status::Warning, service.state.as_str())
            }
            (State::Running, HealthState::Unhealthy) => plain(Status::Critical, "unhealthy"),
            (State::Running, HealthState::Starting) => plain(Status::Unknown, "starting"),
            (State::Running, health) if has_crashed(service) && health != HealthState::Unknown => {
                let is_healthy = health == HealthState::Healthy;
                plain(
                    Status::Warning,
                    if is_healthy {
                        "healthy again"
                    } else {
                        "running again"
                    },
                )
            }
            (State::Running, HealthState::Healthy) if !service.drift.is_empty() => {
                plain(Status::Warning, "healthy, drift")
            }
            (State::Running, HealthState::None) if !service.drift.is_empty() => {
                plain(Status::Warning, "running, drift")
            }
            (State::Running, HealthState::Healthy) => plain(Status::Ok, "healthy"),
            (State::Running, HealthState::None) => plain(Status::Ok, "running"),
            (State::Unknown, _) | (State::Running, HealthState::Unknown) => {
                plain(Status::Unknown, "unknown")
            }
        }
    }
}

/// It runs again after a crash, and that was lately.
fn has_crashed(service: &Service) -> bool {
    service.last_end.as_ref().is_some_and(|end| end.is_warning)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::{Drift, LastEnd};

    fn service(state: State, health: HealthState) -> Service {
        Service {
            state,
            health,
            ..Service::default()
        }
    }

    #[test]
    fn nothing_unknown_is_green() {
        assert_eq!(Service::default().verdict().0, Status::Unknown);
        assert_eq!(
            service(State::Running, HealthState::Unknown).verdict().0,
            Status::Unknown
        );
        assert_eq!(
            service(State::Running, HealthState::Starting).verdict().0,
            Status::Unknown
        );
    }

    #[test]
    fn the_worst_is_said() {
        let mut killed = service(State::Exited, HealthState::Unhealthy);
        killed.exit_code = Some(137);
        assert_eq!(
            killed.verdict(),
            (Status::Critical, "exited 137".to_owned())
        );
        killed.oom_killed = true;
        assert_eq!(
            killed.verdict(),
            (Status::Critical, "out of memory".to_owned())
        );
    }

    #[test]
    fn drift_shows_on_a_service_that_is_well_and_hides_no_illness() {
        let drift = vec![Drift {
            what: "image".to_owned(),
            file: "a".to_owned(),
            running: "b".to_owned(),
        }];
        let mut drifted = service(State::Running, HealthState::Healthy);
        drifted.drift.clone_from(&drift);
        assert_eq!(drifted.verdict().1, "healthy, drift");
        drifted.health = HealthState::Unhealthy;
        assert_eq!(drifted.verdict().1, "unhealthy");
    }

    fn end(is_deliberate: bool, is_warning: bool) -> LastEnd {
        LastEnd {
            at: crate::OffsetDateTime::UNIX_EPOCH,
            exit_code: Some(0),
            oom_killed: false,
            is_deliberate,
            is_warning,
        }
    }

    #[test]
    fn what_ended_is_red_unless_it_was_stopped_or_has_done_its_one_thing() {
        let mut ended = service(State::Exited, HealthState::None);
        ended.exit_code = Some(0);
        "always".clone_into(&mut ended.restart_policy);
        assert_eq!(ended.verdict(), (Status::Critical, "exited".to_owned()));
        ended.last_end = Some(end(false, false));
        assert_eq!(ended.verdict().0, Status::Critical);
        ended.last_end = Some(end(true, false));
        ended.exit_code = Some(143);
        assert_eq!(ended.verdict(), (Status::Unknown, "exited".to_owned()));
        ended.last_end = None;
        ended.exit_code = Some(0);
        "no".clone_into(&mut ended.restart_policy);
        assert_eq!(ended.verdict().0, Status::Unknown);
    }

    #[test]
    fn a_crash_shows_for_a_while_on_what_runs_again() {
        let mut mended = service(State::Running, HealthState::Healthy);
        mended.last_end = Some(end(false, true));
        let again = (Status::Warning, "healthy again".to_owned());
        assert_eq!(mended.verdict(), again);
        mended.last_end = Some(end(false, false));
        assert_eq!(mended.verdict().0, Status::Ok);
        mended.last_end = Some(end(false, true));
        mended.health = HealthState::Unknown;
        assert_eq!(mended.verdict().0, Status::Unknown);
    }
}
