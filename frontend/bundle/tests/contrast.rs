//! Text stands out from what it stands on: WCAG 2.2, 1.4.3 (4.5:1) and, for shapes that carry
//! meaning, 1.4.11 (3:1), in both themes.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where it fails"
)]

use std::{collections::BTreeMap, fs};

use bundle::style;

/// Where text of any colour may stand.
const GROUNDS: &[&str] = &["bg", "surface", "raised"];

/// Text colours that carry information.
const TEXTS: &[&str] = &[
    "text", "muted", "faint", "accent", "ok", "warn", "crit", "unk",
];

/// Further pairs that the shapes make: text, ground.
const PAIRS: &[(&str, &str)] = &[
    ("accent", "accent-soft"),
    ("text", "accent-soft"),
    ("muted", "accent-soft"),
    ("on-accent", "accent"),
    ("on-accent", "crit"),
    ("ok", "ok-soft"),
    ("warn", "warn-soft"),
    ("crit", "crit-soft"),
    ("unk", "unk-soft"),
    ("text", "ok-soft"),
    ("text", "warn-soft"),
    ("text", "crit-soft"),
    ("text", "unk-soft"),
    ("muted", "ok-soft"),
    ("muted", "warn-soft"),
    ("muted", "crit-soft"),
    ("muted", "unk-soft"),
];

/// Lines and fills that tell something without a word beside them.
const SHAPES: &[&str] = &[
    "accent", "control", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "ok", "warn", "crit",
    "unk",
];

type Theme = BTreeMap<String, String>;

fn themes() -> [(&'static str, Theme); 2] {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../style/tokens.css");
    let text = fs::read_to_string(path).expect("style/tokens.css is there");
    [
        ("light", style::tokens(&text, ":root")),
        ("dark", style::tokens(&text, ":root[data-theme=dark]")),
    ]
}

/// Relative luminance of `#rgb` or `#rrggbb`, as WCAG defines it.
fn luminance(theme: &Theme, name: &str) -> f64 {
    let hex = theme.get(name).unwrap_or_else(|| panic!("no token {name}"));
    let digits = hex
        .strip_prefix('#')
        .unwrap_or_else(|| panic!("--{name} is {hex}, not a hex colour"));
    let channel = |at: usize| {
        let text = if digits.len() == 3 {
            digits[at..=at].repeat(2)
        } else {
            digits[2 * at..2 * at + 2].to_owned()
        };
        let value = f64::from(u8::from_str_radix(&text, 16).expect("hex digits")) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(0) + 0.7152 * channel(1) + 0.0722 * channel(2)
}

fn ratio(theme: &Theme, one: &str, other: &str) -> f64 {
    let (a, b) = (luminance(theme, one), luminance(theme, other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Pairs of a theme below `least`, worded.
fn weak(
    pairs: &(impl Iterator<Item = (&'static str, &'static str)> + Clone),
    least: f64,
) -> Vec<String> {
    let mut found = Vec::new();
    for (theme_name, theme) in themes() {
        for (one, other) in pairs.clone() {
            let ratio = ratio(&theme, one, other);
            if ratio < least {
                found.push(format!(
                    "{theme_name}: {one} on {other} is {ratio:.2}:1, needs {least}:1"
                ));
            }
        }
    }
    found
}

#[test]
fn text_is_readable() {
    let everywhere = TEXTS
        .iter()
        .flat_map(|text| GROUNDS.iter().map(move |ground| (*text, *ground)));
    let weak = weak(&everywhere.chain(PAIRS.iter().copied()), 4.5);
    assert!(weak.is_empty(), "{}", weak.join("\n"));
}

#[test]
fn shapes_that_mean_something_are_visible() {
    let everywhere = SHAPES
        .iter()
        .flat_map(|shape| GROUNDS.iter().map(move |ground| (*shape, *ground)));
    let weak = weak(&everywhere, 3.0);
    assert!(weak.is_empty(), "{}", weak.join("\n"));
}

#[test]
fn both_themes_hold_every_colour() {
    let [(_, light), (_, dark)] = themes();
    for name in style::COLOURS {
        assert!(light.contains_key(*name), "light has no {name}");
        assert!(dark.contains_key(*name), "dark has no {name}");
    }
}

#[test]
fn the_pinned_dark_theme_is_the_systems() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../style/tokens.css");
    let text = fs::read_to_string(path).expect("style/tokens.css is there");
    let followed = style::tokens(&text, ":root:not([data-theme=light])");
    assert_eq!(followed, style::tokens(&text, ":root[data-theme=dark]"));
    assert!(!followed.is_empty());
}
