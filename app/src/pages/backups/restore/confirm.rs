//! Where to, the set's name, and the password.

use leptos::prelude::*;
use types::backups::RestorePlan;

use super::super::set::lead_on;
use crate::{
    api::backups::RestoreBackup,
    components::{
        action::{ActionForm, ServerAction},
        field::{Choice, Field, FormError, Submit, failure},
        proof::Proof,
    },
};

/// The fields that say their own refusal.
const FIELDS: [&str; 5] = ["typed_name", "way", "to", "password", "code"];

/// The form.
#[component]
pub fn Confirm(
    /// What it would do.
    plan: RestorePlan,
    /// What is restored of it; all where there is none.
    only: Vec<String>,
) -> impl IntoView {
    let action = ServerAction::<RestoreBackup>::new();
    let failure = failure(action.into());
    lead_on(action.into());
    let set = format!("/backups/{}", plan.backup.set);
    let words = Words::of(&plan);
    let mut options = vec![("beside", words.beside)];
    if plan.not_in_place.is_none() {
        options.insert(0, ("in_place", words.in_place));
    }
    let options: Vec<(String, String)> = options
        .into_iter()
        .map(|(value, text)| (value.to_owned(), text.to_owned()))
        .collect();
    let picked = only
        .into_iter()
        .map(|path| view! { <input type="hidden" name="only[]" value=path /> })
        .collect_view();
    view! {
        <div class="body">
            <ActionForm action=action>
                <div class="form">
                    <FormError failure fields=&FIELDS />
                    <input type="hidden" name="id" value=plan.backup.id.to_string() />
                    {picked}
                    {plan
                        .not_in_place
                        .map(|why| {
                            view! {
                                <div class="note warn">
                                    <b>"It can't take the place of what is live"</b>
                                    <p>{why}</p>
                                </div>
                            }
                        })}
                    <Choice form="restore" name="way" label="Where to" options failure />
                    <Field form="restore" name="to" label=words.to hint=words.hint maxlength=1_000 failure />
                    <Field
                        form="restore"
                        name="typed_name"
                        label="Type the set's name to confirm"
                        hint=plan.set_name
                        required=true
                        failure
                    />
                    <Proof form="restore" failure />
                    <div class="row">
                        <Submit text="Restore" weight_class="btn dan" pending=action.pending() />
                        <a class="btn" href=set>
                            "Cancel"
                        </a>
                    </div>
                </div>
            </ActionForm>
        </div>
    }
}

/// What the choices are called.
struct Words {
    in_place: &'static str,
    beside: &'static str,
    to: &'static str,
    hint: &'static str,
}

impl Words {
    const fn of(plan: &RestorePlan) -> Self {
        if plan.is_of_files {
            Self {
                in_place: "In place of what is there",
                beside: "Beside it, into another folder",
                to: "The other folder",
                hint: "Only for another folder: its whole path. It must be new or empty.",
            }
        } else {
            Self {
                in_place: "In place of the live database",
                beside: "Beside it, as a new database",
                to: "The new database's name",
                hint: "Only for a new database, to look at: it is compared, and nothing is switched.",
            }
        }
    }
}
