//! Finds class names in Rust sources.
//!
//! Two sets come out of one pass. *Classes* are the words of string literals that stand in a `class`
//! attribute: each must exist. *Candidates* are the words of every string literal, because a helper
//! such as `fn tone() -> &'static str` returns class names far from any attribute; a candidate that
//! is no class yields no CSS and costs nothing.

use std::{collections::BTreeSet, str::FromStr};

use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// What one source text holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Words of all string literals, class names or not.
    pub candidates: BTreeSet<String>,
    /// Words that the source uses as class names. A subset of `candidates`.
    pub classes: BTreeSet<String>,
}

/// Scans one Rust source text.
///
/// # Errors
/// When the text is not Rust: an unclosed bracket or string.
pub fn scan(source: &str) -> Result<Found> {
    let tokens = TokenStream::from_str(source)
        .map_err(|error| anyhow!("not Rust at line {}: {error}", error.span().start().line))?;
    let mut found = Found::default();
    walk(&tokens.into_iter().collect::<Vec<_>>(), false, &mut found);
    Ok(found)
}

fn walk(trees: &[TokenTree], in_class: bool, found: &mut Found) {
    let mut at = 0;
    while let Some(tree) = trees.get(at) {
        if let Some(skip) = attribute(&trees[at..]) {
            at += skip;
            continue;
        }
        if let Some((name, used)) = directive(&trees[at..]) {
            found.candidates.insert(name.clone());
            found.classes.insert(name);
            at += used;
            continue;
        }
        if is_class_attribute(&trees[at..]) {
            at += 2;
            let end = at + value_length(&trees[at..]);
            class_value(&trees[at..end], found);
            at = end;
            continue;
        }
        match tree {
            TokenTree::Group(group) => {
                walk(
                    &group.stream().into_iter().collect::<Vec<_>>(),
                    in_class,
                    found,
                );
            }
            TokenTree::Literal(_) => {
                if let Some(text) = string(tree) {
                    let names = in_class && !is_compared(trees, at);
                    add_words(&text, names, found);
                }
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
        at += 1;
    }
}

/// The value of a `class` attribute. In `class=("name", condition)` only the first element names classes.
fn class_value(value: &[TokenTree], found: &mut Found) {
    if let [TokenTree::Group(group)] = value
        && group.delimiter() == Delimiter::Parenthesis
    {
        let inner: Vec<_> = group.stream().into_iter().collect();
        let comma = inner
            .iter()
            .position(|tree| is_punct(tree, ','))
            .unwrap_or(inner.len());
        walk(&inner[..comma], true, found);
        walk(&inner[comma..], false, found);
    } else {
        walk(value, true, found);
    }
}

fn add_words(text: &str, is_class: bool, found: &mut Found) {
    for word in text.split_whitespace() {
        // A word with a brace is a format string's hole: its value is another literal elsewhere.
        if word.contains(['{', '}']) {
            continue;
        }
        if is_class {
            found.classes.insert(word.to_owned());
            found.candidates.insert(word.to_owned());
        } else if word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '-') {
            found.candidates.insert(word.to_owned());
        }
    }
}

/// Length of an attribute `#[..]` or `#![..]`, doc comments included: their text is prose.
fn attribute(trees: &[TokenTree]) -> Option<usize> {
    if !is_punct(trees.first()?, '#') {
        return None;
    }
    let bang = usize::from(trees.get(1).is_some_and(|tree| is_punct(tree, '!')));
    match trees.get(1 + bang)? {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => Some(2 + bang),
        _ => None,
    }
}

/// `class:name=`: the name and how many tokens it takes with its `=`.
///
/// Only without a space after the colon: `class: String` is a field.
fn directive(trees: &[TokenTree]) -> Option<(String, usize)> {
    if !is_ident(trees.first()?, "class") || !is_punct(trees.get(1)?, ':') {
        return None;
    }
    let mut name = String::new();
    for (at, tree) in trees.iter().enumerate().skip(1) {
        if is_punct(tree, '=') {
            return (at > 2).then(|| (name, at + 1));
        }
        if at > 1 {
            let touches = trees[at - 1].span().end() == tree.span().start();
            let is_part = match tree {
                TokenTree::Ident(_) | TokenTree::Literal(_) => true,
                TokenTree::Punct(punct) => "-/:.".contains(punct.as_char()),
                TokenTree::Group(_) => false,
            };
            if !touches || !is_part {
                return None;
            }
            name.push_str(&string(tree).unwrap_or_else(|| tree.to_string()));
        }
    }
    None
}

/// `class=` or `some_class=`, and not a comparison.
fn is_class_attribute(trees: &[TokenTree]) -> bool {
    let [TokenTree::Ident(name), TokenTree::Punct(equals), ..] = trees else {
        return false;
    };
    let name = name.to_string();
    (name == "class" || name.ends_with("_class"))
        && equals.as_char() == '='
        && !starts_operator(&trees[1..])
}

/// How many tokens the value of an attribute takes.
fn value_length(trees: &[TokenTree]) -> usize {
    if matches!(
        trees.first(),
        Some(TokenTree::Literal(_) | TokenTree::Group(_))
    ) {
        return 1;
    }
    (0..trees.len())
        .find(|&at| ends_value(trees, at))
        .unwrap_or(trees.len())
}

/// Whether the token at `at` no longer belongs to the value: the tag ends or the next attribute begins.
fn ends_value(trees: &[TokenTree], at: usize) -> bool {
    let rest = &trees[at..];
    match &trees[at] {
        TokenTree::Punct(punct) => match punct.as_char() {
            ';' | ',' => true,
            '>' => !is_arrow_head(trees, at) && !starts_operator(rest),
            '/' => rest.get(1).is_some_and(|tree| is_punct(tree, '>')),
            _ => false,
        },
        TokenTree::Ident(_) => match rest.get(1) {
            Some(TokenTree::Punct(next)) if next.as_char() == '=' => !starts_operator(&rest[1..]),
            Some(TokenTree::Punct(next)) if next.as_char() == ':' => {
                next.spacing() == Spacing::Alone
            }
            _ => false,
        },
        TokenTree::Group(_) | TokenTree::Literal(_) => false,
    }
}

/// Whether the literal at `at` is compared or matched against and so names no class.
fn is_compared(trees: &[TokenTree], at: usize) -> bool {
    let before = at >= 2
        && is_punct(&trees[at - 1], '=')
        && matches!(&trees[at - 2], TokenTree::Punct(p) if "=!".contains(p.as_char()) && p.spacing() == Spacing::Joint);
    let after = trees
        .get(at + 1)
        .is_some_and(|tree| is_punct(tree, '|') || is_punct(tree, '='));
    before || after
}

/// `=>` and `->` end in a `>` that closes no tag.
fn is_arrow_head(trees: &[TokenTree], at: usize) -> bool {
    at > 0
        && matches!(&trees[at - 1], TokenTree::Punct(p) if "=-".contains(p.as_char()) && p.spacing() == Spacing::Joint)
}

/// Whether the punctuation at the start goes on: `==`, `=>`, `>=`.
fn starts_operator(trees: &[TokenTree]) -> bool {
    matches!(trees, [TokenTree::Punct(first), TokenTree::Punct(second), ..]
        if first.spacing() == Spacing::Joint && "=>".contains(second.as_char()))
}

fn is_punct(tree: &TokenTree, character: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == character)
}

