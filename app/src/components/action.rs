//! Forms that call a server function: by a script where there is one, by the browser itself where there is none.
//!
//! Leptos' own action form makes the whole machinery anew for each server function, down to an encoder and a decoder of
//! its arguments. A form's fields need neither: the browser encodes them. So everything here is made once, and the
//! function's type only says where a form is sent and what comes back.

use std::{marker::PhantomData, sync::Arc};

use leptos::{ev, html, prelude::*, server::ServerActionError, server_fn::ServerFn};
use serde::de::DeserializeOwned;
use types::{Error, wire};

/// A server function that forms call, and what became of the last call.
pub struct ServerAction<F> {
    call: Call,
    of: PhantomData<fn() -> F>,
}

impl<F> Clone for ServerAction<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for ServerAction<F> {}

impl<F> ServerAction<F>
where
    F: ServerFn<Error = Error>,
    F::Output: DeserializeOwned,
{
    /// One that was not called yet; or was, by a form without scripts, and refused.
    pub fn new() -> Self {
        Self {
            call: Call::new(F::PATH),
            of: PhantomData,
        }
    }

    /// It is under way.
    pub fn pending(self) -> Signal<bool> {
        self.call.pending.into()
    }

    /// How often it ended.
    pub fn version(self) -> Signal<usize> {
        self.call.version.into()
    }

    /// What came back last.
    pub fn value(self) -> Value<F::Output> {
        Value::from(self)
    }

    /// What was sent last, as long as what became of it is not forgotten.
    pub fn sent(self) -> Option<Sent> {
        self.call.sent.get()
    }

    /// Forgets what became of the last call.
    pub fn clear(self) {
        self.call.sent.set(None);
        self.call.done.set(None);
    }
}

impl<F> Default for ServerAction<F>
where
    F: ServerFn<Error = Error>,
    F::Output: DeserializeOwned,
{
    fn default() -> Self {
        Self::new()
    }
}

/// What became of a server function's last call.
pub struct Value<T> {
    call: Call,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Value<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Value<T> {}

impl<F: ServerFn> From<ServerAction<F>> for Value<F::Output> {
    fn from(action: ServerAction<F>) -> Self {
        Self {
            call: action.call,
            of: PhantomData,
        }
    }
}

impl<T: DeserializeOwned> Value<T> {
    /// It, followed; none before the first call has ended.
    pub fn get(self) -> Option<Result<T, Error>> {
        self.call.done.get().map(open)
    }

    /// It, as it is now.
    pub fn get_untracked(self) -> Option<Result<T, Error>> {
        self.call.done.get_untracked().map(open)
    }
}

impl<T> Value<T> {
    /// Why the last call was refused; none while it is tried again, for then that is no longer true.
    pub fn failure(self) -> Signal<Option<Error>> {
        let Call { pending, done, .. } = self.call;
        Signal::derive(move || {
            if pending.get() {
                return None;
            }
            done.get().and_then(Result::err)
        })
    }

    /// How often a call ended.
    pub fn version(self) -> Signal<usize> {
        self.call.version.into()
    }
}

fn open<T: DeserializeOwned>(done: Done) -> Result<T, Error> {
    wire::read(done?.as_bytes()).map_err(|_| Error::Internal {
        trace_id: "answer".to_owned(),
    })
}

/// The fields of a form as they were sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent(Arc<[(String, String)]>);

impl Sent {
    /// The first field of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut fields = self.0.iter();
        fields
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }
}

/// The answer as JSON.
type Done = Result<Arc<str>, Error>;

#[derive(Clone, Copy)]
struct Call {
    pending: RwSignal<bool>,
    version: RwSignal<usize>,
    sent: RwSignal<Option<Sent>>,
    done: RwSignal<Option<Done>>,
}

impl Call {
    fn new(path: &str) -> Self {
        let refused = use_context::<ServerActionError>()
            .filter(|error| error.path() == path)
            .map(|error| Err(refusal(error.err())));
        Self {
            pending: RwSignal::new(false),
            version: RwSignal::new(0),
            sent: RwSignal::new(None),
            done: RwSignal::new(refused),
        }
    }

