//! What keeps a wall going for days: the screen stays on, and a console that was updated brings its own page.

use leptos::{
    prelude::*,
    wasm_bindgen::{JsCast, JsValue, closure::Closure},
};

use crate::components::{
    effect::effect,
    live::{Connection, Live},
};

/// Fills the screen.
pub fn fill() {
    if let Some(root) = document().document_element() {
        let _ = root.request_fullscreen();
    }
}

/// Keeps the page up to date and the screen on for as long as the current owner lives.
pub fn stay() {
    let connection = Live::here().connection();
    let mut was_cut = false;
    effect(move || match connection.get() {
        Connection::Live if was_cut => {
            was_cut = false;
            leptos::task::spawn_local(async {
                let _ = reload_if_updated().await;
            });
        }
        Connection::Cut { .. } | Connection::Offline { .. } => was_cut = true,
        _ => (),
    });
    effect(keep_on);
    let seen = window_event_listener_untyped("visibilitychange", |_| keep_on());
    on_cleanup(move || seen.remove());
}

/// The script that runs, by its address: it holds a digest of what is in it.
fn script() -> Option<String> {
    let link = document()
        .query_selector("link[rel=modulepreload]")
        .ok()??;
    link.get_attribute("href")
}

/// Loads the page anew where the console, back after a while, serves another script than the one that runs.
async fn reload_if_updated() -> Option<()> {
    let here = window().location().href().ok()?;
    let answer = gloo_net::http::Request::get(&here).send().await.ok()?;
    if !answer.ok() {
        return None;
    }
    let page = answer.text().await.ok()?;
    if !page.contains(&script()?) {
        window().location().reload().ok()?;
    }
    Some(())
}

/// Asks that the screen stays on; browsers let go of it whenever the page is out of sight.
fn keep_on() {
    if document().hidden() {
        return;
    }
    let _ = wake_lock();
}

fn wake_lock() -> Result<(), JsValue> {
    let lock = js_sys::Reflect::get(&window().navigator(), &"wakeLock".into())?;
    if lock.is_undefined() {
        return Ok(());
    }
    let request: js_sys::Function = js_sys::Reflect::get(&lock, &"request".into())?.dyn_into()?;
    let asked = request.call1(&lock, &"screen".into())?;
    // Refused, for example for want of power: then the screen is the system's business.
    let catch: js_sys::Function = js_sys::Reflect::get(&asked, &"catch".into())?.dyn_into()?;
    catch.call1(&asked, &Closure::once_into_js(|_: JsValue| ()))?;
    Ok(())
}
