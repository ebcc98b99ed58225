//! Names and values as SQL and libpq read them.

/// A name in SQL, whatever it holds.
pub(crate) fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A name with its schema.
pub(crate) fn qualified(schema: &str, name: &str) -> String {
    format!("{}.{}", ident(schema), ident(name))
}

/// A value in SQL, whatever `standard_conforming_strings` says.
pub(crate) fn literal(value: &str) -> String {
    let quoted = value.replace('\'', "''");
    if quoted.contains('\\') {
        return format!(" E'{}'", quoted.replace('\\', "\\\\"));
    }
    format!("'{quoted}'")
}

/// A value of a connection string.
pub(crate) fn conninfo(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// `name` with `suffix`, its end cut so that both fit into the 63 bytes of a name.
pub(crate) fn with_suffix(name: &str, suffix: &str) -> String {
    let room = 63_usize.saturating_sub(suffix.len());
    let kept = name
        .get(..name.floor_char_boundary(room))
        .unwrap_or_default();
    format!("{kept}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names_are_quoted() {
        assert_eq!(ident(r#"we"ird"#), r#""we""ird""#);
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal(r"a\'"), r" E'a\\'''");
        assert_eq!(conninfo(r"a'b\c d"), r"'a\'b\\c d'");
    }

    #[test]
    fn a_suffix_leaves_whole_letters() {
        let name = "ü".repeat(31);
        let long = with_suffix(&name, "_before_20260101T000000Z");
        assert!(long.len() <= 63 && long.ends_with("_before_20260101T000000Z"));
        assert_eq!(with_suffix("shop", "_x"), "shop_x");
    }
}
