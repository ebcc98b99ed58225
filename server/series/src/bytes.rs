//! Numbers of varying length, seven bits a byte, the low ones first.

use crate::Corrupt;

/// Appends `number`.
pub fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push((number & 0x7f) as u8);
}

/// Appends a number that may be negative; those near zero are short.
pub fn put_signed(bytes: &mut Vec<u8>, number: i64) {
    put(bytes, ((number << 1) ^ (number >> 63)).cast_unsigned());
}

/// Takes a number from the front of `bytes`.
pub fn take(bytes: &mut &[u8]) -> Result<u64, Corrupt> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(Corrupt("it ends early"))?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(Corrupt("a number is too long"))
}

/// Takes a number that may be negative.
pub fn take_signed(bytes: &mut &[u8]) -> Result<i64, Corrupt> {
    let number = take(bytes)?;
    Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
}

/// Takes a number that is at most `most`.
pub fn take_up_to(bytes: &mut &[u8], most: usize) -> Result<usize, Corrupt> {
    usize::try_from(take(bytes)?)
        .ok()
        .filter(|number| *number <= most)
        .ok_or(Corrupt("a number is too large"))
}

/// Takes the first `count` bytes.
pub fn take_bytes<'a>(bytes: &mut &'a [u8], count: usize) -> Result<&'a [u8], Corrupt> {
    let (taken, rest) = bytes
        .split_at_checked(count)
        .ok_or(Corrupt("it ends early"))?;
    *bytes = rest;
    Ok(taken)
}
