//! YAML as a tree of text.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Options;

/// A part of a document. Numbers and truth values are kept as they read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Node {
    /// Nothing.
    #[default]
    Null,
    /// A scalar.
    Text(String),
    /// A sequence.
    Seq(Vec<Node>),
    /// A mapping in its order.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// Reads a document of trusted origin but any content: nesting, aliases and size are bounded.
    ///
    /// # Errors
    /// Where it can't be read, never what is written there.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_saphyr::from_str_with_options(text, options()).map_err(|error| {
            error.location().map_or_else(
                || "it is not readable as YAML".to_owned(),
                |at| {
                    format!(
                        "it is not readable as YAML at line {}, column {}",
                        at.line(),
                        at.column()
                    )
                },
            )
        })
    }

    /// The value under `key` of a mapping.
    pub fn get(&self, key: &str) -> &Self {
        self.entries()
            .iter()
            .find(|(name, _)| name == key)
            .map_or(&Self::Null, |(_, node)| node)
    }

    /// The value at the end of a path of keys.
    pub fn at(&self, path: &[&str]) -> &Self {
        path.iter().fold(self, |node, key| node.get(key))
    }

    /// The entries of a mapping; none of anything else.
    pub fn entries(&self) -> &[(String, Self)] {
        match self {
            Self::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a sequence; none of anything else.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::Seq(items) => items,
            _ => &[],
        }
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Nothing is there.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 200_000,
            max_nodes: 100_000,
            max_aliases: 1_000,
            max_anchors: 1_000,
            max_depth: 64,
            max_documents: 1,
            max_total_scalar_bytes: 4 << 20,
            max_recorded_anchor_events: 200_000,
            max_recorded_anchor_bytes: 4 << 20,
            max_merge_keys: 1_000,
        },
        // Compose's own reader keeps `0755` as it is written.
        leading_zero_numbers_as_strings: true,
        // `y`, `no`, `on` are text.
        strict_booleans: true,
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Tree)
    }
}

struct Tree;

impl<'de> Visitor<'de> for Tree {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("YAML")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(Self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(Self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut read = Vec::new();
        while let Some(item) = items.next_element()? {
            read.push(item);
        }
        Ok(Node::Seq(read))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut read = Vec::new();
        while let Some((key, value)) = entries.next_entry::<Node, Node>()? {
            if let Node::Text(key) = key {
                read.push((key, value));
            }
        }
        Ok(Node::Map(read))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use super::*;

    #[test]
    fn scalars_read_as_they_are_written() {
        let node =
            Node::parse("a: 80\nb: '80:80'\nc: 22:22\nd: 0.5\ne: true\nf:\ng: [1, x]\n1: y\n")
                .unwrap();
        for (key, text) in [
            ("a", "80"),
            ("b", "80:80"),
            ("c", "22:22"),
            ("d", "0.5"),
            ("e", "true"),
            ("1", "y"),
        ] {
            assert_eq!(node.get(key).text(), Some(text));
        }
        assert!(node.get("f").is_null());
        assert_eq!(node.get("g").items().len(), 2);
    }

    #[test]
    fn anchors_and_merge_keys_are_followed() {
        let node = Node::parse("x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\n").unwrap();
        assert_eq!(node.at(&["y", "a"]).text(), Some("1"));
        assert_eq!(node.at(&["y", "b"]).text(), Some("3"));
    }

    #[test]
    fn a_bomb_of_aliases_is_refused_and_quickly() {
        let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for level in 1..12 {
            let before = format!("*a{}", level - 1);
            let again = vec![before; 10].join(",");
            bomb = format!("{bomb}a{level}: &a{level} [{again}]\n");
        }
        assert!(Node::parse(&bomb).is_err());
        assert!(Node::parse(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn what_can_not_be_read_is_not_repeated() {
        let error = Node::parse("root:x:0:0\n\t- secret: [").unwrap_err();
        assert!(
            !error.contains("secret") && !error.contains("root"),
            "{error}"
        );
    }
}
