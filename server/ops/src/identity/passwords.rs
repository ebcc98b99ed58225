//! Hashing passwords: argon2id, off the async threads, and never more at once than memory allows.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{Error as HashError, PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;
use types::Error;

use crate::{Fault, Outcome};

/// Hashes computed at once; each takes the memory of one hash (19 MiB at the standard cost).
const AT_ONCE: usize = 2;
/// Hashes that may wait for their turn; who comes later is told to try again.
const QUEUE: usize = 64;
/// What is told to who comes later, in seconds.
const QUEUE_WAIT_S: u64 = 5;

/// Whether a password was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was.
    Right {
        /// Its hash was made at a lower cost than today's.
        rehash: bool,
    },
    /// It was not, or there was no hash to compare with.
    Wrong,
}

/// Hashes and verifies passwords; cheap to clone.
#[derive(Clone)]
pub struct Passwords(Arc<Inner>);

struct Inner {
    params: Params,
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    checks: AtomicU64,
    /// How often the decoy was compared with.
    decoys: AtomicU64,
    decoy: String,
}

impl Passwords {
    /// The cost used in earnest, OWASP's: 19,456 KiB, two passes, one lane.
    pub fn standard() -> Self {
        Self::with(Params::DEFAULT)
    }

    /// Another cost; tests use a lower one.
    ///
    /// # Errors
    /// argon2 refuses these parameters.
    pub fn with_cost(memory_kib: u32, passes: u32, lanes: u32) -> Outcome<Self> {
        let params = Params::new(memory_kib, passes, lanes, None)
            .map_err(|error| Fault::Inside(error.to_string()))?;
        Ok(Self::with(params))
    }

    fn with(params: Params) -> Self {
        // A hash that no password has (all its bits are zero), for users that don't exist: verifying against it
        // costs what verifying against a real one costs.
        let decoy = format!(
            "$argon2id$v=19$m={},t={},p={}$AAAAAAAAAAAAAAAAAAAAAA${}",
            params.m_cost(),
            params.t_cost(),
            params.p_cost(),
            "A".repeat(43)
        );
        Self(Arc::new(Inner {
            params,
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            queue: Arc::new(Semaphore::new(QUEUE)),
            checks: AtomicU64::new(0),
            decoys: AtomicU64::new(0),
            decoy,
        }))
    }

    /// How many passwords were verified since the start, whether a user was there or not.
    pub fn checks(&self) -> u64 {
        self.0.checks.load(Ordering::Relaxed)
    }

    /// The PHC string of `password` with a fresh salt.
    ///
    /// # Errors
    /// `TooManyTries` when too many wait for their turn.
    pub async fn hash(&self, password: &str) -> Outcome<String> {
        let password = password.to_owned();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, self.0.params.clone());
        self.off_thread(move || {
            let hash = argon2.hash_password(password.as_bytes())?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Compares `password` with `hash`; with none it does the same work and finds it wrong. With a hash that was made at
    /// a lower cost it does that work as well: a quick answer would tell that there is such a user.
    ///
    /// # Errors
    /// `TooManyTries` when too many wait for their turn; a stored hash that can't be read.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Outcome<Verdict> {
        let password = password.to_owned();
        let hash = hash.map(str::to_owned);
        let inner = Arc::clone(&self.0);
        self.0.checks.fetch_add(1, Ordering::Relaxed);
        self.off_thread(move || {
            let Some(hash) = hash else {
                inner.compare_with_decoy(&password)?;
                return Ok(Verdict::Wrong);
            };
            let stored = PasswordHash::new(&hash)?;
            let rehash = is_weaker(&stored, &inner.params);
            let is_right = matches(&password, &stored)?;
            if rehash {
                inner.compare_with_decoy(&password)?;
            }
            Ok(if is_right {
                Verdict::Right { rehash }
            } else {
                Verdict::Wrong
            })
        })
        .await
    }

    /// Runs `work` when it is its turn. The permits travel with it: a caller that goes away frees nothing early.
    async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Outcome<T> {
        let Ok(place) = Arc::clone(&self.0.queue).try_acquire_owned() else {
            return Err(Error::TooManyTries {
                retry_after_s: QUEUE_WAIT_S,
            }
            .into());
        };
        let turn = Arc::clone(&self.0.turns)
            .acquire_owned()
            .await
            .map_err(|error| Fault::Inside(error.to_string()))?;
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop((turn, place));
            done
        })
        .await
        .map_err(|error| Fault::Inside(error.to_string()))?
        .map_err(|error| Fault::Inside(format!("argon2: {error}")))
    }
}

