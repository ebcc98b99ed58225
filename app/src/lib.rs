//! Pages, components and server functions.
use leptos::prelude::*;
/// The whole page.
#[component]
pub fn App() -> impl IntoView { view! { <main>"hi"</main> } }
