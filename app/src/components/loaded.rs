//! Facts that a page reads from the server: rendered once they are there, then kept up to date in place.

use leptos::prelude::*;
use types::Error;

use crate::components::error_view::ErrorView;

/// A page's facts, read again whenever what they depend on changes.
pub type Facts<T> = Resource<Result<T, Error>>;

/// Shows `facts` with `view`, which is built once and follows the signal it is given.
///
/// Until the first facts are there nothing is shown on the server (it waits) and a line of text in the browser. When a
/// later reading fails, the error stands above the last facts instead of replacing them.
#[component]
pub fn Loaded<T, V>(
    /// The facts.
    facts: Facts<T>,
    /// Shows them.
    view: V,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    V: Fn(Signal<T>) -> AnyView + Clone + Send + Sync + 'static,
{
    view! {
        <Transition fallback=|| view! { <p class="hint" role="status">"Reading…"</p> }>
            {
                let view = view.clone();
                Suspend::new(async move { follow(facts, facts.await, view) })
            }
        </Transition>
    }
}

/// As [`Loaded`], for a view that also needs what `more` reads, which is awaited beside the facts and not followed.
///
/// A view never holds a resource or a `Loaded` of its own: what is made while a page is awaited counts its ids at
/// another moment on the server than in the browser, which then finds a page that it does not know and gives up.
#[component]
pub fn LoadedWith<T, U, V>(
    /// The facts.
    facts: Facts<T>,
    /// What the view needs beside them.
    more: Facts<U>,
    /// Shows them.
    view: V,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    U: Clone + Send + Sync + 'static,
    V: Fn(Signal<T>, Result<U, Error>) -> AnyView + Clone + Send + Sync + 'static,
{
    view! {
        <Transition fallback=|| view! { <p class="hint" role="status">"Reading…"</p> }>
            {
                let view = view.clone();
                Suspend::new(async move {
                    let more = more.await;
                    follow(facts, facts.await, move |facts| view(facts, more.clone()))
                })
            }
        </Transition>
    }
}

fn follow<T, V>(facts: Facts<T>, first: Result<T, Error>, view: V) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    V: Fn(Signal<T>) -> AnyView + Send + Sync + 'static,
{
    let (first, error) = match first {
        Ok(first) => (Some(ArcRwSignal::new(first)), None),
        Err(error) => (None, Some(error)),
    };
    let value = RwSignal::new(first.clone());
    let error = RwSignal::new(error);
    Effect::new(move |_| match facts.get() {
        Some(Ok(new)) => {
            error.maybe_update(|error| error.take().is_some());
            match value.get_untracked() {
                Some(value) => value.maybe_update(|old| {
                    let is_new = *old != new;
                    *old = new;
                    is_new
                }),
                None => value.set(Some(ArcRwSignal::new(new))),
            }
        }
        Some(Err(new)) => error.set(Some(new)),
        None => {}
    });
    let error = move || error.get().map(|error| view! { <ErrorView error /> });
    // What the server renders is built here and not in a closure: a closure is called more than once while the page
    // is resolved, and what is inside would count its resources differently from the browser.
    match first {
        Some(first) => {
            let view = view(Signal::from(first));
            view! {
                {error}
                {view}
            }
            .into_any()
        }
        None => view! {
            {error}
            {move || value.get().map(|value| view(Signal::from(value)))}
        }
        .into_any(),
    }
}
