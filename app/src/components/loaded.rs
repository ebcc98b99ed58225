//! Facts that a page reads from the server: rendered once they are there, then kept up to date in place.
//!
//! What does not depend on the kind of facts stands in functions that do not either: compiled once, they weigh once.

use std::{future::Future, pin::Pin};

use leptos::prelude::*;
use types::Error;

use crate::components::{
    effect::effect,
    error_view::ErrorView,
    facts::{Fact, Facts},
};

/// What shows facts of a kind.
type View<T> = Box<dyn Fn(Signal<T>) -> AnyView + Send + Sync>;

/// What is under way until there is something to show.
type Shown = Pin<Box<dyn Future<Output = AnyView> + Send>>;

/// Shows `facts` with `view`, which is built once and follows the signal it is given.
///
/// Until the first facts are there nothing is shown on the server (it waits) and a line of text in the browser. When a
/// later reading fails, the error stands above the last facts, greyed, instead of replacing them.
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
    let view: View<T> = Box::new(view);
    awaited(Box::new(move || {
        Box::pin(async move { follow(facts, facts.await, view) })
    }))
}

/// As [`Loaded`], for facts of one thing of several: when `subject` names another, nothing that was shown of the one
/// before stays, and `view` is built anew.
///
/// The view also needs what `more` reads, which is awaited beside the facts and not followed. A view never holds a
/// resource or a `Loaded` of its own: what is made while a page is awaited counts its ids at another moment on the
/// server than in the browser, which then finds a page that it does not know and gives up.
#[component]
pub fn LoadedOf<T, U, V>(
    /// What the facts are of.
    subject: Signal<String>,
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
    awaited(Box::new(move || {
        Box::pin(async move {
            let more = more.await;
            let view: View<T> = Box::new(move |facts| view(facts, more.clone()));
            follow_subject(subject, facts, facts.await, view)
        })
    }))
}

/// A line of text until what `start` begins is there.
fn awaited(start: Box<dyn FnOnce() -> Shown + Send>) -> AnyView {
    view! { <Transition fallback=reading>{Suspend::new(start())}</Transition> }.into_any()
}

fn reading() -> impl IntoView {
    view! {
        <p class="hint" role="status">
            "Reading…"
        </p>
    }
}

/// The last facts, and why there are none newer.
struct Last<T: 'static> {
    value: RwSignal<Option<ArcRwSignal<T>>>,
    error: RwSignal<Option<Error>>,
}

impl<T> Clone for Last<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Last<T> {}

impl<T: Fact + PartialEq> Last<T> {
    /// Keeps what was read first, and whatever is read from then on.
    fn of(facts: Facts<T>, first: Result<T, Error>) -> Self {
        let (value, error) = match first {
            Ok(first) => (Some(ArcRwSignal::new(first)), None),
            Err(error) => (None, Some(error)),
        };
        let last = Self {
            value: RwSignal::new(value),
            error: RwSignal::new(error),
        };
        effect(move || {
            if let Some(read) = facts.get() {
                last.take(read);
            }
        });
        last
    }

    fn take(self, read: Result<T, Error>) {
        let new = match read {
            Ok(new) => new,
            Err(error) => return self.error.set(Some(error)),
        };
        self.error.maybe_update(|error| error.take().is_some());
        match self.value.get_untracked() {
            Some(value) => value.maybe_update(|old| {
                let is_new = *old != new;
                *old = new;
                is_new
            }),
            None => self.value.set(Some(ArcRwSignal::new(new))),
        }
    }
}

fn follow<T>(facts: Facts<T>, first: Result<T, Error>, view: View<T>) -> AnyView
where
    T: Fact + PartialEq,
{
    let last = Last::of(facts, first);
    // What the server renders is built here and not in a closure: a closure is called more than once while the page
    // is resolved, and what is inside would count its resources differently from the browser.
    let shown = match last.value.get_untracked() {
        Some(first) => view(Signal::from(first)),
        None => (move || last.value.get().map(|value| view(Signal::from(value)))).into_any(),
    };
    below_error(last.error, shown)
}

fn follow_subject<T>(
    subject: Signal<String>,
    facts: Facts<T>,
    first: Result<T, Error>,
    view: View<T>,
) -> AnyView
where
    T: Fact + PartialEq,
{
    let last = Last::of(facts, first);
    let mut before = None;
    effect(move || {
        let now = subject.get();
        if before
            .replace(now.clone())
            .is_some_and(|before| before != now)
        {
            last.value.set(None);
            last.error.set(None);
        }
    });
    let shown = move || match last.value.get() {
        Some(value) => untrack(|| view(Signal::from(value))),
        None => last.error.with(Option::is_none).then(reading).into_any(),
    };
    below_error(last.error, shown.into_any())
}

/// What is shown, greyed below the error while it is not known to be true any more.
fn below_error(error: RwSignal<Option<Error>>, shown: AnyView) -> AnyView {
    view! {
        {move || error.get().map(|error| view! { <ErrorView error /> })}
        <div class="loaded" class:stale=move || error.with(Option::is_some)>
            {shown}
        </div>
    }
    .into_any()
}
