//! A form's fields: label, control, hint, and what was refused.

use leptos::prelude::*;
use types::Error;

use crate::components::{action::Value, typed::typed};

/// What went wrong with a form's last try, if something did.
pub type Failure = Signal<Option<Error>>;

/// The failure of an action's last try.
pub fn failure<T>(action: Value<T>) -> Failure {
    action.failure()
}

fn refused(failure: Failure, field: &'static str) -> Signal<Option<String>> {
    Signal::derive(move || match failure.get() {
        Some(Error::Invalid { fields }) => fields
            .into_iter()
            .find(|refused| refused.field == field)
            .map(|refused| refused.message),
        _ => None,
    })
}

/// A text field with its label, hint and refusal.
#[component]
pub fn Field(
    /// The form it belongs to: makes its id unique on the page.
    form: &'static str,
    /// The name it is sent with.
    name: &'static str,
    /// What people call it.
    label: &'static str,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    /// What stands in it at first; what was typed before a refusal takes its place.
    #[prop(optional, into)]
    value: String,
    /// What may be entered.
    #[prop(optional, into)]
    hint: String,
    /// What the browser may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// The most characters.
    #[prop(default = 200)]
    maxlength: u32,
    /// It must be given.
    #[prop(optional)]
    required: bool,
    /// It has the focus at first.
    #[prop(optional)]
    autofocus: bool,
    /// The keyboard that a phone shows.
    #[prop(default = "")]
    inputmode: &'static str,
    /// The form's failure.
    failure: Failure,
) -> impl IntoView {
    let id = format!("{form}-{name}");
    let message = refused(failure, name);
    let value = if kind == "password" {
        value
    } else {
        typed(form, name).unwrap_or(value)
    };
    let hint_id = (!hint.is_empty()).then(|| format!("{id}-hint"));
    let describes = described_by(&id, hint_id.as_deref(), message);
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <div class="control">
                <input
                    id=id.clone()
                    name=name
                    type=kind
                    value=value
                    autocomplete=autocomplete
                    maxlength=maxlength.to_string()
                    inputmode=(!inputmode.is_empty()).then_some(inputmode)
                    required=required
                    autofocus=autofocus
                    autocapitalize="none"
                    spellcheck="false"
                    aria-invalid=move || message.get().is_some().then_some("true")
                    aria-describedby=describes
                />
            </div>
            {hint_id.map(|hint_id| view! { <p class="hint" id=hint_id>{hint}</p> })}
            <Refusal id message />
        </div>
    }
}

/// A field of several lines.
#[component]
pub fn Lines(
    /// The form it belongs to.
    form: &'static str,
    /// The name it is sent with.
    name: &'static str,
    /// What people call it.
    label: &'static str,
    /// What stands in it at first; what was typed before a refusal takes its place.
    #[prop(optional, into)]
    value: String,
    /// What may be entered.
    #[prop(optional, into)]
    hint: String,
    /// The form's failure.
    failure: Failure,
) -> impl IntoView {
    let id = format!("{form}-{name}");
    let message = refused(failure, name);
    let value = typed(form, name).unwrap_or(value);
    let hint_id = (!hint.is_empty()).then(|| format!("{id}-hint"));
    let describes = described_by(&id, hint_id.as_deref(), message);
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <textarea
                id=id.clone()
                name=name
                rows="4"
                maxlength="20000"
                autocapitalize="none"
                spellcheck="false"
                aria-invalid=move || message.get().is_some().then_some("true")
                aria-describedby=describes
            >
                {value}
            </textarea>
            {hint_id.map(|hint_id| view! { <p class="hint" id=hint_id>{hint}</p> })}
            <Refusal id message />
        </div>
    }
}

/// Takes out what stands beside an input where the server put the input alone. Password managers put elements of their
/// own there, and a page whose nodes are not those that the server sent can't be taken over by its script; they put
/// them there again when they miss them.
pub fn remove_strangers() {
    while let Ok(Some(stranger)) = document().query_selector(".control > :not(input)") {
        stranger.remove();
    }
}

/// A choice of one, with its label and refusal.
#[component]
pub fn Choice(
    /// The form it belongs to.
    form: &'static str,
    /// The name it is sent with.
    name: &'static str,
    /// What people call it.
    label: &'static str,
    /// What can be chosen: what is sent, and what people read.
    options: Vec<(String, String)>,
    /// What is chosen at first.
    #[prop(optional, into)]
    value: String,
    /// What the choice means.
    #[prop(optional, into)]
    hint: String,
    /// The form's failure.
    failure: Failure,
) -> impl IntoView {
    let id = format!("{form}-{name}");
    let message = refused(failure, name);
    let chosen = typed(form, name).unwrap_or(value);
    let hint_id = (!hint.is_empty()).then(|| format!("{id}-hint"));
    let describes = described_by(&id, hint_id.as_deref(), message);
    let options: Vec<_> = options
        .into_iter()
        .map(|(value, text)| {
            let selected = value == chosen;
            view! { <option value=value selected=selected>{text}</option> }
        })
        .collect();
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <select
                id=id.clone()
                name=name
                aria-invalid=move || message.get().is_some().then_some("true")
                aria-describedby=describes
            >
                {options}
            </select>
            {hint_id.map(|hint_id| view! { <p class="hint" id=hint_id>{hint}</p> })}
            <Refusal id message />
        </div>
    }
}

/// The ids of the hint and, where the field was refused, of what is said of that.
pub fn described_by(
    id: &str,
    hint_id: Option<&str>,
    message: Signal<Option<String>>,
) -> impl Fn() -> Option<String> + Send + Sync + Clone + 'static {
    let (hint, error) = (hint_id.map(ToOwned::to_owned), format!("{id}-error"));
    move || match (&hint, message.with(Option::is_some)) {
        (hint, false) => hint.clone(),
        (None, true) => Some(error.clone()),
        (Some(hint), true) => Some(format!("{hint} {error}")),
    }
}

/// What is wrong with a field.
#[component]
pub fn Refusal(
    /// The field's.
    id: String,
    /// What is wrong, if something is.
    message: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        {move || {
            message
                .get()
                .map(|message| view! { <p class="error" id=format!("{id}-error")>{message}</p> })
        }}
    }
}

/// What a form's fields do not say themselves: the error as a whole, announced.
#[component]
pub fn FormError(
    /// The form's failure.
    failure: Failure,
    /// The fields that say their own refusal.
    #[prop(optional)]
    fields: &'static [&'static str],
) -> impl IntoView {
    let text = move || match failure.get()? {
        // `Proof` asks for what lacks, where the form has one.
        Error::StepUpRequired if fields.contains(&"password") => None,
        Error::Invalid { fields: refused } => {
            let mut rest = refused
                .iter()
                .filter(|refused| !fields.contains(&refused.field.as_str()));
            match rest.next() {
                Some(_) => Some(failure.get()?.to_string()),
                None => Some("Nothing was changed: see the marked fields.".to_owned()),
            }
        }
        error => Some(error.to_string()),
    };
    view! {
        <div role="alert">
            {move || text().map(|text| view! { <p class="note crit"><b>{text}</b></p> })}
        </div>
    }
}

/// A form's button, which says that it is at work.
#[component]
pub fn Submit(
    /// What it does.
    #[prop(into)]
    text: String,
    /// The class of its weight.
    #[prop(default = "btn pri")]
    weight_class: &'static str,
    /// It is at work.
    #[prop(into)]
    pending: Signal<bool>,
) -> impl IntoView {
    view! {
        <button class=weight_class type="submit" disabled=move || pending.get()>
            {text}
        </button>
    }
}
