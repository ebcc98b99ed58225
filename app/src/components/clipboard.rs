//! The clipboard, where the browser lends it: to pages over HTTPS and on this machine.

use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};

/// Puts `text` there; none where the browser does not lend it.
pub fn write(text: &str) -> Option<()> {
    let clipboard =
        js_sys::Reflect::get(&window().navigator(), &JsValue::from("clipboard")).ok()?;
    let write = js_sys::Reflect::get(&clipboard, &JsValue::from("writeText")).ok()?;
    let write: js_sys::Function = write.dyn_into().ok()?;
    write.call1(&clipboard, &JsValue::from(text)).ok()?;
    Some(())
}
