//! Makes the site folder that the server hands out: the script and wasm file of the hydrating page,
//! the style sheet, and the public files, each with its ready-made brotli and gzip form.

pub mod advice;
mod compress;
pub mod inputs;
pub mod manifest;
pub mod minify;
mod names;
pub mod scan;
pub mod site;
pub mod style;
pub mod trim;
pub mod wasm;
