//! ytops
fn main() { println!("hi"); }
