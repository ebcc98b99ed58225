//! What wasm-bindgen leaves between script and wasm that nobody needs: names that end in sixteen digits of a hash, on both
//! sides; classes that neither side makes, whose methods keep code in the wasm file; comments.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};

use crate::{names::Module, wasm::Page};

/// Makes script and wasm small without changing what they do. Goes before wasm-opt, which then leaves out what is no longer
/// exported.
///
/// # Errors
/// When the wasm file is none, or script and wasm do not fit together.
pub fn trim(page: &mut Page) -> Result<()> {
    let js = without_comments(&without_dead_classes(&page.js));
    let module = Module::read(&page.wasm)?;
    let taken: BTreeSet<&str> = words(&js).map(|(_, word)| word).collect();
    let mut short = (0..).map(|nth| format!("${}", base36(nth)));
    let mut next = || short.find(|name| !taken.contains(name.as_str()));
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for name in module.imports.iter().chain(&module.exports) {
        if is_long(name) && !names.contains_key(name) {
            names.insert(name.clone(), next().context("names are without end")?);
        }
    }
    let used: BTreeSet<&str> = words(&js).map(|(_, word)| word).collect();
    for name in &module.imports {
        ensure!(
            used.contains(name.as_str()),
            "the script does not give {name}"
        );
    }
    page.wasm = Module::renamed(&page.wasm, &names, &used);
    page.js = renamed(&js, &names);
    Ok(())
}

/// The name is one that wasm-bindgen made: nobody else goes by it.
fn is_long(name: &str) -> bool {
    let made = name.starts_with("__wbg_") || name.starts_with("__wbindgen_cast_");
    (made && !name.starts_with("__wbg_set_wasm")) || name.contains("___closures___")
}

