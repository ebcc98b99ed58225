//! Tells the compiler where the built site lies: `YTOPS_SITE_DIR`, or where cargo-leptos puts it; and the linker to keep
//! functions whose code is the same once.

use std::{env, path::PathBuf};

fn main() {
    println!("cargo:rerun-if-env-changed=YTOPS_SITE_DIR");
    println!("cargo:rerun-if-env-changed=LEPTOS_SITE_ROOT");
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let site = match (env::var("YTOPS_SITE_DIR"), env::var("LEPTOS_SITE_ROOT")) {
        (Ok(site), _) if !site.is_empty() => PathBuf::from(site),
        (_, Ok(site)) if !site.is_empty() => workspace.join(site),
        _ => workspace.join("target/site"),
    };
    println!("cargo:rustc-env=YTOPS_SITE_DIR={}", site.display());
    // Only lld knows how, which rustc brings for this target and links with unless told otherwise.
    let is_ours = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    if is_ours("PROFILE", "release") && is_ours("TARGET", "x86_64-unknown-linux-gnu") {
        println!("cargo:rustc-link-arg-bins=-Wl,--icf=all");
    }
}