fn is_ident(tree: &TokenTree, name: &str) -> bool {
    matches!(tree, TokenTree::Ident(ident) if ident == name)
}

fn string(tree: &TokenTree) -> Option<String> {
    let TokenTree::Literal(literal) = tree else {
        return None;
    };
    match syn::Lit::new(literal.clone()) {
        syn::Lit::Str(text) => Some(text.value()),
        _ => None,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test ends where it fails")]
mod tests {
    use super::*;

    fn classes(source: &str) -> Vec<String> {
        scan(source).unwrap().classes.into_iter().collect()
    }

    #[test]
    fn plain_attribute() {
        assert_eq!(
            classes(r#"view! { <p class="st ok" id="not-a-class">"Some words"</p> }"#),
            ["ok", "st"]
        );
    }

    #[test]
    fn directive_names_a_class() {
        assert_eq!(
            classes(r"view! { <p class:hidden=move || gone() class:w-1/2=x class:md:flex=y/> }"),
            ["hidden", "md:flex", "w-1/2"]
        );
    }

    #[test]
    fn tuple_names_a_class_and_its_condition_does_not() {
        assert_eq!(
            classes(r#"view! { <p class=("is-open", move || state() == "open")/> }"#),
            ["is-open"]
        );
        assert_eq!(
            classes(r#"view! { <p class=(["a", "b"], move || on())/> }"#),
            ["a", "b"]
        );
    }

    #[test]
    fn both_arms_of_a_condition() {
        let braced =
            r#"view! { <p class={if state == "up" { "st ok" } else { "st crit" }}>"t"</p> }"#;
        assert_eq!(classes(braced), ["crit", "ok", "st"]);
        let bare = r#"view! { <p class=move || if a >= b { "text-ok" } else { "text-crit" } id="x">"t"</p> }"#;
        assert_eq!(classes(bare), ["text-crit", "text-ok"]);
    }

    #[test]
    fn patterns_of_a_match_are_no_classes() {
        let source =
            r#"view! { <p class=move || match s() { "up" | "on" => "ok", _ => "unk" }>"t"</p> }"#;
        assert_eq!(classes(source), ["ok", "unk"]);
    }

    #[test]
    fn format_strings_keep_their_whole_words() {
        assert_eq!(
            classes(r#"view! { <p class=format!("st {tone} px-2") title="t"/> }"#),
            ["px-2", "st"]
        );
    }

    #[test]
    fn raw_and_escaped_strings() {
        assert_eq!(
            classes("view! { <p class=r#\"grid\"# /> <b class=\"\\u{66}lex\"/> }"),
            ["flex", "grid"]
        );
    }

    #[test]
    fn a_field_of_that_name_is_no_class() {
        assert!(
            classes("struct Icon { class: String } fn f() { let class: Tone = Tone::Ok; }")
                .is_empty()
        );
    }

    #[test]
    fn helpers_are_candidates_and_prose_in_comments_is_not() {
        let found = scan(
            "/// A hidden truth.\nfn tone() -> &'static str { \"bg-ok-soft text-ok\" } // flex",
        )
        .unwrap();
        assert!(found.candidates.contains("bg-ok-soft") && found.candidates.contains("text-ok"));
        assert!(!found.candidates.contains("hidden") && !found.candidates.contains("flex"));
        assert!(found.classes.is_empty());
    }

    #[test]
    fn broken_source_is_an_error_with_its_line() {
        let error = scan("fn f() {\n  \"never closed\n")
            .unwrap_err()
            .to_string();
        assert!(error.contains("line 2"), "{error}");
    }
}
