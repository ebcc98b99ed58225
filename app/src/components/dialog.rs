//! A dialog that the address names (`?confirm=stop`): it opens by a link, closes with "back", and stands in the page
//! when there are no scripts.

use crate::components::effect::{effect, memo};
use leptos::{html, prelude::*};
use leptos_router::hooks::{use_location, use_navigate, use_query_map};

/// The dialog. The browser traps the focus in it and gives it back to what opened it.
#[component]
pub fn Dialog(
    /// The word in the address that opens it.
    name: &'static str,
    /// What it asks.
    #[prop(into)]
    title: Signal<String>,
    /// Called when it has closed, so that nothing of the last try waits in it.
    #[prop(optional, into)]
    on_closed: Option<Callback<()>>,
    /// What it holds; ends with a `<footer>`.
    children: Children,
) -> impl IntoView {
    let query = use_query_map();
    let is_open = memo(move || query.read().get_str("confirm") == Some(name));
    let node = NodeRef::<html::Dialog>::new();
    let close = closer();
    effect(move || {
        let is_open = is_open.get();
        let Some(dialog) = node.get() else { return };
        if is_open {
            if !dialog.matches(":modal").unwrap_or_default() {
                // Rendered by the server it stands open but not modal. Of a modal one the attribute must stay: without
                // it `close` does nothing, and the page below would be inert for good.
                let _ = dialog.remove_attribute("open");
                let _ = dialog.show_modal();
            }
        } else {
            dialog.close();
        }
    });
    let on_close = move |_| {
        forget_typed(node);
        if let Some(on_closed) = on_closed {
            on_closed.run(());
        }
        if is_open.get_untracked() {
            close();
        }
    };
    let title_id = format!("dialog-{name}");
    view! {
        <dialog
            class="dialog"
            node_ref=node
            open=is_open.get_untracked()
            aria-labelledby=title_id.clone()
            on:close=on_close
        >
            <header>
                <h2 id=title_id.clone()>{move || title.get()}</h2>
            </header>
            {children()}
        </dialog>
    }
}

/// What closes the dialog that the address names, by leaving the page's address without it.
pub fn closer() -> impl Fn() + Clone {
    let path = use_location().pathname;
    let navigate = use_navigate();
    move || {
        let options = leptos_router::NavigateOptions {
            replace: true,
            scroll: false,
            ..Default::default()
        };
        navigate(&path.get_untracked(), options);
    }
}

/// A closed dialog keeps nothing that was typed, passwords least of all.
fn forget_typed(node: NodeRef<html::Dialog>) {
    use wasm_bindgen::JsCast;

    let form = node
        .get_untracked()
        .and_then(|dialog| dialog.query_selector("form").ok().flatten())
        .and_then(|form| form.dyn_into::<web_sys::HtmlFormElement>().ok());
    if let Some(form) = form {
        form.reset();
    }
}

/// Leaves the dialog: a link, so that it works without scripts.
#[component]
pub fn Cancel(
    /// What it says.
    #[prop(default = "Cancel")]
    text: &'static str,
) -> impl IntoView {
    let location = use_location();
    view! {
        <a class="btn" href=move || location.pathname.get() data-noscroll>
            {text}
        </a>
    }
}