    #[cfg(not(feature = "hydrate"))]
    fn submit(self, _url: &'static str, _event: &ev::SubmitEvent) {
        let _ = self;
    }

    #[cfg(feature = "hydrate")]
    fn submit(self, url: &'static str, event: &ev::SubmitEvent) {
        if event.default_prevented() {
            return;
        }
        event.prevent_default();
        // Sent twice it would be done twice.
        if self.pending.get_untracked() {
            return;
        }
        let Some((sent, body)) = browser::fields(event) else {
            return;
        };
        self.sent.set(Some(sent));
        self.pending.set(true);
        leptos::task::spawn_local(async move {
            let done = browser::post(url, body).await;
            // The page may be gone meanwhile, and its signals with it.
            let _ = self.done.try_set(Some(done));
            let _ = self.pending.try_set(false);
            let _ = self.version.try_update(|version| *version += 1);
        });
    }
}

/// A refusal as an address carries it.
#[cfg(not(feature = "hydrate"))]
fn refusal(text: &str) -> Error {
    use leptos::server_fn::error::ServerFnUrlError;
    ServerFnUrlError::<Error>::decode_err(text)
}

/// The same, read by the browser's own means: a decoder of its own would be loaded with every page.
#[cfg(feature = "hydrate")]
fn refusal(text: &str) -> Error {
    use leptos::server_fn::error::FromServerFnError;
    let decoded = window().atob(&text.replace('-', "+").replace('_', "/"));
    // What it decodes to is bytes, a letter each.
    let decoded = decoded.unwrap_or_default();
    let bytes: Vec<u8> = decoded.chars().map(|byte| byte as u8).collect();
    Error::de(bytes.into())
}

/// A form that calls `action` with its fields.
#[component]
pub fn ActionForm<F>(
    /// What it calls.
    action: ServerAction<F>,
    /// The form itself.
    #[prop(optional)]
    node_ref: Option<NodeRef<html::Form>>,
    /// Its fields.
    children: Children,
) -> impl IntoView
where
    F: ServerFn + 'static,
{
    form(F::PATH, action.call, node_ref.unwrap_or_default(), children)
}

fn form(
    url: &'static str,
    call: Call,
    node_ref: NodeRef<html::Form>,
    children: Children,
) -> AnyView {
    view! {
        <form action=url method="post" node_ref=node_ref on:submit=move |event| call.submit(url, &event)>
            {children()}
        </form>
    }
    .into_any()
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::sync::Arc;

    use leptos::{ev, server_fn::error::FromServerFnError};
    use types::Error;
    use wasm_bindgen::{JsCast, JsValue};
    use web_sys::{FormData, HtmlFormElement, UrlSearchParams};

    use super::{Done, Sent};

    /// The fields of the form that is submitted, with the button that did it, and how they are sent.
    pub fn fields(event: &ev::SubmitEvent) -> Option<(Sent, String)> {
        let form: HtmlFormElement = event.target()?.dyn_into().ok()?;
        let data = FormData::new_with_form(&form).ok()?;
        if let Some(button) = event.submitter()
            && let Some(name) = button.get_attribute("name")
        {
            let value = button.get_attribute("value").unwrap_or_default();
            data.append_with_str(&name, &value).ok()?;
        }
        let params = UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?;
        let sent = js_sys::Array::from(&params)
            .iter()
            .filter_map(|pair| {
                let pair: js_sys::Array = pair.dyn_into().ok()?;
                Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
            })
            .collect();
        Some((Sent(sent), params.to_string().into()))
    }

    /// Sends fields to a server function.
    pub async fn post(url: &str, body: String) -> Done {
        let unreachable = |_| Error::Unreachable;
        let answer = gloo_net::http::Request::post(url)
            .header("Accept", "application/json")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(JsValue::from(body))
            .map_err(unreachable)?
            .send()
            .await
            .map_err(unreachable)?;
        let text = answer.text().await.map_err(unreachable)?;
        if answer.status() >= 400 {
            Err(Error::de(text.into_bytes().into()))
        } else {
            Ok(Arc::from(text))
        }
    }
}
