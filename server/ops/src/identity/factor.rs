//! Accepting a second factor: a code of the authenticator app, or a recovery code, each once.

use store::{PgConnection, recovery_codes, users::Account};
use time::OffsetDateTime;
use types::Error;

use super::{secrets, totp};
use crate::{Outcome, secrets::Seal};

/// What became of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was right and is used up.
    Right,
    /// It is wrong, was used before, or no second factor is enrolled.
    Wrong,
    /// It can't be told: the seed does not open with the console's key.
    Unreadable,
}

/// What is told to who gives a code that can't be checked.
pub fn unreadable() -> Error {
    Error::conflict(
        "Codes of authenticator apps can't be checked: the console's key file is missing or another one. Use a recovery \
         code, or ask a CTO to take your second factor away; the console's log names the file.",
    )
}

/// Uses `code` up for `account`, within the transaction of what it is proof for.
///
/// # Errors
/// The database failed.
pub async fn accept(
    db: &mut PgConnection,
    seal: &Seal,
    account: &Account,
    code: &str,
    now: OffsetDateTime,
) -> Outcome<Answer> {
    let Some(sealed) = &account.totp_secret else {
        return Ok(Answer::Wrong);
    };
    let code = plain(code);
    let accepted = if code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()) {
        let Ok(secret) = seal.open(&totp::place(account.id), sealed) else {
            tracing::error!(
                file = seal.file(),
                user = account.id,
                "A second factor does not open: the key file is missing or another one."
            );
            return Ok(Answer::Unreadable);
        };
        match totp::matching_step(&secret, &code, now)? {
            Some(step) => store::totp::accept(&mut *db, account.id, sealed, step).await?,
            None => false,
        }
    } else {
        recovery_codes::accept(&mut *db, account.id, &secrets::hash(&code), now).await?
    };
    Ok(if accepted {
        Answer::Right
    } else {
        Answer::Wrong
    })
}

/// A code without what people put between its characters, with letters that are often misread as they are meant.
pub fn plain(code: &str) -> String {
    code.chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_code_reads_as_it_was_meant() {
        assert_eq!(plain("123 456"), "123456");
        assert_eq!(plain("ABCD-efgO-1iLl"), "abcdefg01111");
    }
}
