//! Signing in.

use serde_json::json;
use store::{
    devices,
    users::{self, Account},
};
use types::{Error, audit::AuditResult, live::Topic};

use super::{
    check::Fields,
    factor::{self, Answer},
    passwords::Verdict,
    secrets,
    sessions::SignedInAs,
    waits::{self, Admission, Keys, Try},
};
use crate::{
    Caller, Fault, Ops, Outcome,
    audit::{Author, Entry, record_alone_as, record_as, record_seldom},
};

/// The verb in the audit log.
pub(super) const ACTION: &str = "session.sign_in";
/// The first half of a sign-in with a second factor.
const PASSWORD_ACCEPTED: &str = "session.password_accepted";
/// Devices remembered for each user.
const DEVICES: i64 = 20;

/// What somebody signs in with. Deliberately without `Debug`.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// The address of the account.
    pub email: &'a str,
    /// The password.
    pub password: &'a str,
    /// A code of the authenticator app, or a recovery code; empty counts as none.
    pub code: Option<&'a str>,
    /// The token of the device's long-lived cookie, if it has one.
    pub device: Option<&'a str>,
}

/// A sign-in that was right.
pub struct SignedIn {
    /// Whose.
    pub user_id: i64,
    /// What the new session holds under [`super::sessions::SIGNED_IN`]; the session must get a new id.
    pub session: SignedInAs,
    /// A token for the device's long-lived cookie, when it has none of this user yet.
    pub device_token: Option<String>,
}

/// Why a sign-in failed, for the audit log.
#[derive(Clone, Copy)]
enum Failure {
    Credentials,
    Disabled,
    SecondFactor,
    /// The code can't be checked.
    Unreadable,
}

/// Checks who signs in. A wrong password, an unknown user and a disabled one answer alike, after the same work.
///
/// # Errors
/// `Invalid` for fields that can't be right, `TooManyTries`, `WrongCredentials`, `SecondFactor` when the password was
/// right and a code is missing or wrong, `Conflict` when it can't be checked; or the database failed.
pub async fn sign_in(
    ops: &Ops,
    caller: &Caller,
    credentials: &Credentials<'_>,
) -> Outcome<SignedIn> {
    let mut fields = Fields::default();
    let email = fields.email("email", credentials.email);
    fields.password("password", credentials.password);
    let code = fields.code("code", credentials.code);
    fields.done()?;

    let device = known_device(ops, credentials.device, &email).await?;
    let keys = device.map_or_else(|| Keys::sign_in(&email, &caller.address), Keys::device);
    let attempt = admit(ops, caller, &email, keys).await?;
    let account = users::account_by_email(&ops.db, &email).await?;
    let hash = account
        .as_ref()
        .map(|account| account.password_hash.as_str());
    let verdict = match ops.passwords.verify(credentials.password, hash).await {
        Ok(verdict) => verdict,
        Err(fault) => {
            give_up(ops, &attempt).await?;
            return Err(fault);
        }
    };
    let failed = async |failure, id| fail(ops, caller, &email, id, &attempt, failure).await;
    let (Some(account), Verdict::Right { rehash }) = (account, verdict) else {
        return Err(failed(Failure::Credentials, None).await);
    };
    if account.disabled {
        return Err(failed(Failure::Disabled, Some(account.id)).await);
    }
    if account.totp_secret.is_some() && code.is_none() {
        // The password was right, but nothing is forgotten: codes can't be guessed at between such tries.
        give_up(ops, &attempt).await?;
        let author = Author {
            name: &email,
            id: Some(account.id),
            caller,
        };
        let entry =
            Entry::done(PASSWORD_ACCEPTED, &email).with(json!({"asked_for": "second factor"}));
        record_seldom(ops, &author, entry).await?;
        return Err(Error::SecondFactor { wrong: false }.into());
    }
    // Where there is no time for it now, the next sign-in makes it.
    let new_hash = if rehash {
        ops.passwords.hash(credentials.password).await.ok()
    } else {
        None
    };
    let proven = Proven {
        caller,
        attempt: &attempt,
        account: &account,
        code,
        device,
        new_hash,
    };
    match finish(ops, &proven).await? {
        Ok(signed_in) => Ok(signed_in),
        Err(failure) => Err(failed(failure, Some(account.id)).await),
    }
}

/// A sign-in whose password was right.
struct Proven<'a> {
    caller: &'a Caller,
    attempt: &'a Try,
    account: &'a Account,
    code: Option<&'a str>,
    device: Option<&'a str>,
    new_hash: Option<String>,
}

