//! The secrets that stand in the database, looked at when the console starts.

use crate::{Ops, Outcome, health, identity::totp};

use super::{is_sealed, is_sealed_text};

/// How many secrets stand in the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// Sealed ones.
    pub sealed: usize,
    /// Of these those that the key does not open.
    pub unreadable: usize,
    /// Those that stand there in clear: an older console wrote them.
    pub clear: usize,
}

impl Stored {
    fn count(&mut self, is_sealed: bool, opens: bool) {
        if is_sealed {
            self.sealed += 1;
            self.unreadable += usize::from(!opens);
        } else {
            self.clear += 1;
        }
    }
}

/// Looks at every secret.
///
/// # Errors
/// The database failed.
pub async fn review(ops: &Ops) -> Outcome<Stored> {
    let mut found = Stored::default();
    for (user, seed) in store::totp::seeds(&ops.db).await? {
        let opens = ops.seal.open(&totp::place(user), &seed).is_ok();
        found.count(is_sealed(&seed), opens);
    }
    for (part, address) in health::stored_addresses(ops).await? {
        let opens = ops.seal.open_text(&health::place(&part), &address).is_ok();
        found.count(is_sealed_text(&address), opens);
    }
    Ok(found)
}

/// Seals what stands in clear.
///
/// # Errors
/// `Conflict` without a key; the database failed.
pub async fn seal_clear(ops: &Ops) -> Outcome<()> {
    let mut tx = ops.begin().await?;
    for (user, seed) in store::totp::seeds(&ops.db).await? {
        if !is_sealed(&seed) {
            let sealed = ops.seal.seal(&totp::place(user), &seed)?;
            store::totp::replace_seed(&mut tx, user, &seed, &sealed).await?;
        }
    }
    for (part, address) in health::stored_addresses(ops).await? {
        if !is_sealed_text(&address) {
            let sealed = ops.seal.seal_text(&health::place(&part), &address)?;
            store::settings::replace_member(&mut tx, health::TARGETS, &part, &address, &sealed)
                .await?;
        }
    }
    Ops::commit(tx).await
}
