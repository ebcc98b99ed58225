//! The second factor: enrolling it by a scanned code, its recovery codes, and taking it away.

use leptos::prelude::*;
use types::identity::{Me, TotpEnrolment};

use crate::{
    api::{
        done,
        identity::{BeginTotp, ConfirmTotp, DisableTotp, RegenerateCodes},
    },
    components::{
        action::{ActionForm, ServerAction, Value},
        dialog::{Cancel, Dialog, closer},
        effect::{effect, memo},
        field::{Field, FormError, Submit, failure},
        format,
        proof::Proof,
        status::{Badge, Tone},
        toast::Toasts,
    },
};

/// The card.
#[component]
pub fn SecondFactor(me: Signal<Me>) -> impl IntoView {
    let is_on = memo(move || me.read().user.totp);
    let codes = RwSignal::new(None::<Vec<String>>);
    view! {
        <section class="card">
            <header>
                <h2>"Second factor"</h2>
                <span class="sp"></span>
                {move || {
                    if is_on.get() {
                        view! { <Badge tone=Tone::Ok text="on" /> }
                    } else {
                        view! { <Badge tone=Tone::Warn text="off" /> }
                    }
                }}
            </header>
            <div class="body">
                {move || codes.get().map(|codes| view! { <RecoveryCodes codes /> })}
                {move || {
                    if is_on.get() {
                        view! { <On me codes /> }.into_any()
                    } else {
                        view! { <Off codes /> }.into_any()
                    }
                }}
            </div>
        </section>
    }
}

#[component]
fn On(me: Signal<Me>, codes: RwSignal<Option<Vec<String>>>) -> impl IntoView {
    let action = ServerAction::<DisableTotp>::new();
    let failure = failure(action.into());
    let left = move || {
        let left = usize::try_from(me.read().recovery_codes_left).unwrap_or_default();
        format!(
            "{} left.",
            format::count(left, "recovery code", "recovery codes")
        )
    };
    Toasts::here().follow(action.into(), |()| done::FACTOR_REMOVED.to_owned());
    let regenerate = ServerAction::<RegenerateCodes>::new();
    let not_regenerated = crate::components::field::failure(regenerate.into());
    show_codes(regenerate.into(), codes);
    view! {
        <p>"Signing in asks for a code of your authenticator app. " {left}</p>
        <div class="row mt-3">
            <a class="btn" href="?confirm=new-codes" data-noscroll>
                "New recovery codes"
            </a>
            <a class="btn" href="?confirm=disable-totp" data-noscroll>
                "Take it away"
            </a>
        </div>
        <Dialog
            name="new-codes"
            title="Make new recovery codes?"
            on_closed=Callback::new(move |()| regenerate.clear())
        >
            <ActionForm action=regenerate>
                <div class="body">
                    <p>"The codes you have become worthless. The new ones are shown once."</p>
                    <FormError failure=not_regenerated fields=&["password", "code"] />
                    <Proof form="new-codes" failure=not_regenerated />
                </div>
                <footer>
                    <Cancel />
                    <Submit text="Make new codes" pending=regenerate.pending() />
                </footer>
            </ActionForm>
        </Dialog>
        <Dialog
            name="disable-totp"
            title="Take the second factor away?"
            on_closed=Callback::new(move |()| action.clear())
        >
            <ActionForm action=action>
                <div class="body">
                    <p>
                        "Your password alone will open the console. The entry in your authenticator app and every "
                        "recovery code become worthless."
                    </p>
                    <FormError failure fields=&["password", "code"] />
                    <Proof form="disable-totp" failure />
                </div>
                <footer>
                    <Cancel />
                    <Submit text="Take it away" weight_class="btn dan" pending=action.pending() />
                </footer>
            </ActionForm>
        </Dialog>
    }
}

/// Shows new recovery codes above whatever stands in the card then, and closes the dialog that asked for them.
fn show_codes(action: Value<Vec<String>>, codes: RwSignal<Option<Vec<String>>>) {
    let close = closer();
    effect(move || {
        if let Some(Ok(new)) = action.get() {
            codes.set(Some(new));
            close();
        }
    });
}

#[component]
fn Off(codes: RwSignal<Option<Vec<String>>>) -> impl IntoView {
    let begin = ServerAction::<BeginTotp>::new();
    let confirm = ServerAction::<ConfirmTotp>::new();
    let (began, confirmed) = (failure(begin.into()), failure(confirm.into()));
    show_codes(confirm.into(), codes);
    let enrolment = move || begin.value().get().and_then(Result::ok);
    view! {
        <p>
            "A code of an authenticator app beside the password: whoever learns your password alone can't sign in."
        </p>
        {move || match enrolment() {
            None => {
                view! {
                    <ActionForm action=begin>
                        <div class="form mt-3">
                            <FormError failure=began fields=&["password", "code"] />
                            <Proof form="begin-totp" failure=began />
                            <Submit text="Set it up" weight_class="btn" pending=begin.pending() />
                        </div>
                    </ActionForm>
                    <noscript>
                        <p class="hint">"Setting it up needs scripts."</p>
                    </noscript>
                }
                    .into_any()
            }
            Some(enrolment) => {
                view! {
                    <Scan enrolment />
                    <ActionForm action=confirm>
                        <div class="form mt-3">
                            <FormError failure=confirmed fields=&["code"] />
                            <Field
                                form="confirm-totp"
                                name="code"
                                label="Code that the app shows now"
                                inputmode="numeric"
                                autocomplete="one-time-code"
                                maxlength=6
                                required=true
                                failure=confirmed
                            />
                            <Submit text="Turn it on" pending=confirm.pending() />
                        </div>
                    </ActionForm>
                }
                    .into_any()
            }
        }}
    }
}

#[component]
fn Scan(enrolment: TotpEnrolment) -> impl IntoView {
    let size = enrolment.qr.len() + 8;
    view! {
        <div class="mt-3 grid gap-3">
            <p>"Scan this with the app, or type the secret."</p>
            <svg
                class="qr"
                viewBox=format!("0 0 {size} {size}")
                role="img"
                aria-label="Code to scan with an authenticator app"
                shape-rendering="crispEdges"
            >
                <rect width="100%" height="100%" fill="#fff" />
                <path d=qr_path(&enrolment.qr) fill="#000" />
            </svg>
            <code class="break-all">{enrolment.secret}</code>
        </div>
    }
}

/// Dark modules as squares, with the quiet zone of four modules that scanners want.
fn qr_path(modules: &[Vec<bool>]) -> String {
    use std::fmt::Write;
    let mut path = String::new();
    for (y, row) in modules.iter().enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, is_dark)| **is_dark) {
            let _ = write!(path, "M{} {}h1v1h-1z", x + 4, y + 4);
        }
    }
    path
}

#[component]
fn RecoveryCodes(codes: Vec<String>) -> impl IntoView {
    let codes: Vec<_> = codes
        .into_iter()
        .map(|code| view! { <li class="mono select-all">{code}</li> })
        .collect();
    view! {
        <div class="note ok mb-3" role="status">
            <b>"The second factor is on. Keep these recovery codes: they are shown this once."</b>
            <p>"Each opens the console once when the app is not at hand."</p>
            <ul class="codes">{codes}</ul>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dark_modules_are_drawn_inside_the_quiet_zone() {
        assert_eq!(
            qr_path(&[vec![true, false], vec![false, true]]),
            "M4 4h1v1h-1zM5 5h1v1h-1z"
        );
    }
}