impl Inner {
    fn compare_with_decoy(&self, password: &str) -> Result<(), HashError> {
        self.decoys.fetch_add(1, Ordering::Relaxed);
        matches(password, &PasswordHash::new(&self.decoy)?).map(drop)
    }
}

fn matches(password: &str, stored: &PasswordHash) -> Result<bool, HashError> {
    match Argon2::default().verify_password(password.as_bytes(), stored) {
        Ok(()) => Ok(true),
        Err(HashError::PasswordInvalid) => Ok(false),
        Err(error) => Err(error),
    }
}

/// True when `stored` was made by another algorithm or at a lower cost than `params`.
fn is_weaker(stored: &PasswordHash, params: &Params) -> bool {
    let Ok(of_stored) = Params::try_from(stored) else {
        return true;
    };
    stored.algorithm != Algorithm::Argon2id.ident()
        || of_stored.m_cost() < params.m_cost()
        || of_stored.t_cost() < params.t_cost()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    #[tokio::test]
    async fn the_standard_cost_is_at_least_owasps() {
        let hash = Passwords::standard().hash("a-quiet-harbour").await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
    }

    #[tokio::test]
    async fn right_wrong_and_nobody() {
        let passwords = Passwords::with_cost(8, 1, 1).unwrap();
        let hash = passwords.hash("a-quiet-harbour").await.unwrap();
        let right = passwords
            .verify("a-quiet-harbour", Some(&hash))
            .await
            .unwrap();
        assert_eq!(right, Verdict::Right { rehash: false });
        assert_eq!(
            passwords.verify("another", Some(&hash)).await.unwrap(),
            Verdict::Wrong
        );
        assert_eq!(
            passwords.verify("a-quiet-harbour", None).await.unwrap(),
            Verdict::Wrong
        );
        assert_eq!(passwords.checks(), 3);
        assert_eq!(passwords.0.decoys.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn nobody_costs_what_somebody_costs() {
        let passwords = Passwords::standard();
        let decoy = PasswordHash::new(&passwords.0.decoy).unwrap();
        assert_eq!(Params::try_from(&decoy).unwrap().m_cost(), 19_456);
        assert_eq!(Params::try_from(&decoy).unwrap().t_cost(), 2);
        assert!(!is_weaker(&decoy, &Params::DEFAULT));
    }

    #[tokio::test]
    async fn a_cheaper_hash_is_to_be_made_again() {
        let cheap = Passwords::with_cost(8, 1, 1).unwrap();
        let dear = Passwords::with_cost(16, 2, 1).unwrap();
        let hash = cheap.hash("a-quiet-harbour").await.unwrap();
        let verdict = dear.verify("a-quiet-harbour", Some(&hash)).await.unwrap();
        assert_eq!(verdict, Verdict::Right { rehash: true });
        let wrong = dear.verify("another", Some(&hash)).await.unwrap();
        assert_eq!(wrong, Verdict::Wrong);
        let decoys = dear.0.decoys.load(Ordering::Relaxed);
        assert_eq!(decoys, 2, "a cheap hash is not told by a quick answer");
        let hash = dear.hash("a-quiet-harbour").await.unwrap();
        let verdict = cheap.verify("a-quiet-harbour", Some(&hash)).await.unwrap();
        assert_eq!(verdict, Verdict::Right { rehash: false });
    }

    #[tokio::test]
    async fn a_flood_is_told_to_wait() {
        let passwords = Passwords::with_cost(8, 1, 1).unwrap();
        let held = Arc::clone(&passwords.0.queue)
            .acquire_many_owned(64)
            .await
            .unwrap();
        let refused = passwords.verify("a-quiet-harbour", None).await.unwrap_err();
        assert!(matches!(
            refused.told(),
            Some(Error::TooManyTries { retry_after_s: 5 })
        ));
        drop(held);
        assert_eq!(passwords.verify("x", None).await.unwrap(), Verdict::Wrong);
    }
}
