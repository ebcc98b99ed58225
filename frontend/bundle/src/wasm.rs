//! From the compiler's wasm file to what a browser loads: bindings by wasm-bindgen, size by wasm-opt.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::inputs::File;

/// What browsers of the last years know and today's compiler emits. `--all-features` would emit more
/// than they accept.
const FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-multivalue",
    "--enable-call-indirect-overlong",
];

/// The hydrating half of a page.
#[derive(Debug)]
pub struct Page {
    /// The ES module that loads the wasm file it is given; it knows no address by itself.
    pub js: String,
    /// The wasm module.
    pub wasm: Vec<u8>,
    /// Scripts that the module imports from `./snippets/`, by their path below it.
    pub snippets: Vec<File>,
}

/// Makes the browser's bindings (target web).
///
/// # Errors
/// When the file is missing, is no wasm, or was built with another release of `wasm-bindgen`.
pub fn bind(wasm: &Path, dev: bool) -> Result<Page> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(wasm)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_producers_section(!dev)
        .remove_name_section(!dev)
        .demangle(dev)
        .out_name("ytops");
    let mut output = bindgen
        .generate_output()
        .with_context(|| format!("binding {}", wasm.display()))?;
    ensure!(
        output.npm_dependencies().is_empty(),
        "a crate asks for npm packages in the browser; there is none"
    );
    let inline = output.snippets().iter().flat_map(|(folder, scripts)| {
        scripts
            .iter()
            .enumerate()
            .map(move |(at, text)| (format!("{folder}/inline{at}.js"), text))
    });
    let local = output
        .local_modules()
        .iter()
        .map(|(path, text)| (path.clone(), text));
    let mut snippets: Vec<File> = inline
        .chain(local)
        .map(|(path, text)| File {
            path,
            bytes: text.clone().into_bytes(),
        })
        .collect();
    snippets.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Page {
        js: output.js().to_owned(),
        wasm: output.wasm_mut().emit_wasm(),
        snippets,
    })
}

/// Makes the module small with Binaryen.
///
/// # Errors
/// When `tool` can't be started or refuses the module.
pub fn optimise(wasm: &[u8], tool: &Path) -> Result<Vec<u8>> {
    let folder = tempfile::tempdir().context("making a working folder")?;
    let (before, after) = (
        folder.path().join("in.wasm"),
        folder.path().join("out.wasm"),
    );
    fs::write(&before, wasm)?;
    let result = Command::new(tool)
        .arg("-Oz")
        .args(FEATURES)
        .arg(&before)
        .arg("-o")
        .arg(&after)
        .output()
        .with_context(|| format!("starting {}", tool.display()))?;
    ensure!(
        result.status.success(),
        "{} failed: {}",
        tool.display(),
        String::from_utf8_lossy(&result.stderr)
    );
    Ok(fs::read(&after)?)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test ends where it fails")]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_no_wasm_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("frontend.wasm");
        fs::write(&path, "not wasm").unwrap();
        let error = format!("{:#}", bind(&path, false).unwrap_err());
        assert!(error.contains("frontend.wasm"), "{error}");
    }

    #[test]
    fn a_missing_tool_is_named() {
        let error = format!(
            "{:#}",
            optimise(b"\0asm\x01\0\0\0", Path::new("/no/such/wasm-opt")).unwrap_err()
        );
        assert!(error.contains("/no/such/wasm-opt"), "{error}");
    }
}
