//! Hosts that are network namespaces, each with a cable of its own.

use std::process::{Command, Output};

/// A network namespace and its cable to the machine; both go when the test ends.
pub struct Namespace {
    pub name: String,
    cable: String,
    /// The machine's end of the cable.
    pub outside: String,
}

impl Namespace {
    /// Makes it, or says why that can't be.
    pub fn new(number: u32) -> Result<Self, String> {
        let pid = std::process::id();
        let net = format!("10.213.{}", pid % 256);
        let space = Self {
            name: format!("ytops-{pid}-{number}"),
            cable: format!("yt{pid}h{number}"),
            outside: format!("{net}.{}", number * 4 + 1),
        };
        let (name, cable, peer) = (&space.name, &space.cable, format!("yt{pid}n{number}"));
        let inside = format!("{net}.{}/30", number * 4 + 2);
        ip(&["netns", "add", name])?;
        let made = [
            &[
                "link", "add", cable, "type", "veth", "peer", "name", &peer, "netns", name,
            ][..],
            &[
                "address",
                "add",
                &format!("{}/30", space.outside),
                "dev",
                cable,
            ],
            &["link", "set", cable, "up"],
            &["-n", name, "address", "add", &inside, "dev", &peer],
            &["-n", name, "link", "set", &peer, "up"],
        ];
        // What was made so far goes with `space`.
        made.into_iter().try_for_each(ip)?;
        Ok(space)
    }

    /// The machine as this host sees it.
    pub fn url(&self, port: u16) -> String {
        format!("https://{}:{port}", self.outside)
    }

    /// Plugs the cable in, or pulls it.
    pub fn link(&self, is_up: bool) {
        let state = if is_up { "up" } else { "down" };
        ip(&["link", "set", &self.cable, state]).unwrap();
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // The cable goes with one of its ends.
        let _ = ip(&["link", "delete", &self.cable]);
        let _ = ip(&["netns", "delete", &self.name]);
    }
}

fn ip(args: &[&str]) -> Result<(), String> {
    let Output { status, stderr, .. } = Command::new("ip")
        .args(args)
        .output()
        .map_err(|error| format!("ip can't be run: {error}"))?;
    if status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&stderr);
    Err(format!(
        "ip {} needs root here: {}",
        args.join(" "),
        told.trim()
    ))
}
