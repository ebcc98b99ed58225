//! The units of systemd in deploy/, as systemd itself reads them.

use std::{path::Path, process::Command};

use crate::program::Folder;

/// What `systemd-analyze` says of a unit, with the program that these tests built in the place where it is to be.
fn analyze(unit: &str, args: &[&str]) -> (bool, String) {
    let folder = Folder::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../deploy")
        .join(unit);
    let text = std::fs::read_to_string(source).unwrap();
    assert!(text.contains("/usr/local/bin/ytops "));
    let text = text.replace("/usr/local/bin/ytops", env!("CARGO_BIN_EXE_ytops"));
    let path = folder.0.join(unit);
    std::fs::write(&path, text).unwrap();
    let output = Command::new("systemd-analyze")
        .args(args)
        .arg(path)
        .output()
        .expect("systemd-analyze runs");
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[test]
fn both_units_are_understood_in_every_line() {
    for unit in ["ytops.service", "ytops-agent.service"] {
        let (is_well, said) = analyze(unit, &["verify", "--man=no"]);
        assert!(is_well && said.is_empty(), "{unit}: {said}");
    }
}

/// systemd's own score, 0 to 100: a unit that is not confined at all has 96.
#[test]
fn both_units_are_confined() {
    for unit in ["ytops.service", "ytops-agent.service"] {
        let args = ["security", "--offline=true", "--no-pager", "--threshold=25"];
        let (is_well, said) = analyze(unit, &args);
        assert!(is_well, "{unit}: {said}");
    }
}
