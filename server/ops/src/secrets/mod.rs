//! Secrets that have to be read back, sealed before they reach the database: whoever gets hold of a dump without the
//! console's key file learns none of them.

mod stored;

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
pub use stored::{Stored, review, seal_clear};
use types::Error;

use crate::{Fault, Outcome};

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;

/// What every sealed value begins with; the last byte is the way it is sealed.
const MARK: &[u8] = b"seal\x01";
/// Bytes of a nonce, random for each value.
const NONCE: usize = 24;
/// What a sealed text begins with; the rest is hexadecimal.
const TEXT_MARK: &str = "sealed:";

/// Seals and opens with the console's key; cheap to clone.
///
/// Each value is bound to its `place`, which names table, column and row: moved elsewhere in the database it does not
/// open.
#[derive(Clone)]
pub struct Seal {
    cipher: Arc<OnceLock<XChaCha20Poly1305>>,
    file: Arc<str>,
}

/// A value that can't be opened: the key is not there, or it is not the one that the value was sealed with, or the value
/// was changed or moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

impl Seal {
    /// With the key that stands in `file`.
    pub fn with_key(key: [u8; KEY_BYTES], file: &str) -> Self {
        let seal = Self::without_key(file);
        seal.learn(key);
        seal
    }

    /// Without a key: `file` is not there or can't be read. Nothing is sealed or opened.
    pub fn without_key(file: &str) -> Self {
        Self {
            cipher: Arc::default(),
            file: file.into(),
        }
    }

    /// Gives the key to one that had none, and to all its clones; one that has a key keeps it.
    pub fn learn(&self, key: [u8; KEY_BYTES]) {
        let _ = self.cipher.set(XChaCha20Poly1305::new(&key.into()));
    }

    /// With a key that nobody else has and that ends with the process.
    pub fn of_process() -> Self {
        Self::with_key(rand::random(), "none")
    }

    /// There is a key.
    pub fn has_key(&self) -> bool {
        self.cipher.get().is_some()
    }

    /// The file that the key stands in, or should.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Seals `secret` for `place`.
    ///
    /// # Errors
    /// `Conflict` without a key.
    pub fn seal(&self, place: &str, secret: &[u8]) -> Outcome<Vec<u8>> {
        let Some(cipher) = self.cipher.get() else {
            return Err(Error::conflict(
                "The console's key file is missing, so no secret can be kept. Put it back, start the console anew, and \
                 try again.",
            )
            .into());
        };
        let nonce: [u8; NONCE] = rand::random();
        let payload = Payload {
            msg: secret,
            aad: place.as_bytes(),
        };
        let sealed = cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|error| Fault::Inside(error.to_string()))?;
        Ok([MARK, &nonce, &sealed].concat())
    }

    /// The secret that was sealed for `place`.
    ///
    /// # Errors
    /// [`Unreadable`], also for what was never sealed.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, Unreadable> {
        let cipher = self.cipher.get().ok_or(Unreadable)?;
        let rest = sealed.strip_prefix(MARK).ok_or(Unreadable)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE>().ok_or(Unreadable)?;
        let payload = Payload {
            msg: sealed,
            aad: place.as_bytes(),
        };
        cipher
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| Unreadable)
    }

    /// As [`Seal::seal`], as text.
    ///
    /// # Errors
    /// `Conflict` without a key.
    pub fn seal_text(&self, place: &str, secret: &str) -> Outcome<String> {
        let sealed = self.seal(place, secret.as_bytes())?;
        Ok(format!("{TEXT_MARK}{}", hex::encode(sealed)))
    }

    /// As [`Seal::open`], of what [`Seal::seal_text`] gave.
    ///
    /// # Errors
    /// [`Unreadable`], also for what was never sealed.
    pub fn open_text(&self, place: &str, sealed: &str) -> Result<String, Unreadable> {
        let sealed = sealed.strip_prefix(TEXT_MARK).ok_or(Unreadable)?;
        let sealed = hex::decode(sealed).map_err(|_| Unreadable)?;
        String::from_utf8(self.open(place, &sealed)?).map_err(|_| Unreadable)
    }
}

/// True for what [`Seal::seal`] gave.
pub fn is_sealed(value: &[u8]) -> bool {
    value.starts_with(MARK)
}

/// True for what [`Seal::seal_text`] gave.
pub fn is_sealed_text(value: &str) -> bool {
    value.starts_with(TEXT_MARK)
}

impl fmt::Debug for Seal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Seal")
            .field("has_key", &self.has_key())
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]

    use super::*;

    #[test]
    fn what_is_sealed_opens_in_its_place_alone() {
        let seal = Seal::of_process();
        let sealed = seal.seal("users.totp_secret/7", b"seed").unwrap();
        assert!(is_sealed(&sealed) && !sealed.windows(4).any(|part| part == b"seed"));
        assert_eq!(seal.open("users.totp_secret/7", &sealed).unwrap(), b"seed");
        assert_eq!(seal.open("users.totp_secret/8", &sealed), Err(Unreadable));
        assert_ne!(sealed, seal.seal("users.totp_secret/7", b"seed").unwrap());
    }

    #[test]
    fn another_key_none_and_a_changed_value_open_nothing() {
        let seal = Seal::of_process();
        let sealed = seal.seal("a", b"seed").unwrap();
        assert_eq!(Seal::of_process().open("a", &sealed), Err(Unreadable));
        let without = Seal::without_key("/nowhere/secret.key");
        assert_eq!(without.open("a", &sealed), Err(Unreadable));
        let refused = without.seal("a", b"seed").unwrap_err();
        assert!(matches!(refused.told(), Some(Error::Conflict { .. })));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(seal.open("a", &changed), Err(Unreadable), "byte {at}");
            assert_eq!(
                seal.open("a", &sealed[..at]),
                Err(Unreadable),
                "cut at {at}"
            );
        }
        assert_eq!(seal.open("a", b"12345678901234567890"), Err(Unreadable));
    }

    #[test]
    fn texts_are_sealed_as_text() {
        let seal = Seal::of_process();
        let sealed = seal.seal_text("setting/x/redis", "redis://:p@h").unwrap();
        assert!(is_sealed_text(&sealed) && !sealed.contains("redis"));
        assert_eq!(
            seal.open_text("setting/x/redis", &sealed).unwrap(),
            "redis://:p@h"
        );
        assert_eq!(
            seal.open_text("setting/x/database", &sealed),
            Err(Unreadable)
        );
        for rubbish in ["", "redis://h", "sealed:", "sealed:zz", "sealed:00"] {
            assert_eq!(seal.open_text("setting/x/redis", rubbish), Err(Unreadable));
        }
    }

    #[test]
    fn the_key_is_not_shown() {
        let shown = format!("{:?}", Seal::with_key([7; KEY_BYTES], "/k"));
        assert_eq!(shown, "Seal { has_key: true, file: \"/k\", .. }");
    }
}
