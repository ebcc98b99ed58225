//! Every class that the pages use exists: as a shape in `style/` or as a utility.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where it fails"
)]

use std::{collections::BTreeSet, fs, path::Path};

use bundle::{advice::advice, inputs, scan, style};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Each class in `app/src` with the file that uses it, once a file.
fn used() -> Vec<(String, String)> {
    let folder = root().join("app/src");
    let mut used = Vec::new();
    for path in inputs::rust_sources(&folder).expect("app/src is there") {
        let text = fs::read_to_string(&path).expect("a source is UTF-8");
        let found =
            scan::scan(&text).unwrap_or_else(|error| panic!("{}: {error:#}", path.display()));
        let file = path
            .strip_prefix(root())
            .unwrap_or(&path)
            .display()
            .to_string();
        used.extend(found.classes.into_iter().map(|class| (class, file.clone())));
    }
    used
}

#[test]
fn every_class_used_has_css() {
    let shapes = style::read(&root().join("style"))
        .expect("style/ is there")
        .classes();
    let unknown: Vec<_> = used()
        .into_iter()
        .filter(|(class, _)| !shapes.contains(class))
        .filter(|(class, _)| {
            style::utilities(&BTreeSet::from([class.clone()]))
                .trim()
                .is_empty()
        })
        .map(|(class, file)| format!("{class} in {file}"))
        .collect();
    assert!(
        unknown.is_empty(),
        "classes without CSS:\n{}",
        unknown.join("\n")
    );
}

#[test]
fn no_class_is_one_to_avoid() {
    let avoid: Vec<_> = used()
        .into_iter()
        .filter_map(|(class, file)| Some(format!("{class} in {file}: {}", advice(&class)?)))
        .collect();
    assert!(avoid.is_empty(), "{}", avoid.join("\n"));
}
