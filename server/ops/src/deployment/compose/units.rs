//! Ports, sizes and numbers as compose files write them.

use std::ops::RangeInclusive;

use super::node::Node;

/// The most ports that one entry may name.
const MOST: u16 = 1_000;

/// A port as a file asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortSpec {
    /// The host's address; empty for all.
    pub host_ip: String,
    /// The host's port is one of these; any when none is named.
    pub published: Option<RangeInclusive<u16>>,
    /// The container's port.
    pub target: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
}

/// The ports of an entry; `None` when it can't be read.
pub fn ports(entry: &Node) -> Option<Vec<PortSpec>> {
    match entry {
        Node::Text(text) => short(text),
        Node::Map(_) => long(entry).map(|port| vec![port]),
        _ => None,
    }
}

/// `[[address:]host:]container[/protocol]`, with ranges.
fn short(text: &str) -> Option<Vec<PortSpec>> {
    let (text, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let (front, target) = match text.rsplit_once(':') {
        Some((front, target)) => (Some(front), target),
        None => (None, text),
    };
    let (host_ip, published) = match front {
        None => ("", ""),
        // The address may hold colons itself: `[::1]:80`.
        Some(front) => front.rsplit_once(':').unwrap_or(("", front)),
    };
    let host_ip = host_ip.trim_start_matches('[').trim_end_matches(']');
    let targets = range(target)?;
    let published = if published.is_empty() {
        None
    } else {
        Some(range(published)?)
    };
    let count = targets.end() - targets.start();
    if count >= MOST {
        return None;
    }
    let first = *targets.start();
    Some(
        targets
            .map(|target| PortSpec {
                host_ip: anywhere(host_ip),
                published: published.clone().map(|hosts| {
                    // Ranges of one length go pairwise; otherwise any port of the range will do.
                    if hosts.end() - hosts.start() == count {
                        let host = hosts.start() + (target - first);
                        host..=host
                    } else {
                        hosts
                    }
                }),
                target,
                protocol: protocol.to_ascii_lowercase(),
            })
            .collect(),
    )
}

fn long(entry: &Node) -> Option<PortSpec> {
    let published = match entry.get("published").text() {
        None | Some("" | "0") => None,
        Some(text) => Some(range(text)?),
    };
    Some(PortSpec {
        host_ip: anywhere(entry.get("host_ip").text().unwrap_or_default()),
        published,
        target: entry.get("target").text()?.parse().ok()?,
        protocol: entry
            .get("protocol")
            .text()
            .unwrap_or("tcp")
            .to_ascii_lowercase(),
    })
}

fn range(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then_some(first..=last)
}

/// The address as it compares: all addresses are written in several ways.
pub fn anywhere(host_ip: &str) -> String {
    match host_ip {
        "0.0.0.0" | "::" | "" => String::new(),
        other => other.to_owned(),
    }
}

/// Bytes of `512m`, `1.5gb`, `64k`, `1073741824`; units are powers of 1,024.
pub fn bytes(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let digits = text
        .find(|char: char| !(char.is_ascii_digit() || char == '.'))
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.trim().trim_end_matches("ib").trim_end_matches('b') {
        "" => 1,
        "k" => 1 << 10,
        "m" => 1 << 20,
        "g" => 1 << 30,
        "t" => 1 << 40,
        _ => return None,
    };
    if let Ok(whole) = number.parse::<u64>() {
        return whole.checked_mul(factor);
    }
    let number: f64 = number.parse().ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "sizes are far below 2^52 and never negative"
    )]
    let bytes = (number * factor as f64) as u64;
    Some(bytes)
}

/// `512 MiB` for what is a whole number of them, else bytes.
pub fn show_bytes(bytes: u64) -> String {
    for (unit, name) in [(1_u64 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")] {
        if bytes >= unit && bytes.is_multiple_of(unit) {
            return format!("{} {name}", bytes / unit);
        }
    }
    format!("{bytes} bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        short(text)
            .unwrap_or_default()
            .iter()
            .map(|port| {
                format!(
                    "{}|{:?}|{}/{}",
                    port.host_ip, port.published, port.target, port.protocol
                )
            })
            .collect()
    }

    #[test]
    fn ports_in_every_short_form() {
        assert_eq!(shown("80"), ["|None|80/tcp"]);
        assert_eq!(shown("8080:80/UDP"), ["|Some(8080..=8080)|80/udp"]);
        assert_eq!(
            shown("127.0.0.1:8080:80"),
            ["127.0.0.1|Some(8080..=8080)|80/tcp"]
        );
        assert_eq!(shown("127.0.0.1::80"), ["127.0.0.1|None|80/tcp"]);
        assert_eq!(shown("[::1]:8080:80"), ["::1|Some(8080..=8080)|80/tcp"]);
        assert_eq!(
            shown("0.0.0.0:1-2:3-4"),
            ["|Some(1..=1)|3/tcp", "|Some(2..=2)|4/tcp"]
        );
        assert_eq!(shown("8000-9000:80"), ["|Some(8000..=9000)|80/tcp"]);
        for wrong in ["", "x", "80:x", "9-8", "70000", "1-65535"] {
            assert_eq!(short(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn sizes_in_every_unit() {
        for (text, expected) in [
            ("512m", 512 << 20),
            ("1gb", 1 << 30),
            ("1.5G", 3 << 29),
            ("64K", 64 << 10),
            ("1073741824", 1 << 30),
            ("2MiB", 2 << 20),
            ("7b", 7),
        ] {
            assert_eq!(bytes(text), Some(expected), "{text}");
        }
        for wrong in ["", "m", "x", "1q", "1..2", "99999999999999999999"] {
            assert!(bytes(wrong).is_none() || wrong.len() > 15, "{wrong}");
        }
        assert_eq!(show_bytes(512 << 20), "512 MiB");
        assert_eq!(show_bytes(1_000), "1000 bytes");
    }
}
