//! Start, stop, restart: each says what will happen, and why it may not be pressed where it may not.

use crate::components::{
    action::{ActionForm, ServerAction},
    effect::{effect, memo},
};
use leptos::prelude::*;
use types::deployment::{Operation, Progress, Service, ServiceDetail, State};

use crate::{
    api::deployment::Operate,
    components::{
        dialog::{Cancel, Dialog},
        field::{Failure, Field, FormError, Submit, failure},
        proof::Proof,
        status::Tone,
        toast::Toasts,
    },
};

/// The three buttons with their dialogs.
#[component]
pub fn Operations(detail: Signal<ServiceDetail>) -> impl IntoView {
    let action = ServerAction::<Operate>::new();
    let failure = failure(action.into());
    let service = memo(move || Named::of(&detail.read().service));
    let refused = memo(move || {
        let detail = detail.read();
        match detail.engine.fault {
            None => detail.may_not_operate.clone(),
            Some(fault) => Some(format!("{}.", fault.as_sentence())),
        }
    });
    let state = memo(move || detail.read().service.state);
    // Of several containers the worst is told: where that one is up, all are.
    let all_up = memo(move || {
        matches!(
            state.get(),
            State::Running | State::Paused | State::Restarting
        )
    });
    let any_up = memo(move || detail.read().service.is_up());
    let why_not = move |operation: Operation| {
        refused.get().or_else(|| match operation {
            _ if state.get() == State::Missing => {
                Some("There is no container: make it with docker compose up.".to_owned())
            }
            Operation::Start if all_up.get() => Some("It runs already.".to_owned()),
            Operation::Stop if !any_up.get() => Some("It does not run.".to_owned()),
            _ => None,
        })
    };
    say_result(action);
    let at_work = move || {
        let is_pending = action.pending().get();
        action
            .sent()
            .filter(|_| is_pending)
            .and_then(|sent| operation_of(&sent))
            .map(progress)
    };
    view! {
        <div role="status" class="text-muted">
            {at_work}
        </div>
        <div class="actions">
            <Open operation=Operation::Start why_not=Signal::derive(move || why_not(Operation::Start)) />
            <Open operation=Operation::Restart why_not=Signal::derive(move || why_not(Operation::Restart)) />
            <Open operation=Operation::Stop why_not=Signal::derive(move || why_not(Operation::Stop)) />
        </div>
        <Confirm operation=Operation::Start service action failure />
        <Confirm operation=Operation::Restart service action failure />
        <Confirm operation=Operation::Stop service action failure />
    }
}

/// What dialogs need to know of the service; it rarely changes, so that they are rarely touched.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Named {
    project: String,
    name: String,
    container: String,
    containers: u32,
    running: u32,
}

impl Named {
    fn of(service: &Service) -> Self {
        Self {
            project: service.project.clone(),
            name: service.name.clone(),
            container: service.container.clone(),
            containers: service.containers,
            running: service.containers_running,
        }
    }
}

const fn verb(operation: Operation) -> &'static str {
    match operation {
        Operation::Start => "Start",
        Operation::Stop => "Stop",
        Operation::Restart => "Restart",
    }
}

const fn progress(operation: Operation) -> &'static str {
    match operation {
        Operation::Start => "Starting…",
        Operation::Stop => "Stopping…",
        Operation::Restart => "Restarting…",
    }
}

const fn done(operation: Operation) -> &'static str {
    match operation {
        Operation::Start => "started",
        Operation::Stop => "stopped",
        Operation::Restart => "restarted",
    }
}

/// The operation that a form named.
fn operation_of(sent: &Sent) -> Option<Operation> {
    let name = sent.get("operation")?;
    [Operation::Start, Operation::Stop, Operation::Restart]
        .into_iter()
        .find(|operation| operation.as_str() == name)
}

fn say_result(action: ServerAction<Operate>) {
    let toasts = Toasts::here();
    let navigate = leptos_router::hooks::use_navigate();
    let path = leptos_router::hooks::use_location().pathname;
    let version = action.version();
    effect(move || {
        if version.get() == 0 {
            return;
        }
        if let (Some(Ok(progress)), Some(input)) =
            (action.value().get_untracked(), last.get_value())
        {
            match progress {
                Progress::Done => toasts.say(
                    Tone::Ok,
                    format!("{} was {}.", input.service, done(input.operation)),
                ),
                Progress::UnderWay => toasts.say(
                    Tone::Unk,
                    format!(
                        "{} is still being {}; the audit log tells how it ends.",
                        input.service,
                        done(input.operation)
                    ),
                ),
            }
            let options = leptos_router::NavigateOptions {
                replace: true,
                scroll: false,
                ..Default::default()
            };
            navigate(&path.get_untracked(), options);
        }
    });
}

