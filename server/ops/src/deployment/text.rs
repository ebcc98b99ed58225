//! Text that containers made, fit to be stored and shown.

/// The longest name of a project or a service, in characters.
const LONGEST_NAME: usize = 100;

/// What ends a text that was cut.
const CUT: char = '…';

/// `text` without what could steer a terminal or turn a line around, at most `longest` characters.
pub fn clean(text: &str, longest: usize) -> String {
    let mut cleaned = String::new();
    for (length, char) in text.chars().filter(|&char| is_shown(char)).enumerate() {
        if length + 1 >= longest {
            cleaned.push(CUT);
            break;
        }
        cleaned.push(char);
    }
    cleaned
}

/// A project's or a service's name as it can stand in a path: compose's own characters, anything else an underscore.
/// Empty when nothing is left to name it by.
pub fn name(text: &str) -> String {
    let name: String = text
        .chars()
        .take(LONGEST_NAME)
        .map(|char| {
            if char.is_ascii_alphanumeric() || "._-".contains(char) {
                char
            } else {
                '_'
            }
        })
        .collect();
    // `.` and `..` mean something in a path.
    if !name.is_empty() && name.bytes().all(|byte| byte == b'.') {
        "_".repeat(name.len())
    } else {
        name
    }
}

/// A team's name as the console takes it; `None` for anything else.
pub fn team(text: &str) -> Option<&str> {
    let starts = text
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let rest = text
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte));
    (starts && rest && text.len() <= 40).then_some(text)
}

/// Not a control character (a tab is shown), not one that changes the direction of writing, not invisible.
pub fn is_shown(char: char) -> bool {
    let steers = matches!(char,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{61c}');
    char == '\t' || !(char.is_control() || steers)
}

/// `text` without the escape sequences of terminals and without control characters.
pub fn without_escapes(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\u{1b}' => skip_escape(&mut chars),
            // The same in one character.
            '\u{9b}' => skip_until(&mut chars, |char| ('\u{40}'..='\u{7e}').contains(&char)),
            char if is_shown(char) => shown.push(char),
            _ => {}
        }
    }
    shown
}

fn skip_escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match chars.peek() {
        // CSI: colours, the cursor.
        Some('[') => {
            chars.next();
            skip_until(chars, |char| ('\u{40}'..='\u{7e}').contains(&char));
        }
        // OSC, DCS, SOS, PM, APC: titles, links; up to BEL or ESC \.
        Some(']' | 'P' | 'X' | '^' | '_') => {
            chars.next();
            skip_until(chars, |char| {
                char == '\u{7}' || char == '\u{1b}' || char == '\u{9c}'
            });
            chars.next_if_eq(&'\\');
        }
        // Charsets take one more.
        Some('(' | ')' | '*' | '+' | '#' | '%' | ' ') => {
            chars.next();
            chars.next();
        }
        Some(_) => {
            chars.next();
        }
        None => {}
    }
}

fn skip_until(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, ends: impl Fn(char) -> bool) {
    for char in chars.by_ref() {
        if ends(char) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_is_taken_out_and_what_is_long_is_cut() {
        assert_eq!(clean("a\0b\u{1b}[31m\u{202e}c\td", 300), "ab[31mc\td");
        assert_eq!(clean(&"é".repeat(1_000), 300).chars().count(), 300);
        assert!(clean(&"é".repeat(1_000), 300).ends_with(CUT));
        assert_eq!(clean("", 300), "");
    }

    #[test]
    fn names_can_stand_in_a_path() {
        assert_eq!(name("backend-1.x_y"), "backend-1.x_y");
        assert_eq!(name("<script>/../é\0"), "_script__..___");
        assert_eq!(name(".."), "__");
        assert_eq!(name(""), "");
        assert_eq!(name(&"a".repeat(4_000)).len(), LONGEST_NAME);
    }

    #[test]
    fn only_names_of_teams_name_a_team() {
        assert_eq!(team("data-2"), Some("data-2"));
        for wrong in ["", "Data", "-x", "a b", "<b>", "é", &"a".repeat(41)] {
            assert_eq!(team(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn escapes_of_terminals_leave_no_trace() {
        assert_eq!(without_escapes("\u{1b}[1;31mred\u{1b}[0m"), "red");
        assert_eq!(without_escapes("\u{1b}]0;title\u{7}shown"), "shown");
        assert_eq!(
            without_escapes("\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\"),
            "link"
        );
        assert_eq!(
            without_escapes("\u{9b}2Jx\r\n\u{8}y\u{1b}(B\u{1b}cz\u{1b}"),
            "xyz"
        );
        assert_eq!(without_escapes("\u{1b}[never ends"), "ever ends");
    }
}
