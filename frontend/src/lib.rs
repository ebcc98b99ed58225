//! The wasm entry: hydrates the page that the server rendered.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's module script once the wasm file is there.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    app::components::field::remove_strangers();
    leptos::mount::hydrate_body(app::App);
}
