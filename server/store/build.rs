//! Makes a new migration rebuild this crate: the migrator embeds the folder.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
