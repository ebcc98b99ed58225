//! State as a shape and a word; colour never stands alone.

use leptos::prelude::*;
use types::{
    deployment::{HealthState, Service, State},
    health::Status,
};

/// How good or bad something is; the class names of `style/components.css`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Ok,
    /// Wants a look.
    Warn,
    /// Wants a hand.
    Crit,
    /// Not known, or not judged.
    Unk,
}

impl Tone {
    /// The class that gives the colour.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Crit => "crit",
            Self::Unk => "unk",
        }
    }

    /// The class of a badge.
    pub const fn badge(self) -> &'static str {
        match self {
            Self::Ok => "st ok",
            Self::Warn => "st warn",
            Self::Crit => "st crit",
            Self::Unk => "st unk",
        }
    }

    /// A card whose edge shows the state.
    pub const fn card(self) -> &'static str {
        match self {
            Self::Ok => "card ok",
            Self::Warn => "card warn",
            Self::Crit => "card crit",
            Self::Unk => "card unk",
        }
    }
}

impl From<Status> for Tone {
    fn from(status: Status) -> Self {
        match status {
            Status::Ok => Self::Ok,
            Status::Warning => Self::Warn,
            Status::Critical => Self::Crit,
            Status::Unknown => Self::Unk,
        }
    }
}

impl From<Tone> for Status {
    fn from(tone: Tone) -> Self {
        match tone {
            Tone::Ok => Self::Ok,
            Tone::Warn => Self::Warning,
            Tone::Crit => Self::Critical,
            Tone::Unk => Self::Unknown,
        }
    }
}

/// A state: its shape in its colour, and its word.
#[component]
pub fn Badge(
    /// How good or bad.
    tone: Tone,
    /// The word.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <span class=tone.badge()>{text}</span> }
}

/// The badge of a check's or the whole platform's verdict.
#[component]
pub fn StatusBadge(
    /// The verdict.
    status: Status,
) -> impl IntoView {
    view! { <Badge tone=Tone::from(status) text=status.as_str() /> }
}

/// What a service's badge says: the worst that is known of it, in one word or two.
pub fn service_state(service: &Service) -> (Tone, String) {
    let plain = |tone, text: &str| (tone, text.to_owned());
    match (service.state, service.health) {
        (State::Exited | State::Dead, _) if service.oom_killed && !service.was_stopped() => {
            plain(Tone::Crit, "out of memory")
        }
        // What is meant not to run is not judged.
        (State::Exited, _) if service.was_stopped() || service.has_finished() => {
            plain(Tone::Unk, "exited")
        }
        (State::Exited, _) => match service.exit_code {
            Some(0) | None => plain(Tone::Crit, "exited"),
            Some(code) => (Tone::Crit, format!("exited {code}")),
        },
        (State::Missing | State::Dead | State::Restarting, _) => {
            plain(Tone::Crit, service.state.as_str())
        }
        (State::Paused | State::Created | State::Removing, _) => {
            plain(Tone::Warn, service.state.as_str())
        }
        (State::Running, HealthState::Unhealthy) => plain(Tone::Crit, "unhealthy"),
        (State::Running, HealthState::Starting) => plain(Tone::Unk, "starting"),
        (State::Running, health) if has_crashed(service) && health != HealthState::Unknown => {
            let is_healthy = health == HealthState::Healthy;
            plain(
                Tone::Warn,
                if is_healthy {
                    "healthy again"
                } else {
                    "running again"
                },
            )
        }
        (State::Running, _) if !service.drift.is_empty() => plain(Tone::Warn, "drift"),
        (State::Running, HealthState::Healthy) => plain(Tone::Ok, "healthy"),
        (State::Running, HealthState::None) => plain(Tone::Ok, "running"),
        (State::Unknown, _) | (State::Running, HealthState::Unknown) => plain(Tone::Unk, "unknown"),
    }
}

/// It runs again after a crash, and that was lately.
fn has_crashed(service: &Service) -> bool {
    service.last_end.as_ref().is_some_and(|end| end.is_warning)
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::deployment::{Drift, LastEnd};

    fn service(state: State, health: HealthState) -> Service {
        Service {
            state,
            health,
            ..Service::default()
        }
    }

    #[test]
    fn nothing_unknown_is_green() {
        assert_eq!(service_state(&Service::default()).0, Tone::Unk);
        assert_eq!(
            service_state(&service(State::Running, HealthState::Unknown)).0,
            Tone::Unk
        );
        assert_eq!(
            service_state(&service(State::Running, HealthState::Starting)).0,
            Tone::Unk
        );
    }

    #[test]
    fn the_worst_is_said() {
        let mut killed = service(State::Exited, HealthState::Unhealthy);
        killed.exit_code = Some(137);
        assert_eq!(
            service_state(&killed),
            (Tone::Crit, "exited 137".to_owned())
        );
        killed.oom_killed = true;
        assert_eq!(
            service_state(&killed),
            (Tone::Crit, "out of memory".to_owned())
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
        assert_eq!(service_state(&drifted).1, "drift");
        drifted.health = HealthState::Unhealthy;
        assert_eq!(service_state(&drifted).1, "unhealthy");
    }

    fn end(is_deliberate: bool, is_warning: bool) -> LastEnd {
        LastEnd {
            at: time::OffsetDateTime::UNIX_EPOCH,
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
        assert_eq!(service_state(&ended), (Tone::Crit, "exited".to_owned()));
        ended.last_end = Some(end(false, false));
        assert_eq!(service_state(&ended).0, Tone::Crit);
        ended.last_end = Some(end(true, false));
        ended.exit_code = Some(143);
        assert_eq!(service_state(&ended), (Tone::Unk, "exited".to_owned()));
        ended.last_end = None;
        ended.exit_code = Some(0);
        "no".clone_into(&mut ended.restart_policy);
        assert_eq!(service_state(&ended).0, Tone::Unk);
    }

    #[test]
    fn a_crash_shows_for_a_while_on_what_runs_again() {
        let mut mended = service(State::Running, HealthState::Healthy);
        mended.last_end = Some(end(false, true));
        let again = (Tone::Warn, "healthy again".to_owned());
        assert_eq!(service_state(&mended), again);
        mended.last_end = Some(end(false, false));
        assert_eq!(service_state(&mended).0, Tone::Ok);
        mended.last_end = Some(end(false, true));
        mended.health = HealthState::Unknown;
        assert_eq!(service_state(&mended).0, Tone::Unk);
    }
}
