//! Variables of compose files: `${NAME}` and its forms, and the file that gives them values.
//!
//! The rules are those of the Compose Specification, "Interpolation".

use std::collections::BTreeMap;

/// Names and values.
pub type Variables = BTreeMap<String, String>;

/// How deep defaults may nest.
const DEEPEST: usize = 8;

/// The longest text that comes out, in bytes.
const LONGEST: usize = 64 * 1024;

/// `text` with its variables replaced; `None` when one has no value that can be known: the shell that compose ran in may
/// have had one.
pub fn interpolate(text: &str, variables: &Variables) -> Option<String> {
    if !text.contains('$') {
        return Some(text.to_owned());
    }
    expand(text, variables, 0)
}

fn expand(text: &str, variables: &Variables, depth: usize) -> Option<String> {
    if depth > DEEPEST {
        return None;
    }
    let mut expanded = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        expanded.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some(more) = after.strip_prefix('$') {
            expanded.push('$');
            rest = more;
        } else if let Some(more) = after.strip_prefix('{') {
            let end = closing(more)?;
            expanded.push_str(&braced(&more[..end], variables, depth)?);
            rest = &more[end + 1..];
        } else {
            let end = name_end(after);
            if end == 0 {
                expanded.push('$');
            } else {
                expanded.push_str(variables.get(&after[..end])?);
            }
            rest = &after[end..];
        }
        if expanded.len() > LONGEST {
            return None;
        }
    }
    expanded.push_str(rest);
    Some(expanded)
}

/// Where the brace closes that was open before `text`.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn name_end(text: &str) -> usize {
    if text.starts_with(|char: char| char.is_ascii_digit()) {
        return 0;
    }
    text.find(|char: char| !(char.is_ascii_alphanumeric() || char == '_'))
        .unwrap_or(text.len())
}

/// What stands for the inside of `${…}`.
fn braced(inside: &str, variables: &Variables, depth: usize) -> Option<String> {
    let end = name_end(inside);
    let (name, operator) = inside.split_at(end);
    if name.is_empty() {
        return None;
    }
    let value = variables.get(name);
    let filled = value.filter(|value| !value.is_empty());
    let otherwise = |word: &str| expand(word, variables, depth + 1);
    if let Some(word) = operator.strip_prefix(":-") {
        filled.cloned().or_else(|| otherwise(word))
    } else if let Some(word) = operator.strip_prefix('-') {
        value.cloned().or_else(|| otherwise(word))
    } else if let Some(word) = operator.strip_prefix(":+") {
        if filled.is_some() {
            otherwise(word)
        } else {
            Some(String::new())
        }
    } else if let Some(word) = operator.strip_prefix('+') {
        if value.is_some() {
            otherwise(word)
        } else {
            Some(String::new())
        }
    } else if operator.starts_with(":?") {
        filled.cloned()
    } else if operator.is_empty() || operator.starts_with('?') {
        value.cloned()
    } else {
        None
    }
}

/// Reads a file of variables: `NAME=value`, with `export`, quotes and comments.
pub fn parse(text: &str) -> Variables {
    text.lines().take(10_000).filter_map(line).collect()
}

fn line(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
    if line.starts_with('#') {
        return None;
    }
    let (name, value) = line.split_once('=').or_else(|| line.split_once(": "))?;
    let name = name.trim();
    if name.is_empty() || name_end(name) != name.len() {
        return None;
    }
    Some((name.to_owned(), unquoted(value.trim())))
}

fn unquoted(value: &str) -> String {
    for quote in ['"', '\''] {
        if let Some(inside) = value.strip_prefix(quote)
            && let Some(end) = inside.find(quote)
        {
            let inside = &inside[..end];
            return if quote == '"' {
                inside.replace("\\n", "\n")
            } else {
                inside.to_owned()
            };
        }
    }
    value
        .split(" #")
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Option<String> {
        let variables = parse("TAG=15\nEMPTY=\n");
        interpolate(text, &variables)
    }

    #[test]
    fn every_form_of_the_specification() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a:${TAG}", "a:15"),
            ("a:$TAG-x", "a:15-x"),
            ("$${TAG} costs $5", "${TAG} costs $5"),
            ("${TAG:-1}", "15"),
            ("${EMPTY:-1}", "1"),
            ("${EMPTY-1}", ""),
            ("${NONE:-1}", "1"),
            ("${NONE-${TAG:-2}}", "15"),
            ("${TAG:+yes}${NONE:+no}", "yes"),
            ("${TAG:?needed}", "15"),
        ] {
            assert_eq!(told(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_can_not_be_known_is_not_guessed() {
        for text in [
            "${NONE}",
            "$NONE",
            "${NONE:?needed}",
            "${TAG",
            "${}",
            "${EMPTY:?needed}",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
        assert_eq!(told(&"${X:-".repeat(10_000)), None);
        assert_eq!(
            told(&format!("{}1{}", "${X:-".repeat(50), "}".repeat(50))),
            None
        );
    }

    #[test]
    fn a_file_of_variables_is_read_as_shells_do() {
        let read =
            parse("# c\nexport A=1 # c\nB=\"x # y\"\nC='$A'\n D = 2 \nnot a line\n=3\n9=x\n");
        let expected = [("A", "1"), ("B", "x # y"), ("C", "$A"), ("D", "2")];
        assert_eq!(read.len(), expected.len());
        for (name, value) in expected {
            assert_eq!(read.get(name).map(String::as_str), Some(value));
        }
    }
}
