//! The small parsers that every source is read with. They take what comes: what is not understood is left out.

/// The lines of `text`, without their ends.
pub(crate) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
}

/// What stands between spaces and tabs.
pub(crate) fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty())
}

/// A whole number in decimal digits; `None` for anything else, and where it does not fit.
pub(crate) fn number(word: &[u8]) -> Option<u64> {
    if word.is_empty() {
        return None;
    }
    word.iter().try_fold(0_u64, |sum, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit <= 9)?;
        sum.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

/// A finite number that is not negative, such as `0.42`.
pub(crate) fn decimal(word: &[u8]) -> Option<f64> {
    let value: f64 = std::str::from_utf8(word).ok()?.parse().ok()?;
    (value.is_finite() && value >= 0.0).then_some(value)
}

/// The number after `name` in lines such as `name 42`.
pub(crate) fn field(text: &[u8], name: &[u8]) -> Option<u64> {
    lines(text).find_map(|line| {
        let rest = line.strip_prefix(name)?;
        rest.first().filter(|byte| byte.is_ascii_whitespace())?;
        number(words(rest).next()?)
    })
}

/// The whole of `text` is one number, as in `memory.current`.
pub(crate) fn single(text: &[u8]) -> Option<u64> {
    number(text.trim_ascii())
}

/// A name as it is shown; bytes that are no UTF-8 are replaced.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_digits_that_fit() {
        assert_eq!(number(b"18446744073709551615"), Some(u64::MAX));
        for odd in [
            "",
            "-1",
            "+1",
            "1.0",
            "1e3",
            "18446744073709551616",
            "٣",
            " 1",
        ] {
            assert_eq!(number(odd.as_bytes()), None, "{odd:?}");
        }
        assert_eq!(decimal(b"0.25"), Some(0.25));
        for odd in ["", "-0.5", "inf", "NaN", "1,5", "1e999"] {
            assert_eq!(decimal(odd.as_bytes()), None, "{odd:?}");
        }
    }

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let text = b"oom 1\noom_kill\t7\noom_kill_disable 0\nlast";
        assert_eq!(field(text, b"oom_kill"), Some(7));
        assert_eq!(field(text, b"oom"), Some(1));
        assert_eq!(field(text, b"last"), None, "no value");
        assert_eq!(field(text, b"kill"), None, "not from the middle");
    }
}
