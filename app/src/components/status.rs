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
        (State::Exited | State::Dead, _) if service.oom_killed => {
            plain(Tone::Crit, "out of memory")
        }
        (State::Exited, _) => match service.exit_code {
            Some(0) => plain(Tone::Unk, "exited"),
            Some(code) => (Tone::Crit, format!("exited {code}")),
            None => plain(Tone::Crit, "exited"),
        },
        (State::Missing | State::Dead | State::Restarting, _) => {
            plain(Tone::Crit, service.state.as_str())
        }
        (State::Paused | State::Created | State::Removing, _) => {
            plain(Tone::Warn, service.state.as_str())
        }
        (State::Running, HealthState::Unhealthy) => plain(Tone::Crit, "unhealthy"),
        (State::Running, HealthState::Starting) => plain(Tone::Unk, "starting"),
        (State::Running, _) if !service.drift.is_empty() => plain(Tone::Warn, "drift"),
        (State::Running, HealthState::Healthy) => plain(Tone::Ok, "healthy"),
        (State::Running, HealthState::None) => plain(Tone::Ok, "running"),
        (State::Unknown, _) | (State::Running, HealthState::Unknown) => plain(Tone::Unk, "unknown"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::deployment::Drift;

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

    #[test]
    fn a_service_that_ended_well_is_not_red() {
        let mut ended = service(State::Exited, HealthState::None);
        ended.exit_code = Some(0);
        assert_eq!(service_state(&ended).0, Tone::Unk);
    }
}
