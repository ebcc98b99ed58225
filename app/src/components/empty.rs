//! What stands where a list has nothing: what would fill it, and how.

use leptos::prelude::*;

/// An empty list.
#[component]
pub fn Empty(
    /// What is not there.
    #[prop(into)]
    title: String,
    /// What would fill it and how.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="empty">
            <b>{title}</b>
            <div>{children()}</div>
        </div>
    }
}
