//! Who is signed in: their account, the theme, and the way out. Opens without scripts.

use leptos::{html, prelude::*};
use leptos_router::hooks::use_location;

use crate::{
    api::{identity::SignOut, theme::SetTheme},
    components::{
        action::{ActionForm, ServerAction},
        effect::effect,
        facts::shared,
        icon::Icon,
        viewer::Viewer,
    },
};

/// The menu.
#[component]
pub fn Menu() -> impl IntoView {
    let viewer = Viewer::here();
    let name = move || viewer.get().map(|viewer| viewer.name).unwrap_or_default();
    let role = move || {
        viewer
            .get()
            .map(|viewer| viewer.role.label())
            .unwrap_or_default()
    };
    let node = NodeRef::<html::Details>::new();
    close_by_itself(node);
    let sign_out = ServerAction::<SignOut>::new();
    effect(move || {
        if matches!(sign_out.value().get(), Some(Ok(()))) {
            let _ = window().location().assign("/sign-in");
        }
    });
    view! {
        <details class="menu" node_ref=node>
            <summary class="btn plain" aria-label=move || format!("Account: {}", name())>
                {Icon::Person.draw()}
                <span class="hide max-w-[160px] truncate">{name}</span>
            </summary>
            <div class="sheet">
                <p class="who">
                    <b>{name}</b>
                    <small>{role}</small>
                </p>
                <a class="nav" href="/account">
                    "Account"
                </a>
                <Theme />
                <ActionForm action=sign_out>
                    <button class="nav w-full" type="submit">
                        "Sign out"
                    </button>
                </ActionForm>
            </div>
        </details>
    }
}

/// The pinned theme: `light`, `dark`, or `system` for none.
#[derive(Clone, Copy)]
struct Pinned(RwSignal<String>);

/// Makes the pinned theme known to every switch on the page.
pub fn provide_theme() {
    provide_context(Pinned(RwSignal::new(shared(pinned))));
}

/// The theme switch: three buttons of one form.
#[component]
pub fn Theme() -> impl IntoView {
    let action = ServerAction::<SetTheme>::new();
    let chosen = use_context::<Pinned>().map_or_else(|| RwSignal::new(String::new()), |it| it.0);
    effect(move || {
        let Some(sent) = action.sent() else { return };
        let theme = sent.get("theme").unwrap_or_default();
        if let Some(root) = document().document_element() {
            let _ = match theme {
                "system" => root.remove_attribute("data-theme"),
                pinned => root.set_attribute("data-theme", pinned),
            };
        }
        chosen.set(theme.to_owned());
    });
    let options = [("system", "System"), ("light", "Light"), ("dark", "Dark")].map(|(value, label)| {
        view! {
            <button
                type="submit"
                name="theme"
                value=value
                aria-pressed=move || if chosen.read().as_str() == value { "true" } else { "false" }
            >
                {label}
            </button>
        }
    });
    view! {
        <ActionForm action=action>
            <div class="seg" role="group" aria-label="Theme">
                {options.into_iter().collect_view()}
            </div>
        </ActionForm>
    }
}

/// A menu closes when one clicks elsewhere, presses Escape, or goes to another page.
fn close_by_itself(node: NodeRef<html::Details>) {
    let path = use_location().pathname;
    effect(move || {
        path.track();
        if let Some(menu) = node.get_untracked() {
            menu.set_open(false);
        }
    });
    effect(move || {
        let listeners = [
            window_event_listener_untyped("click", move |event| {
                use wasm_bindgen::JsCast;
                let target = event
                    .target()
                    .and_then(|target| target.dyn_into::<web_sys::Node>().ok());
                if let Some(menu) = node.get_untracked()
                    && !menu.contains(target.as_ref())
                {
                    menu.set_open(false);
                }
            }),
            window_event_listener_untyped("keydown", move |event| {
                let key = js_sys::Reflect::get(&event, &"key".into())
                    .ok()
                    .and_then(|key| key.as_string());
                if key.as_deref() == Some("Escape")
                    && let Some(menu) = node.get_untracked()
                {
                    menu.set_open(false);
                }
            }),
        ];
        on_cleanup(move || {
            for listener in listeners {
                listener.remove();
            }
        });
    });
}

#[cfg(feature = "ssr")]
fn pinned() -> String {
    let cookie = use_context::<axum::http::request::Parts>().and_then(|parts| {
        let cookies = parts
            .headers
            .get(axum::http::header::COOKIE)?
            .to_str()
            .ok()?
            .to_owned();
        let theme = cookies
            .split(';')
            .find_map(|pair| pair.trim().strip_prefix("theme="))?
            .to_owned();
        matches!(theme.as_str(), "light" | "dark").then_some(theme)
    });
    cookie.unwrap_or_else(|| "system".to_owned())
}

#[cfg(not(feature = "ssr"))]
fn pinned() -> String {
    let pinned = document()
        .document_element()
        .and_then(|root| root.get_attribute("data-theme"));
    pinned.unwrap_or_else(|| "system".to_owned())
}
