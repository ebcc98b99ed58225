//! Accepting a second factor: a code of the authenticator app, or a recovery code, each once.

use store::{PgConnection, recovery_codes, users::Account};
use time::OffsetDateTime;

use super::{secrets, totp};
use crate::Outcome;

/// Uses `code` up for `account`, within the transaction of what it is proof for. False when it is wrong, was used
/// before, or no second factor is enrolled.
///
/// # Errors
/// The database failed.
pub async fn accept(
    db: &mut PgConnection,
    account: &Account,
    code: &str,
    now: OffsetDateTime,
) -> Outcome<bool> {
    let Some(secret) = &account.totp_secret else {
        return Ok(false);
    };
    let code = plain(code);
    if code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(match totp::matching_step(secret, &code, now)? {
            Some(step) => store::totp::accept(&mut *db, account.id, secret, step).await?,
            None => false,
        });
    }
    Ok(recovery_codes::accept(&mut *db, account.id, &secrets::hash(&code), now).await?)
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