/// Uses the code up and notes the sign-in, in one transaction.
async fn finish(ops: &Ops, proven: &Proven<'_>) -> Outcome<Result<SignedIn, Failure>> {
    let Proven {
        caller, account, ..
    } = proven;
    let now = ops.clock.now();
    let mut tx = ops.begin().await?;
    proven.attempt.succeed(&mut tx).await?;
    if account.totp_secret.is_some() {
        let code = proven.code.unwrap_or_default();
        match factor::accept(&mut tx, &ops.seal, account, code, now).await? {
            Answer::Right => {}
            Answer::Wrong => return Ok(Err(Failure::SecondFactor)),
            Answer::Unreadable => return Ok(Err(Failure::Unreadable)),
        }
    }
    if !users::note_sign_in(&mut tx, account.id, account.session_generation, now).await? {
        return Ok(Err(Failure::Credentials));
    }
    if let Some(new) = &proven.new_hash {
        users::rehash(&mut tx, account.id, &account.password_hash, new).await?;
    }
    let new_token = proven.device.is_none().then(secrets::random);
    let token = new_token.as_deref().or(proven.device).unwrap_or_default();
    devices::remember(&mut tx, account.id, &secrets::hash(token), now, DEVICES).await?;
    let author = Author {
        name: &account.email,
        id: Some(account.id),
        caller,
    };
    let entry = Entry::done(ACTION, &account.email).with(json!({
        "second_factor": account.totp_secret.is_some(),
        "known_device": proven.device.is_some(),
    }));
    store::changes::publish(&mut tx, Topic::Identity, &super::users::key(account.id)).await?;
    record_as(&mut tx, ops, &author, entry).await?;
    Ops::commit(tx).await?;
    Ok(Ok(SignedIn {
        user_id: account.id,
        session: SignedInAs {
            user_id: account.id,
            generation: account.session_generation,
            at: now,
            address: caller.address.clone(),
            user_agent: caller.user_agent.clone(),
        },
        device_token: new_token,
    }))
}

/// The device's token, if it signed in before as this user.
async fn known_device<'a>(
    ops: &Ops,
    token: Option<&'a str>,
    email: &str,
) -> Outcome<Option<&'a str>> {
    match token {
        Some(token) if token.len() == 64 => {
            let known = devices::is_known(&ops.db, &secrets::hash(token), email).await?;
            Ok(Some(token).filter(|_| known))
        }
        _ => Ok(None),
    }
}

async fn admit(ops: &Ops, caller: &Caller, email: &str, keys: Keys) -> Outcome<Try> {
    match waits::admit(ops, keys).await? {
        Admission::Admitted(attempt) => Ok(attempt),
        Admission::Blocked { error, log } => {
            if log {
                let author = Author {
                    name: email,
                    id: None,
                    caller,
                };
                let entry = Entry::done(ACTION, email)
                    .with(json!({"reason": error.slug()}))
                    .ended(AuditResult::Refused);
                record_alone_as(ops, &author, entry).await?;
            }
            Err(error.into())
        }
    }
}

async fn give_up(ops: &Ops, attempt: &Try) -> Outcome<()> {
    let mut tx = ops.begin().await?;
    attempt.take_back(&mut tx).await?;
    Ops::commit(tx).await
}

/// Records a failure and says what the caller is told.
async fn fail(
    ops: &Ops,
    caller: &Caller,
    email: &str,
    id: Option<i64>,
    attempt: &Try,
    failure: Failure,
) -> Fault {
    let reason = match failure {
        Failure::Credentials => "wrong-credentials",
        Failure::Disabled => "disabled",
        Failure::SecondFactor => "second-factor",
        Failure::Unreadable => "second-factor-unreadable",
    };
    let wait = attempt.wait().map(time::Duration::whole_seconds);
    let author = Author {
        name: email,
        id,
        caller,
    };
    let entry = Entry::done(ACTION, email)
        .with(json!({"reason": reason, "wait_s": wait}))
        .ended(AuditResult::Failure);
    if let Err(fault) = record_alone_as(ops, &author, entry).await {
        return fault;
    }
    match failure {
        Failure::Credentials | Failure::Disabled => Error::WrongCredentials.into(),
        Failure::SecondFactor => Error::SecondFactor { wrong: true }.into(),
        Failure::Unreadable => factor::unreadable().into(),
    }
}