fn base36(mut number: usize) -> String {
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(number % 36).unwrap_or_default();
        digits.push(char::from_digit(digit, 36).unwrap_or('0'));
        number /= 36;
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

/// The identifiers of a script, also those within its strings, with where they stand.
fn words(js: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '$';
    let mut at = 0;
    std::iter::from_fn(move || {
        let from = at + js.get(at..)?.find(is_part)?;
        let rest = js.get(from..)?;
        let length = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        at = from + length;
        Some((from, rest.get(..length)?))
    })
}

fn renamed(js: &str, names: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(js.len());
    let mut done = 0;
    for (at, word) in words(js) {
        if let Some(short) = names.get(word) {
            out.push_str(&js[done..at]);
            out.push_str(short);
            done = at + word.len();
        }
    }
    out.push_str(&js[done..]);
    out
}

/// The script without classes that nothing outside of them names: they stand for values that are made in Rust, and none is.
fn without_dead_classes(js: &str) -> String {
    let mut out = js.to_owned();
    let names: Vec<String> = js
        .lines()
        .filter_map(|line| line.strip_prefix("export class ")?.strip_suffix(" {"))
        .map(str::to_owned)
        .collect();
    for name in names {
        let registry = format!("{name}Finalization");
        let parts = [
            (
                format!("export class {name} {{\n"),
                format!(
                    "\nif (Symbol.dispose) {name}.prototype[Symbol.dispose] = {name}.prototype.free;\n"
                ),
            ),
            (format!("const {registry} = "), ";\n".to_owned()),
        ];
        let mut without = out.clone();
        for (begin, end) in &parts {
            let Some(from) = without.find(begin) else {
                continue;
            };
            if let Some(length) = without[from..].find(end) {
                without.replace_range(from..from + length + end.len(), "");
            }
        }
        if words(&without).all(|(_, word)| word != name && word != registry) {
            out = without;
        }
    }
    out
}

/// The script without comments on lines of their own and without white space before lines. What a string holds that goes
/// over several lines stays as it is, and so does all else in that script.
fn without_comments(js: &str) -> String {
    if js.lines().any(|line| line.matches('`').count() % 2 == 1) {
        return js.to_owned();
    }
    let mut out = String::with_capacity(js.len());
    let mut is_comment = false;
    for line in js.lines().map(str::trim) {
        is_comment |= line.starts_with("/*");
        if !is_comment && !line.is_empty() && !line.starts_with("//") {
            out.push_str(line);
            out.push('\n');
        }
        is_comment &= !line.ends_with("*/");
    }
    out
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test ends where it fails")]
mod tests {
    use super::*;
    use crate::names::{number, sections};

    const CLASS: &str = "export class Stream {\nfree() {\nwasm.__wbg_stream_free(this.ptr);\n}\n}\n\
        if (Symbol.dispose) Stream.prototype[Symbol.dispose] = Stream.prototype.free;\n\
        const StreamFinalization = new FinalizationRegistry(ptr => wasm.__wbg_stream_free(ptr, 1));\n";
    const SCRIPT: &str = "\n/**\n * Called by the page.\n */\nexport function hydrate() {\n    wasm.hydrate();\n}\n\
        const import0 = {\n    __wbg_now_0123456789abcdef: function() {\n        return `a ${1}  b`;\n    },\n};\n";

    fn section(id: u8, entries: &[Vec<u8>]) -> Vec<u8> {
        let body = [number(entries.len()), entries.concat()].concat();
        [vec![id], number(body.len()), body].concat()
    }

    fn name(text: &str) -> Vec<u8> {
        [number(text.len()), text.as_bytes().to_vec()].concat()
    }

    /// A function that is imported, and two that are exported.
    fn page(js: String) -> Page {
        let import = [
            name("./a.js"),
            name("__wbg_now_0123456789abcdef"),
            vec![0, 0],
        ]
        .concat();
        let export = |text: &str| [name(text), vec![0, 1]].concat();
        let wasm = [
            b"\0asm\x01\0\0\0".to_vec(),
            section(1, &[vec![0x60, 0, 0]]),
            section(2, &[import]),
            section(3, &[vec![0]]),
            section(7, &[export("hydrate"), export("__wbg_stream_free")]),
            section(10, &[vec![2, 0, 0x0b]]),
        ];
        Page {
            js,
            wasm: wasm.concat(),
            snippets: Vec::new(),
        }
    }

    #[test]
    fn both_sides_go_by_the_same_short_names() {
        let mut both = page(format!("{CLASS}{SCRIPT}"));
        trim(&mut both).unwrap();
        let module = Module::read(&both.wasm).unwrap();
        assert_eq!(module.imports, ["$0"]);
        assert!(both.js.contains("\n$0: function() {\n"), "{}", both.js);
        assert!(both.js.contains("return `a ${1}  b`;"), "strings stay");
        assert!(!both.js.contains("/*") && !both.js.contains("\n    "));
        let others = |wasm: &[u8]| {
            let all = sections(wasm).unwrap().into_iter();
            let all: Vec<_> = all.filter(|(id, _)| ![2, 7].contains(id)).collect();
            format!("{all:?}")
        };
        let before = page(String::new());
        assert_eq!(others(&both.wasm), others(&before.wasm));
    }

    #[test]
    fn a_class_that_nobody_makes_goes_with_its_exports() {
        let mut dead = page(format!("{CLASS}{SCRIPT}"));
        trim(&mut dead).unwrap();
        assert!(!dead.js.contains("Stream"), "{}", dead.js);
        assert_eq!(Module::read(&dead.wasm).unwrap().exports, ["hydrate"]);
        let made = format!("{CLASS}{SCRIPT}const made = Stream.__wrap(1);\n");
        let mut alive = page(made);
        trim(&mut alive).unwrap();
        assert!(alive.js.contains("export class Stream {"));
        assert_eq!(Module::read(&alive.wasm).unwrap().exports.len(), 2);
    }

    #[test]
    fn a_short_name_is_none_that_the_script_has() {
        let mut page = page(format!("const $0 = 1;\n{CLASS}{SCRIPT}"));
        trim(&mut page).unwrap();
        assert_eq!(Module::read(&page.wasm).unwrap().imports, ["$1"]);
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        let mut other = page("export function hydrate() {}\n".to_owned());
        let error = trim(&mut other).unwrap_err().to_string();
        assert!(error.contains("__wbg_now_0123456789abcdef"), "{error}");
        for wasm in [&b"\0asm"[..], b"no wasm", b"\0asm\x01\0\0\0\x02\xff"] {
            let mut cut = page(String::new());
            cut.wasm = wasm.to_vec();
            assert!(trim(&mut cut).is_err());
        }
    }
}
