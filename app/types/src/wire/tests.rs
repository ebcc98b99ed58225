use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::*;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Dot,
    Circle(f64),
    Line { from: i64, to: Option<u32> },
    Pair(u8, String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Inner {
    flag: bool,
    #[serde(default)]
    left_out: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct All {
    text: String,
    shapes: Vec<Shape>,
    none: Option<String>,
    some: Option<Inner>,
    map: BTreeMap<String, i64>,
    pair: (String, f64),
    #[serde(flatten)]
    flat: Inner,
    unit: (),
}

fn all() -> All {
    let inner = Inner {
        flag: true,
        left_out: 3,
    };
    All {
        text: "ü\n\"<".to_owned(),
        shapes: vec![
            Shape::Dot,
            Shape::Circle(-1.5),
            Shape::Line {
                from: i64::MIN,
                to: Some(7),
            },
            Shape::Pair(255, String::new()),
        ],
        none: None,
        some: Some(inner.clone()),
        map: BTreeMap::from([("a".to_owned(), -1)]),
        pair: ("x".to_owned(), 2.0),
        flat: inner,
        unit: (),
    }
}

#[test]
fn what_was_written_is_read() {
    let text = serde_json::to_vec(&all()).unwrap_or_default();
    assert_eq!(read::<All>(&text), Ok(all()));
}

#[test]
fn what_is_missing_has_its_default_and_what_is_unknown_is_passed_over() {
    let inner = Inner {
        flag: true,
        left_out: 0,
    };
    assert_eq!(
        read::<Inner>(br#"{"flag":true,"new":[{"deep":1}]}"#),
        Ok(inner)
    );
}

#[test]
fn another_shape_is_refused() {
    for text in [
        "",
        "{",
        "[]",
        "null",
        r#"{"flag":1}"#,
        r#"{"flag":true,"left_out":256}"#,
        r#"{"flag":true,"left_out":"1"}"#,
    ] {
        assert_eq!(read::<Inner>(text.as_bytes()), Err(Unreadable), "{text}");
    }
    assert_eq!(read::<Shape>(br#""Square""#), Err(Unreadable));
    assert_eq!(read::<Shape>(br#""Circle""#), Err(Unreadable));
    assert_eq!(read::<Vec<u8>>(b"[1,-1]"), Err(Unreadable));
}

/// Both readers give the same, or neither gives anything.
fn agree(text: &str) {
    let theirs = serde_json::from_str::<serde_json::Value>(text).ok();
    let ours = read::<serde_json::Value>(text.as_bytes()).ok();
    assert_eq!(ours, theirs, "{text}");
}

#[test]
fn it_reads_as_the_reader_that_everybody_uses() {
    for text in [
        "null",
        " true ",
        "false",
        "0",
        "-0",
        "7",
        "-7",
        "18446744073709551615",
        "-9223372036854775808",
        "0.5",
        "-1.25e3",
        "1e-7",
        "2E+2",
        "0.1",
        "3.141592653589793",
        "1764000000000.125",
        "123456.789",
        "\"\"",
        "\"ü ☃ 😀\"",
        r#""\"\\\/\b\f\n\r\tA""#,
        r#""\u00e9\ud83d\ude00""#,
        "[]",
        "[ 1 , [ 2 ] ]",
        "{}",
        r#"{"a":1,"b":{"c":[null]}}"#,
        r#"{ "a" : "x" , "b" : -1.5 }"#,
        // What is none.
        "",
        " ",
        "nul",
        "tru",
        "+1",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "1e+",
        "--1",
        "\"",
        "\"\n\"",
        r#""\x""#,
        r#""\u12""#,
        r#""\ud83d""#,
        r#""\ude00""#,
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "1 2",
        "[1]]",
        "\u{7f}",
    ] {
        agree(text);
    }
}

#[test]
fn numbers_are_read_to_their_last_digit() {
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    for _ in 0..20_000 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let number = f64::from_bits(seed);
        if number.is_finite() {
            let text = serde_json::to_string(&number).unwrap_or_default();
            assert_eq!(read::<f64>(text.as_bytes()), Ok(number), "{text}");
        }
        #[expect(clippy::cast_precision_loss, reason = "any number will do")]
        let share = (seed >> 40) as f64 / 16_777_216.0;
        let text = serde_json::to_string(&share).unwrap_or_default();
        assert_eq!(read::<f64>(text.as_bytes()), Ok(share), "{text}");
    }
}

#[test]
fn what_nests_without_end_is_refused() {
    let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(read::<serde_json::Value>(deep(60).as_bytes()).is_ok());
    assert!(read::<serde_json::Value>(deep(100_000).as_bytes()).is_err());
    assert!(read::<serde_json::Value>("{\"a\":".repeat(100_000).as_bytes()).is_err());
}
