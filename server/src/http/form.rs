//! What must hold of any query or form before its values are used: readable text without NUL characters, which
//! Postgres does not store.

use types::{Error, FieldError};

/// So many refused fields are named in one answer; the rest is not even looked at.
pub const MOST_ERRORS: usize = 20;

/// Of a field's name so many characters are shown.
const MOST_SHOWN: usize = 100;

/// A field's name as an answer repeats it.
pub fn shown(name: &str) -> String {
    name.chars()
        .filter(|c| *c != '\0')
        .take(MOST_SHOWN)
        .collect()
}

/// Splits `name=value` pairs and decodes them.
///
/// # Errors
/// `Malformed` where the bytes are no UTF-8; `Invalid` with the name of each value that holds a NUL character, of the
/// first [`MOST_ERRORS`] of them.
pub fn pairs(encoded: &[u8]) -> Result<Vec<(String, String)>, Error> {
    let mut pairs = Vec::new();
    let mut refused = Vec::new();
    for pair in encoded
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
    {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let name = decode(halves.next().unwrap_or_default())?;
        let value = decode(halves.next().unwrap_or_default())?;
        if name.contains('\0') || value.contains('\0') {
            refused.push(FieldError {
                field: shown(&name),
                message: "Take out the NUL character.".to_owned(),
            });
            if refused.len() == MOST_ERRORS {
                break;
            }
        }
        pairs.push((name, value));
    }
    if refused.is_empty() {
        Ok(pairs)
    } else {
        Err(Error::Invalid { fields: refused })
    }
}

/// Decodes `%41` and `+`.
fn decode(encoded: &[u8]) -> Result<String, Error> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let [first, tail @ ..] = rest {
        let (byte, tail) = match (first, tail) {
            (b'+', _) => (b' ', tail),
            (b'%', [high, low, after @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => (high * 16 + low, after),
                // A stray % stands for itself, as browsers read it.
                _ => (b'%', tail),
            },
            _ => (*first, tail),
        };
        bytes.push(byte);
        rest = tail;
    }
    String::from_utf8(bytes).map_err(|_| Error::Malformed {
        message: "it holds bytes that are no UTF-8 text".to_owned(),
    })
}

fn digit(hex: u8) -> Option<u8> {
    char::from(hex)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded() {
        let read = pairs(b"a=1&b=x+y%20z&c&d=%C3%A9&e=100%&f=%zz").ok();
        let expected = [
            ("a", "1"),
            ("b", "x y z"),
            ("c", ""),
            ("d", "é"),
            ("e", "100%"),
            ("f", "%zz"),
        ];
        let expected: Vec<_> = expected
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        assert_eq!(read, Some(expected));
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for bytes in [&b"a=%FF"[..], b"%C3%28=1", b"a=\xff", b"a=%ED%A0%80"] {
            let error = pairs(bytes).err();
            assert!(matches!(error, Some(Error::Malformed { .. })), "{error:?}");
        }
    }

    #[test]
    fn a_flood_of_nuls_is_answered_shortly() {
        let flood = format!("{}=%00&", "x".repeat(1_000)).repeat(1_000);
        let fields = match pairs(flood.as_bytes()) {
            Err(Error::Invalid { fields }) => fields,
            _ => Vec::new(),
        };
        assert_eq!(fields.len(), MOST_ERRORS);
        let is_short = |refused: &FieldError| refused.field.len() == MOST_SHOWN;
        assert!(fields.iter().all(is_short));
    }

    #[test]
    fn a_nul_is_refused_by_the_name_of_its_field() {
        let error = pairs(b"actor=x&target=a%00b").err();
        assert_eq!(
            error.as_ref().and_then(|error| error.of_field("target")),
            Some("Take out the NUL character.")
        );
        assert_eq!(
            error.as_ref().and_then(|error| error.of_field("actor")),
            None
        );
    }
}
