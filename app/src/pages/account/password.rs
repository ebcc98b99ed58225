//! Changing one's password.

use leptos::{html, prelude::*};

use crate::{
    api::{done, identity::ChangePassword},
    components::{
        action::{ActionForm, ServerAction},
        field::{Field, FormError, Submit, failure},
        toast::Toasts,
    },
};

/// The form.
#[component]
pub fn ChangePasswordCard() -> impl IntoView {
    let action = ServerAction::<ChangePassword>::new();
    let failure = failure(action.into());
    let form = NodeRef::<html::Form>::new();
    Toasts::here().follow(action.into(), move |()| {
        if let Some(form) = form.get_untracked() {
            form.reset();
        }
        done::PASSWORD_CHANGED.to_owned()
    });
    view! {
        <section class="card">
            <header>
                <h2>"Password"</h2>
            </header>
            <div class="body">
                <ActionForm action=action node_ref=form>
                    <div class="form">
                        <FormError failure fields=&["current", "new"] />
                        <Field
                            form="change-password"
                            name="current"
                            label="Current password"
                            kind="password"
                            autocomplete="current-password"
                            maxlength=1_000
                            required=true
                            failure
                        />
                        <Field
                            form="change-password"
                            name="new"
                            label="New password"
                            kind="password"
                            hint="At least 12 characters. Every other session of yours ends."
                            autocomplete="new-password"
                            maxlength=1_000
                            required=true
                            failure
                        />
                        <Submit text="Change password" weight_class="btn" pending=action.pending() />
                    </div>
                </ActionForm>
            </div>
        </section>
    }
}
