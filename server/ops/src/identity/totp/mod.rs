//! The second factor: time-based codes (RFC 6238: SHA-1, six digits, 30 s) and recovery codes.

mod begin;
mod confirm;
mod disable;
mod regenerate;
mod remove;

pub use begin::begin;
pub use confirm::confirm;
pub use disable::disable;
pub use regenerate::regenerate;
pub use remove::remove;
use store::{PgConnection, recovery_codes};
use time::OffsetDateTime;
use totp_rs::{Algorithm, Builder, Totp};

use super::{factor, secrets};
use crate::{Fault, Outcome};

/// How many recovery codes a user gets.
const CODES: usize = 10;
/// The alphabet of recovery codes (Crockford's base 32): no letter in it is read as another.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Where the seed of a user stands, as [`crate::secrets::Seal`] is told.
pub(crate) fn place(user: i64) -> String {
    format!("users.totp_secret/{user}")
}

/// The same of one that is not confirmed yet.
fn place_of_enrolment(user: i64) -> String {
    format!("totp_enrolment.secret/{user}")
}

/// The generator for `secret`; a code of the step before or after counts too.
fn generator(secret: &[u8], email: &str) -> Outcome<Totp> {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_skew(1)
        .with_secret(secret.to_vec())
        .with_issuer(Some("ytops"))
        .with_account_name(email)
        .build()
        .map_err(|error| Fault::Inside(format!("totp: {error}")))
}

/// The step that `code` (six digits) belongs to, if it is right at `now`.
pub(super) fn matching_step(
    secret: &[u8],
    code: &str,
    now: OffsetDateTime,
) -> Outcome<Option<i64>> {
    let seconds = u64::try_from(now.unix_timestamp()).unwrap_or(0);
    let step = generator(secret, "unnamed")?.check(code, seconds);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// Makes fresh recovery codes for `user`, keeps their hashes, and gives the codes back to be shown once.
async fn new_recovery_codes(db: &mut PgConnection, user: i64) -> Outcome<Vec<String>> {
    let codes: Vec<String> = (0..CODES).map(|_| recovery_code()).collect();
    let hashes: Vec<Vec<u8>> = codes
        .iter()
        .map(|code| secrets::hash(&factor::plain(code)))
        .collect();
    recovery_codes::replace(db, user, &hashes).await?;
    Ok(codes)
}

/// 80 random bits as four groups of four characters.
fn recovery_code() -> String {
    let letters: Vec<char> = rand::random::<[u8; 16]>()
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect();
    letters
        .chunks(4)
        .map(String::from_iter)
        .collect::<Vec<_>>()
        .join("-")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(seconds).unwrap()
    }

    #[test]
    fn the_published_vectors_of_rfc_6238() {
        let seed = |length: usize| {
            "1234567890"
                .bytes()
                .cycle()
                .take(length)
                .collect::<Vec<_>>()
        };
        let algorithms = [
            (Algorithm::SHA1, seed(20)),
            (Algorithm::SHA256, seed(32)),
            (Algorithm::SHA512, seed(64)),
        ];
        let vectors = [
            (59, ["94287082", "46119246", "90693936"]),
            (1_111_111_109, ["07081804", "68084774", "25091201"]),
            (1_234_567_890, ["89005924", "91819424", "93441116"]),
            (20_000_000_000, ["65353130", "77737706", "47863826"]),
        ];
        for (seconds, codes) in vectors {
            for ((algorithm, seed), code) in algorithms.iter().zip(codes) {
                let totp = Builder::new()
                    .with_algorithm(*algorithm)
                    .with_digits(8)
                    .with_secret(seed.clone())
                    .with_account_name("a")
                    .build()
                    .unwrap();
                assert_eq!(totp.generate(seconds).to_string(), code);
            }
        }
    }

    #[test]
    fn six_digits_of_the_vectors_count_for_a_step_before_and_after() {
        let seed = b"12345678901234567890";
        // The last six digits of 94287082, the code of step 1.
        assert_eq!(matching_step(seed, "287082", at(59)).unwrap(), Some(1));
        assert_eq!(matching_step(seed, "287082", at(0)).unwrap(), Some(1));
        assert_eq!(matching_step(seed, "287082", at(89)).unwrap(), Some(1));
        assert_eq!(matching_step(seed, "287082", at(90)).unwrap(), None);
        assert_eq!(matching_step(seed, "287083", at(59)).unwrap(), None);
    }

    #[test]
    fn a_recovery_code_is_four_groups_and_reads_back() {
        let code = recovery_code();
        assert_eq!(code.len(), 19, "{code}");
        assert_eq!(factor::plain(&code).len(), 16);
        assert_eq!(factor::plain(&code.to_uppercase()), factor::plain(&code));
        assert_ne!(code, recovery_code());
    }
}
