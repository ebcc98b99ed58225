//! What was asked for, followed until the page shows that it is done.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use time::OffsetDateTime;
use types::deployment::{Operation, Progress, Service, ServiceDetail};

use super::{Named, verb};
use crate::{
    api::{deployment::Operate, done::operated},
    components::{
        action::ServerAction, dialog::closer, effect::effect, status::Tone, toast::Toasts,
    },
};

/// What was asked for, until the facts on the page show that it is done.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Asked {
    /// What is to be done.
    pub(super) operation: Operation,
    /// When the service had last started.
    started_at: Option<OffsetDateTime>,
    /// It was answered that it is done.
    is_done: bool,
}

impl Asked {
    /// The facts show what was asked for. What runs may be another container by now, but it started at another time.
    fn shows(&self, service: &Service) -> bool {
        match self.operation {
            Operation::Stop => !service.is_up(),
            Operation::Start | Operation::Restart => service.started_at != self.started_at,
        }
    }
}

/// Says that it was done, once the page shows it: what is said first would be contradicted by what stands there.
pub(super) fn say_done(asked: RwSignal<Option<Asked>>, detail: Signal<ServiceDetail>) {
    let toasts = Toasts::here();
    effect(move || {
        let Some(done) = asked.get().filter(|asked| asked.is_done) else {
            return;
        };
        let detail = detail.read();
        if done.shows(&detail.service) {
            let name = &detail.service.name;
            toasts.say(Tone::Ok, operated(name, done.operation, Progress::Done));
            asked.set(None);
        }
    });
}

/// Remembers what is asked for and closes the dialog when it is answered; says that it failed where the dialog, which
/// would, is closed already.
pub(super) fn follow(
    operation: Operation,
    service: Memo<Named>,
    action: ServerAction<Operate>,
    asked: RwSignal<Option<Asked>>,
    detail: Signal<ServiceDetail>,
) {
    let toasts = Toasts::here();
    let close = closer();
    let query = use_query_map();
    let pending = action.pending();
    effect(move || {
        if pending.get() {
            asked.set(Some(Asked {
                operation,
                started_at: detail.with_untracked(|detail| detail.service.started_at),
                is_done: false,
            }));
        }
    });
    let value = action.value();
    effect(move || {
        let name = service.with_untracked(|service| service.name.clone());
        match value.get() {
            Some(Ok(progress)) => {
                match progress {
                    Progress::Done => asked.update(|asked| {
                        if let Some(asked) = asked {
                            asked.is_done = true;
                        }
                    }),
                    Progress::UnderWay => {
                        asked.set(None);
                        toasts.say(Tone::Unk, operated(&name, operation, progress));
                    }
                }
                close();
            }
            Some(Err(error)) => {
                asked.set(None);
                let confirm = query.with_untracked(|query| query.get("confirm"));
                if confirm.as_deref() != Some(operation.as_str()) {
                    toasts.say(Tone::Crit, format!("{} {name}: {error}", verb(operation)));
                    action.clear();
                }
            }
            None => {}
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::deployment::State;

    #[test]
    fn it_is_done_when_the_facts_show_it() {
        let asked = |operation| Asked {
            operation,
            started_at: Some(OffsetDateTime::UNIX_EPOCH),
            is_done: true,
        };
        let mut service = Service {
            state: State::Running,
            started_at: Some(OffsetDateTime::UNIX_EPOCH),
            containers_running: 1,
            ..Service::default()
        };
        assert!(!asked(Operation::Restart).shows(&service));
        assert!(!asked(Operation::Stop).shows(&service));
        service.started_at = Some(OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(9));
        assert!(asked(Operation::Restart).shows(&service));
        (service.state, service.containers_running) = (State::Exited, 0);
        assert!(asked(Operation::Stop).shows(&service));
    }
}