/// A button that opens its dialog, or says why it may not be pressed.
#[component]
fn Open(operation: Operation, why_not: Signal<Option<String>>) -> impl IntoView {
    let reason_id = format!("why-not-{}", operation.as_str());
    move || {
        match why_not.get() {
        None => view! {
            <a class="btn" role="button" href=format!("?confirm={}", operation.as_str()) data-noscroll>
                {verb(operation)}
            </a>
        }
        .into_any(),
        Some(why) => view! {
            <button class="btn" type="button" aria-disabled="true" aria-describedby=reason_id.clone() title=why.clone()>
                {verb(operation)}
            </button>
            <span class="sr-only" id=reason_id.clone()>
                {why}
            </span>
        }
        .into_any(),
    }
    }
}

/// Says what will happen and to what, then does it.
#[component]
fn Confirm(
    operation: Operation,
    service: Memo<Named>,
    action: ServerAction<Operate>,
    failure: Failure,
) -> impl IntoView {
    let form = operation.as_str();
    let name = move || service.read().name.clone();
    let weight_class = if operation == Operation::Stop {
        "btn dan"
    } else {
        "btn pri"
    };
    view! {
        <Dialog name=form title=Signal::derive(move || format!("{} {}?", verb(operation), name()))>
            <ActionForm action=action>
                <div class="body">
                    <p>{move || what_happens(operation, &service.read())}</p>
                    <FormError failure fields=&["typed_name", "password", "code"] />
                    <input type="hidden" name="project" value=move || service.read().project.clone() />
                    <input type="hidden" name="service" value=name />
                    <input type="hidden" name="operation" value=operation.as_str() />
                    {(operation == Operation::Stop)
                        .then(|| {
                            view! {
                                <Field
                                    form
                                    name="typed_name"
                                    label="Type the service's name to confirm"
                                    hint=service.with_untracked(|service| service.name.clone())
                                    required=true
                                    failure
                                />
                                <Proof form failure />
                            }
                        })}
                </div>
                <footer>
                    <Cancel />
                    <Submit text=verb(operation) weight_class pending=action.pending() />
                </footer>
            </ActionForm>
        </Dialog>
    }
}

fn what_happens(operation: Operation, service: &Named) -> String {
    let Named {
        project,
        name,
        container,
        containers,
        running,
    } = service;
    if *containers > 1 {
        let all = format!("All {containers} containers of {name} in {project} ({running} run now)");
        return match operation {
            Operation::Start => format!("{all} are started as they are."),
            Operation::Restart => format!(
                "{all} get SIGTERM, after their grace period SIGKILL, and are started again. What they were doing is \
                 cut short."
            ),
            Operation::Stop => format!(
                "{all} get SIGTERM, after their grace period SIGKILL, and stay stopped until someone starts them. \
                 Nothing of their data is removed."
            ),
        };
    }
    match operation {
        Operation::Start => format!("The container {container} of {project} is started as it is."),
        Operation::Restart => format!(
            "The container {container} of {project} gets SIGTERM, after its grace period SIGKILL, and is started again. \
             What it was doing is cut short."
        ),
        Operation::Stop => format!(
            "The container {container} of {project} gets SIGTERM, after its grace period SIGKILL, and stays stopped \
             until someone starts it. Nothing of its data is removed."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_how_many_containers_it_is_about() {
        let mut service = Service {
            project: "shop".to_owned(),
            name: "web".to_owned(),
            container: "shop_web_1".to_owned(),
            containers: 1,
            containers_running: 1,
            ..Service::default()
        };
        let one = what_happens(Operation::Stop, &Named::of(&service));
        assert!(one.starts_with("The container shop_web_1 of shop"), "{one}");
        (service.containers, service.containers_running) = (3, 2);
        for operation in [Operation::Start, Operation::Restart, Operation::Stop] {
            let all = what_happens(operation, &Named::of(&service));
            assert!(
                all.starts_with("All 3 containers of web in shop (2 run now)"),
                "{all}"
            );
        }
    }
}
