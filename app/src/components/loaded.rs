//! Facts that a page reads from the server: rendered once they are there, then kept up to date in place.

use std::{future::Future, pin::Pin, sync::Arc};

use crate::components::effect::effect;
use leptos::prelude::*;
use types::Error;

use crate::components::{
    error_view::ErrorView,
    facts::{Fact, Facts},
};

type View<T> = Arc<dyn Fn(Signal<T>) -> AnyView + Send + Sync>;

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
    T: Fact + PartialEq,
    V: Fn(Signal<T>) -> AnyView + Send + Sync + 'static,
{
    let view: View<T> = Arc::new(view);
    waiting(Arc::new(move || {
        let view = Arc::clone(&view);
        Box::pin(async move { follow(facts, facts.await, view) })
    }))
}

/// As [`Loaded`], for a view that also needs what `more` reads, which is awaited beside the facts and not followed.
///
/// A view never holds facts or a `Loaded` of its own: what is made while a page is awaited counts its ids at another
/// moment on the server than in the browser, which then finds a page that it does not know and gives up.
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
    T: Fact + PartialEq,
    U: Fact,
    V: Fn(Signal<T>, Result<U, Error>) -> AnyView + Send + Sync + 'static,
{
    let view = Arc::new(view);
    waiting(Arc::new(move || {
        let view = Arc::clone(&view);
        Box::pin(async move {
            let more = more.await;
            let view: View<T> = Arc::new(move |facts| view(facts, more.clone()));
            follow(facts, facts.await, view)
        })
    }))
}

type Shown = Pin<Box<dyn Future<Output = AnyView> + Send>>;

fn waiting(show: Arc<dyn Fn() -> Shown + Send + Sync>) -> AnyView {
    view! {
        <Transition fallback=|| view! { <p class="hint" role="status">"Reading…"</p> }>
            {Suspend::new(show())}
        </Transition>
    }
    .into_any()
}

fn follow<T: Fact + PartialEq>(facts: Facts<T>, first: Result<T, Error>, view: View<T>) -> AnyView {
    let (first, error) = match first {
        Ok(first) => (Some(ArcRwSignal::new(first)), None),
        Err(error) => (None, Some(error)),
    };
    let value = RwSignal::new(first.clone());
    let error = RwSignal::new(error);
    effect(move || match facts.get() {
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
