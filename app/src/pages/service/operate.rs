//! Start, stop, restart: each says what will happen, and why it may not be pressed where it may not.

mod asked;

use asked::{Asked, follow, say_done};
use leptos::prelude::*;
use types::deployment::{Operation, Service, ServiceDetail, State};

use crate::{
    api::deployment::Operate,
    components::{
        action::{ActionForm, ServerAction},
        dialog::{Cancel, Dialog},
        effect::memo,
        field::{Field, FormError, Submit, failure},
        proof::Proof,
        unavailable::Unavailable,
    },
};

/// The three buttons with their dialogs.
#[component]
pub fn Operations(detail: Signal<ServiceDetail>) -> impl IntoView {
    let service = memo(move || Named::of(&detail.read().service));
    let why_not = move |operation: Operation| {
        memo(move || {
            let detail = detail.read();
            match detail.engine.fault {
                None => {
                    let why_not = || why_not(operation, &detail.service);
                    detail.may_not_operate.clone().or_else(why_not)
                }
                Some(fault) => Some(format!("{}.", fault.as_sentence())),
            }
        })
    };
    // One each: what failed of one is not said of another.
    let tries = OPERATIONS.map(|operation| (operation, ServerAction::<Operate>::new()));
    let asked = RwSignal::new(None::<Asked>);
    let at_work = move || asked.with(|asked| asked.as_ref().map(|asked| progress(asked.operation)));
    say_done(asked, detail);
    let forget = Callback::new(move |()| {
        for (_, action) in tries {
            action.clear();
        }
    });
    let parts = tries.map(|(operation, action)| {
        let why_not = why_not(operation);
        follow(operation, service, action, asked, detail);
        (
            view! { <Open operation why_not /> },
            view! { <Confirm operation service action why_not forget /> },
        )
    });
    let (buttons, dialogs): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
    view! {
        <div role="status" class="text-muted">
            {at_work}
        </div>
        <div class="actions">{buttons}</div>
        {dialogs}
    }
}

const OPERATIONS: [Operation; 3] = [Operation::Start, Operation::Restart, Operation::Stop];

/// Why a service as it is can't be started, stopped or restarted; none where it can.
fn why_not(operation: Operation, service: &Service) -> Option<String> {
    // Of several containers the worst is told: where that one is up, all are.
    let all_up = matches!(
        service.state,
        State::Running | State::Paused | State::Restarting
    );
    let why = match operation {
        Operation::Start if all_up => "It runs already.",
        Operation::Stop if !service.is_up() => "It does not run.",
        _ => return None,
    };
    Some(why.to_owned())
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

/// The way to the dialog, or a button that says why there is none.
#[component]
fn Open(operation: Operation, why_not: Memo<Option<String>>) -> impl IntoView {
    move || match why_not.get() {
        None => view! {
            <a class="btn" href=format!("?confirm={}", operation.as_str()) data-noscroll>
                {verb(operation)}
            </a>
        }
        .into_any(),
        Some(why) => view! { <Unavailable text=verb(operation) why /> }.into_any(),
    }
}

/// Says what will happen and to what, then does it; or why it may not be done, for the address opens it for everyone.
#[component]
fn Confirm(
    operation: Operation,
    service: Memo<Named>,
    action: ServerAction<Operate>,
    why_not: Memo<Option<String>>,
    forget: Callback<()>,
) -> impl IntoView {
    let failure = failure(action.into());
    let pending = action.pending();
    // While it is done the facts change under it: a service that is being stopped "does not run".
    let refused = memo(move || why_not.get().filter(|_| !pending.get()));
    let form = operation.as_str();
    let name = move || service.read().name.clone();
    let weight_class = if operation == Operation::Stop {
        "btn dan"
    } else {
        "btn pri"
    };
    view! {
        <Dialog
            name=form
            title=Signal::derive(move || format!("{} {}?", verb(operation), name()))
            on_closed=forget
        >
            {move || {
                refused
                    .get()
                    .map(|why| {
                        view! {
                            <div class="body">
                                <p class="note warn">
                                    <b>{why}</b>
                                </p>
                            </div>
                            <footer>
                                <Cancel text="Close" />
                            </footer>
                        }
                    })
            }}
            // Kept below a refusal that may pass: what was typed stays typed.
            <div hidden=move || refused.read().is_some()>
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
            </div>
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
    fn what_can_not_be_done_says_why() {
        let why = |operation, state| {
            let service = Service {
                state,
                containers_running: u32::from(state != State::Exited),
                ..Service::default()
            };
            why_not(operation, &service)
        };
        assert!(why(Operation::Start, State::Running).is_some());
        assert!(why(Operation::Start, State::Exited).is_none());
        assert!(why(Operation::Stop, State::Exited).is_some());
        assert!(why(Operation::Stop, State::Paused).is_none());
        assert!(why(Operation::Restart, State::Exited).is_none());
    }

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
