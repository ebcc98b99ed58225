//! JSON as it is read in the browser.
//!
//! `serde_json` reads each type by a reader of its own, for structs even by two (as a map and as a list), which makes a
//! sixth of the wasm file. Here text is first read as a [`Value`], by one reader for all, and types are then made of it
//! by as little code as there can be: a struct from a map, and nothing else. The server writes, and reads what others
//! write, by `serde_json` itself.

mod plain;

use serde::de::{self, DeserializeOwned};
use serde_json::Value;

use self::plain::Plain;

/// Reads a value from JSON.
///
/// # Errors
/// The text is no JSON, or not of that shape.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Unreadable> {
    let value: Value = serde_json::from_slice(text).map_err(|_| Unreadable)?;
    T::deserialize(Plain(&value))
}

/// The text is not what was expected. What exactly is wrong with it would matter to nobody: both ends are of one build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this could not be read; reload the page")]
pub struct Unreadable;

impl de::Error for Unreadable {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }

    // The others' default bodies would each format a message.
    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_value(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn de::Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

/// How server functions write their answers, and browsers read them.
#[cfg(feature = "leptos")]
pub struct Encoding;

/// Answers of server functions: JSON in the body.
#[cfg(feature = "leptos")]
pub type Json = server_fn::codec::Post<Encoding>;

#[cfg(feature = "leptos")]
mod encoding {
    use serde::{Serialize, de::DeserializeOwned};
    use server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};

    use super::{Encoding, Unreadable, read};

    impl ContentType for Encoding {
        const CONTENT_TYPE: &'static str = "application/json";
    }

    impl FormatType for Encoding {
        const FORMAT_TYPE: Format = Format::Text;
    }

    impl<T: Serialize> Encodes<T> for Encoding {
        type Error = serde_json::Error;

        fn encode(output: &T) -> Result<Bytes, Self::Error> {
            serde_json::to_vec(output).map(Bytes::from)
        }
    }

    impl<T: DeserializeOwned> Decodes<T> for Encoding {
        type Error = Unreadable;

        fn decode(bytes: Bytes) -> Result<T, Self::Error> {
            read(&bytes)
        }
    }
}

#[cfg(test)]
mod tests {
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
}
