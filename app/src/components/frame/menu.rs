//! Who is signed in: their account, the theme, and the way out. Opens without scripts.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node};

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
    let sign_out = ServerAction::<SignOut>::new();
    effect(move || {
        if matches!(sign_out.value().get(), Some(Ok(()))) {
            let _ = window().location().assign("/sign-in");
        }
    });
    view! {
        <details class="menu">
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

/// Menus (`<details class="menu">`) close when one clicks elsewhere, presses Escape, or goes to another page. Escape gives
/// focus back to what opened the menu.
pub fn close_by_themselves() {
    let path = use_location().pathname;
    effect(move || {
        path.track();
        for menu in open_menus() {
            let _ = menu.remove_attribute("open");
        }
    });
    effect(move || {
        let listeners = [
            window_event_listener_untyped("click", move |event| {
                let target = event
                    .target()
                    .and_then(|target| target.dyn_into::<Node>().ok());
                for menu in open_menus() {
                    if !menu.contains(target.as_ref()) {
                        let _ = menu.remove_attribute("open");
                    }
                }
            }),
            window_event_listener_untyped("keydown", move |event| {
                let key = js_sys::Reflect::get(&event, &"key".into())
                    .ok()
                    .and_then(|key| key.as_string());
                if key.as_deref() == Some("Escape") {
                    open_menus().iter().for_each(close);
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

fn open_menus() -> Vec<Element> {
    let found = document().query_selector_all("details.menu[open]").ok();
    let item = |at| found.as_ref()?.item(at)?.dyn_into().ok();
    let count = found.as_ref().map_or(0, web_sys::NodeList::length);
    (0..count).filter_map(item).collect()
}

/// Closes the menu that an element is or is in, and gives focus back to what opened it.
pub fn close(within: &Element) {
    let Some(menu) = within.closest("details.menu").ok().flatten() else {
        return;
    };
    let _ = menu.remove_attribute("open");
    let summary = menu.query_selector("summary").ok().flatten();
    if let Some(summary) = summary.and_then(|summary| summary.dyn_into::<HtmlElement>().ok()) {
        let _ = summary.focus();
    }
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
