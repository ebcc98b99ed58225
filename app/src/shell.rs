//! The HTML document around every page.

use leptos::{attr::custom::custom_attribute, nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

use crate::App;

/// Where the built site's files are, by their hashed names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// The script, e.g. `/pkg/ytops.1a2b.js`.
    pub js: String,
    /// The wasm file.
    pub wasm: String,
    /// The style sheet.
    pub css: String,
    /// The pinned theme, `light` or `dark`; none follows the system.
    pub theme: Option<&'static str>,
}

/// The colour of what a phone draws around the page: that of the header, `--surface` in style/tokens.css.
fn theme_colours(pinned: Option<&str>) -> Vec<AnyView> {
    const SURFACES: [(&str, &str); 2] = [("light", "#ffffff"), ("dark", "#13171b")];
    SURFACES
        .into_iter()
        .filter(|(theme, _)| pinned.is_none_or(|pinned| pinned == *theme))
        .map(|(theme, colour)| {
            let media = match pinned {
                Some(_) => "all".to_owned(),
                None => format!("(prefers-color-scheme: {theme})"),
            };
            view! { <meta name="theme-color" content={colour} {..custom_attribute("media", media)} /> }.into_any()
        })
        .collect()
}

/// Marks what a page asks for by itself: who left it open for the night is signed out like anybody who went away. It
/// stands before the wasm file, which asks for everything by `fetch`.
const MARK_UNATTENDED: &str = "const ask=window.fetch;let touched=Date.now();\
    for(const sign of ['pointerdown','keydown','wheel'])\
    addEventListener(sign,()=>{touched=Date.now()},{capture:true,passive:true});\
    window.fetch=(asked,how)=>{if(asked instanceof Request&&Date.now()-touched>60000)\
    asked.headers.set('x-ytops-unattended','1');return ask(asked,how)};";

/// The document, its script allowed by the request's nonce.
pub fn shell(site: &Site) -> impl IntoView + use<> {
    let nonce = use_nonce();
    let start = format!(
        "{MARK_UNATTENDED}import('{}').then(m=>m.default({{module_or_path:'{}'}}).then(()=>setTimeout(m.hydrate)))",
        site.js, site.wasm
    );
    let theme_colours = theme_colours(site.theme);
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=site.theme>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <meta name="color-scheme" content="light dark" />
                {theme_colours}
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="apple-touch-icon" href="/icons/apple-touch-icon.png" />
                <link rel="manifest" href="/manifest.webmanifest" />
                <link rel="stylesheet" href=site.css.clone() />
                <link rel="modulepreload" href=site.js.clone() nonce=nonce.clone() />
                <link rel="preload" href=site.wasm.clone() r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
                <MetaTags />
            </head>
            <body>
                <App />
                <script type="module" nonce=nonce inner_html=start></script>
            </body>
        </html>
    }
}
