//! Figures in a person's words.

use std::time::Duration;

use crate::outside::{Card, Space};

/// A count as a real number; exact up to 2^53.
#[expect(
    clippy::cast_precision_loss,
    reason = "figures for people and shares need no more than 52 bits"
)]
pub fn real(count: u64) -> f64 {
    count as f64
}

/// A real number as a count: rounded, and 0 where it is negative or none.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what lies beyond is cut, which figures for people may be"
)]
pub const fn whole(value: f64) -> u64 {
    value.round() as u64
}

/// Bytes in binary units, e.g. `124.9 GiB`.
pub fn bytes(count: u64) -> String {
    let mut value = real(count);
    let mut unit = "B";
    for larger in ["KiB", "MiB", "GiB", "TiB"] {
        if value < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = larger;
    }
    if unit == "B" {
        format!("{count} B")
    } else {
        format!("{value:.1} {unit}")
    }
}

/// A share as per cent, e.g. `81.2 %`.
pub fn per_cent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A share as per cent without needless digits, e.g. `1 %`, `6.7 %`, `0.05 %`.
pub fn short_per_cent(share: f64) -> String {
    let digits = if share < 0.001 { 3 } else { 1 };
    let text = format!("{:.digits$}", share * 100.0);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{} %", if text.is_empty() { "0" } else { text })
}

/// How full a filesystem is: figures that add up, as `df` counts. What is neither used nor free is told where it is more than
/// what is commonly reserved for root.
pub fn space(space: &Space) -> String {
    let counted = space.counted_bytes();
    let text = format!(
        "{} of {} used, {} free",
        per_cent(space.used_share()),
        bytes(counted),
        bytes(space.available_bytes)
    );
    let withheld = space.size_bytes.saturating_sub(counted);
    if withheld > space.size_bytes / 10 {
        let (withheld, size) = (bytes(withheld), bytes(space.size_bytes));
        format!("{text} ({withheld} of its {size} can't be had)")
    } else {
        text
    }
}

/// A time in milliseconds, with a decimal where it is short.
pub fn ms(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1_000.0;
    if ms < 10.0 {
        format!("{ms:.1} ms")
    } else {
        format!("{ms:.0} ms")
    }
}

/// The share of `part` in `whole`; 0 where there is no whole.
pub fn share(part: i64, whole: i64) -> f64 {
    match (u64::try_from(part), u64::try_from(whole)) {
        (Ok(part), Ok(whole)) if whole > 0 => real(part) / real(whole),
        _ => 0.0,
    }
}

/// What a card does now; what it does not tell is left out.
pub fn load(card: &Card) -> String {
    let memory = match (card.memory_used_bytes, card.memory_total_bytes) {
        (Some(used), Some(total)) => Some(format!("{} of {}", bytes(used), bytes(total))),
        _ => None,
    };
    let told: Vec<String> = [
        card.utilization_percent
            .map(|busy| format!("{busy} % busy")),
        memory,
        card.temperature_c.map(|degrees| format!("{degrees} °C")),
        card.power_w.map(|watts| format!("{watts:.0} W")),
    ]
    .into_iter()
    .flatten()
    .collect();
    if told.is_empty() {
        "tells no figures".to_owned()
    } else {
        told.join(", ")
    }
}

/// A card with its name and memory, or why it is lost.
pub fn card(card: &Card) -> String {
    let name = if card.name.is_empty() {
        format!("card {}", card.index)
    } else {
        card.name.clone()
    };
    match (&card.lost, card.memory_total_bytes) {
        (Some(reason), _) => format!("{name}: {reason}"),
        (None, Some(total)) => format!("{name} with {}", bytes(total)),
        (None, None) => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_people_say_them() {
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(120 << 30), "120.0 GiB");
        assert_eq!(bytes(whole(1e13)), "9.1 TiB");
        assert_eq!(per_cent(0.812), "81.2 %");
        let short = [0.0, 0.01, 0.066_66, 0.1, 1.0, 0.000_5].map(short_per_cent);
        assert_eq!(short, ["0 %", "1 %", "6.7 %", "10 %", "100 %", "0.05 %"]);
        assert_eq!(ms(Duration::from_micros(1_240)), "1.2 ms");
        assert_eq!(ms(Duration::from_millis(1_240)), "1240 ms");
    }
}
