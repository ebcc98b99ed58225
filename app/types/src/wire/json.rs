//! JSON as values.

use super::Unreadable;

/// What JSON can say.
#[derive(Debug)]
pub enum Value {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number that is not negative.
    Natural(u64),
    /// A whole number below zero.
    Negative(i64),
    /// Any other number.
    Real(f64),
    /// Text.
    Text(String),
    /// Values in their order.
    List(Vec<Value>),
    /// Values with their names, in the order in which they stand.
    Object(Vec<(String, Value)>),
}

/// How deep values may lie in each other: what the server writes is no deeper than some, and more would use up the stack.
const DEEPEST: u32 = 64;

/// Reads a value; nothing but white space may follow it.
pub fn parse(text: &str) -> Result<Value, Unreadable> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(DEEPEST)?;
    match reader.next() {
        None => Ok(value),
        Some(_) => Err(Unreadable),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Passes over white space, and tells what stands behind it.
    fn next(&mut self) -> Option<u8> {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
        self.peek()
    }

    /// Passes over what must stand here.
    fn expect(&mut self, word: &str) -> Result<(), Unreadable> {
        let rest = self.text.get(self.at..).ok_or(Unreadable)?;
        if !rest.starts_with(word) {
            return Err(Unreadable);
        }
        self.at += word.len();
        Ok(())
    }

    /// Whether another part follows, behind a comma but the first; passes over what ends them where none does.
    fn has_more(&mut self, end: u8, is_first: bool) -> Result<bool, Unreadable> {
        match self.next() {
            Some(byte) if byte == end => {
                self.at += 1;
                Ok(false)
            }
            Some(b',') if !is_first => {
                self.at += 1;
                // A comma promises another part.
                Ok(true)
            }
            Some(_) if is_first => Ok(true),
            _ => Err(Unreadable),
        }
    }

    fn value(&mut self, deeper: u32) -> Result<Value, Unreadable> {
        let deeper = deeper.checked_sub(1).ok_or(Unreadable)?;
        match self.next().ok_or(Unreadable)? {
            b'n' => self.expect("null").map(|()| Value::Null),
            b't' => self.expect("true").map(|()| Value::Bool(true)),
            b'f' => self.expect("false").map(|()| Value::Bool(false)),
            b'"' => self.string().map(Value::Text),
            b'[' => {
                self.at += 1;
                let mut list = Vec::new();
                while self.has_more(b']', list.is_empty())? {
                    list.push(self.value(deeper)?);
                }
                Ok(Value::List(list))
            }
            b'{' => {
                self.at += 1;
                let mut fields = Vec::new();
                while self.has_more(b'}', fields.is_empty())? {
                    self.next();
                    let name = self.string()?;
                    self.next();
                    self.expect(":")?;
                    fields.push((name, self.value(deeper)?));
                }
                Ok(Value::Object(fields))
            }
            _ => self.number(),
        }
    }

    fn string(&mut self) -> Result<String, Unreadable> {
        self.expect("\"")?;
        let mut string = String::new();
        loop {
            let from = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..32)) {
                self.at += 1;
            }
            string.push_str(self.text.get(from..self.at).ok_or(Unreadable)?);
            let found = self.peek();
            self.at += 1;
            match found {
                Some(b'"') => return Ok(string),
                Some(b'\\') => string.push(self.escaped()?),
                _ => return Err(Unreadable),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, Unreadable> {
        let found = self.peek().ok_or(Unreadable)?;
        self.at += 1;
        Ok(match found {
            b'"' | b'\\' | b'/' => char::from(found),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.unit()?;
                // The first half of a letter beyond the first 65,536; the second follows.
                let code = if (0xD800..0xDC00).contains(&unit) {
                    self.expect("\\u")?;
                    let second = self.unit()?.checked_sub(0xDC00).filter(|low| *low < 0x400);
                    0x1_0000 + ((unit - 0xD800) << 10) + second.ok_or(Unreadable)?
                } else {
                    unit
                };
                char::from_u32(code).ok_or(Unreadable)?
            }
            _ => return Err(Unreadable),
        })
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Result<u32, Unreadable> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(Unreadable)?;
        self.at += 4;
        digits.chars().try_fold(0, |unit, digit| {
            Ok(unit * 16 + digit.to_digit(16).ok_or(Unreadable)?)
        })
    }

    /// Passes over digits, at least one; adds them to `number` while it has room, and tells whether it had for all.
    fn digits(&mut self, number: &mut u64) -> Result<bool, Unreadable> {
        let from = self.at;
        let mut fits = true;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            let more = number.checked_mul(10);
            let more = more.and_then(|more| more.checked_add(u64::from(digit - b'0')));
            match more.filter(|_| fits) {
                Some(more) => *number = more,
                None => fits = false,
            }
            self.at += 1;
        }
        if self.at == from {
            Err(Unreadable)
        } else {
            Ok(fits)
        }
    }

    fn number(&mut self) -> Result<Value, Unreadable> {
        let from = self.at;
        let is_negative = self.peek() == Some(b'-');
        self.at += usize::from(is_negative);
        let first = self.at;
        let mut number = 0;
        let mut fits = self.digits(&mut number)?;
        if self.at - first > 1 && self.text.as_bytes().get(first) == Some(&b'0') {
            return Err(Unreadable);
        }
        let is_whole = !matches!(self.peek(), Some(b'.' | b'e' | b'E'));
        let mut behind = 0;
        if self.peek() == Some(b'.') {
            self.at += 1;
            let from = self.at;
            fits &= self.digits(&mut number)?;
            behind = self.at - from;
        }
        let has_exponent = matches!(self.peek(), Some(b'e' | b'E'));
        if has_exponent {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits(&mut 0)?;
        }
        if is_whole && fits && !is_negative {
            return Ok(Value::Natural(number));
        }
        if is_whole && fits && number > 0 && number <= 1 << 63 {
            return Ok(Value::Negative(number.wrapping_neg().cast_signed()));
        }
        let text = self.text.get(from..self.at).ok_or(Unreadable)?;
        let number = Some(number).filter(|_| fits && !has_exponent);
        real(text, number, behind, is_negative).map(Value::Real)
    }
}

/// The number that `text` says: the whole number `digits`, where it has room for it, with so many of them behind the point.
fn real(
    text: &str,
    digits: Option<u64>,
    behind: usize,
    is_negative: bool,
) -> Result<f64, Unreadable> {
    // Both are exact, so that the quotient is the number that is nearest.
    #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
    let digits = digits
        .filter(|digits| *digits < 1 << 53)
        .map(|digits| digits as f64);
    let number = match (digits, POWERS.get(behind)) {
        (Some(digits), Some(power)) if is_negative => -digits / power,
        (Some(digits), Some(power)) => digits / power,
        _ => slowly(text),
    };
    if number.is_finite() {
        Ok(number)
    } else {
        Err(Unreadable)
    }
}

/// The powers of ten that are exact.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// A number that is not exact; the browser knows how, so that no table for it is loaded.
#[cfg(target_arch = "wasm32")]
fn slowly(text: &str) -> f64 {
    js_sys::Number::parse_float(text)
}

#[cfg(not(target_arch = "wasm32"))]
fn slowly(text: &str) -> f64 {
    text.parse().unwrap_or(f64::INFINITY)
}
