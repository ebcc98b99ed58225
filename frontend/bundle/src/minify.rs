//! Takes comments and needless white space out of CSS, and nothing else: no value is rewritten.

/// Minifies well-formed CSS. Strings stay as they are.
#[must_use]
pub fn minify(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    let mut space = false;
    while let Some(character) = rest.chars().next() {
        if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
            space = true;
            continue;
        }
        if character.is_whitespace() {
            space = true;
            rest = &rest[character.len_utf8()..];
            continue;
        }
        if space {
            space = false;
            if needs_space(&out, character) {
                out.push(' ');
            }
        }
        let length = token_length(rest, character);
        if character == '}' && out.ends_with(';') && !out.ends_with(":;") && !out.ends_with(": ;") {
            out.pop();
        }
        if character == ':' && is_declaration(&rest[1..]) {
            out.push(':');
            rest = after_colon(&rest[1..]);
            // `--name: ;` sets an empty value, and some engines want its space.
            if rest.starts_with(';') {
                out.push(' ');
            }
            continue;
        }
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out
}

/// White space between these two is part of the meaning: `a b`, `1px 2px`, `and (`.
fn needs_space(before: &str, next: char) -> bool {
    let Some(last) = before.chars().last() else {
        return false;
    };
    !matches!(last, '{' | '}' | ';' | ',') && !matches!(next, '{' | '}' | ';' | ',')
}

/// Length in bytes of what must be copied whole: a string, an escape, or one character.
fn token_length(rest: &str, first: char) -> usize {
    match first {
        '"' | '\'' => {
            let mut escaped = false;
            for (at, character) in rest.char_indices().skip(1) {
                if character == first && !escaped {
                    return at + 1;
                }
                escaped = character == '\\' && !escaped;
            }
            rest.len()
        }
        '\\' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        other => other.len_utf8(),
    }
}

/// Whether the colon just read parts a property from its value: no block opens before the `;` or `}`.
fn is_declaration(after: &str) -> bool {
    let mut at = 0;
    while let Some(character) = after[at..].chars().next() {
        match character {
            '{' => return false,
            ';' | '}' => return true,
            _ => at += token_length(&after[at..], character),
        }
    }
    false
}

fn after_colon(rest: &str) -> &str {
    rest.trim_start()
}

#[cfg(test)]
mod tests {
    use super::minify;

    #[test]
    fn comments_and_white_space_go() {
        assert_eq!(
            minify("/* x */ .a ,\n .b {\n  color : red ;\n  margin: 0 auto;\n}\n"),
            ".a,.b{color :red;margin:0 auto}"
        );
    }

    #[test]
    fn meaning_stays() {
        assert_eq!(
            minify("ul :hover { width: calc(1px + 2px); }"),
            "ul :hover{width:calc(1px + 2px)}"
        );
        assert_eq!(
            minify("@media (width >= 721px) and (hover) { a { top: 0 } }"),
            "@media (width >= 721px) and (hover){a{top:0}}"
        );
        assert_eq!(minify("a:not(.b) > i { x: y }"), "a:not(.b) > i{x:y}");
    }

    #[test]
    fn empty_custom_properties_keep_their_space() {
        assert_eq!(minify("* { --a: ; --b: 1; }"), "*{--a: ;--b:1}");
        assert_eq!(minify("* { --b: 1; --a: ; }"), "*{--b:1;--a: ;}");
    }

    #[test]
    fn strings_and_escapes_stay() {
        assert_eq!(
            minify(r#"a::before { content: "a /* b */  {;} \" c"; }"#),
            r#"a::before{content:"a /* b */  {;} \" c"}"#
        );
        assert_eq!(
            minify(r".md\:p-1\.5 { margin: 0 }"),
            r".md\:p-1\.5{margin:0}"
        );
    }
}
