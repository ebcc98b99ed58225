//! Several compose files become one: later ones override and add.

use super::node::Node;

/// Sequences that are added to; every other one is replaced.
const ADDED: [&str; 6] = [
    "ports", "expose", "env_file", "profiles", "volumes", "networks",
];

/// Mappings that may also be written as a sequence of `name=value`.
const NAMED: [&str; 3] = ["environment", "labels", "annotations"];

/// `base` as `over` overrides it.
pub fn merge(base: Node, over: Node) -> Node {
    merge_under("", base, over)
}

fn merge_under(key: &str, base: Node, over: Node) -> Node {
    let (base, over) = if NAMED.contains(&key) {
        (named(base), named(over))
    } else {
        (base, over)
    };
    match (base, over) {
        (Node::Map(mut base), Node::Map(over)) => {
            for (key, value) in over {
                match base.iter().position(|(name, _)| *name == key) {
                    Some(at) => {
                        let before = std::mem::take(&mut base[at].1);
                        base[at].1 = merge_under(&key, before, value);
                    }
                    None => base.push((key, value)),
                }
            }
            Node::Map(base)
        }
        (Node::Seq(mut base), Node::Seq(over)) if ADDED.contains(&key) => {
            base.extend(
                over.into_iter()
                    .filter(|item| !base.contains(item))
                    .collect::<Vec<_>>(),
            );
            Node::Seq(base)
        }
        (base, Node::Null) => base,
        (_, over) => over,
    }
}

/// `[A=b, C]` as `{A: b, C: }`.
pub fn named(node: Node) -> Node {
    let Node::Seq(items) = node else { return node };
    let entries = items
        .iter()
        .filter_map(Node::text)
        .map(|item| match item.split_once('=') {
            Some((name, value)) => (name.to_owned(), Node::Text(value.to_owned())),
            None => (item.to_owned(), Node::Null),
        });
    Node::Map(entries.collect())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use super::*;

    #[test]
    fn later_files_override_and_add() {
        let base = Node::parse(
            "services:\n  a:\n    image: x:1\n    command: [a, b]\n    environment: [A=1, B]\n    ports: ['1:1']\n",
        )
        .unwrap();
        let over = Node::parse(
            "services:\n  a:\n    image: x:2\n    command: [c]\n    environment: {A: 2, C: 3}\n    ports: ['1:1', '2:2']\n  b: {image: y}\n",
        )
        .unwrap();
        let both = merge(base, over);
        let a = both.at(&["services", "a"]);
        assert_eq!(a.get("image").text(), Some("x:2"));
        assert_eq!(a.get("command").items().len(), 1);
        assert_eq!(a.get("ports").items().len(), 2);
        let names: Vec<_> = a
            .get("environment")
            .entries()
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(names, ["A", "B", "C"]);
        assert_eq!(a.at(&["environment", "A"]).text(), Some("2"));
        assert_eq!(both.at(&["services", "b", "image"]).text(), Some("y"));
    }
}
