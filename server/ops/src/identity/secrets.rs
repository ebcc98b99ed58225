//! Random secrets and their hashes.

use sha2::{Digest, Sha256};

/// 32 random bytes in hexadecimal.
pub fn random() -> String {
    hex::encode(rand::random::<[u8; 32]>())
}

/// What is stored of a random secret: too much entropy to guess, so a plain hash is enough.
pub fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}
