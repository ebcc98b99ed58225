//! Using the set-up link.

use serde_json::json;
use store::users::{self, NewAccount};
use types::{Error, Role, live::Topic};

use crate::{
    Caller, Fault, Ops, Outcome,
    audit::{self, Author, Entry, reason, record_as},
    identity::{SignedIn, check::Fields, secrets, sessions::SignedInAs},
};

const ACTION: &str = "setup.redeem";

/// The account that the link makes. Deliberately without `Debug`.
#[derive(Clone, Copy)]
pub struct FirstUser<'a> {
    /// The address they will sign in with.
    pub email: &'a str,
    /// The name that pages show.
    pub name: &'a str,
    /// The password.
    pub password: &'a str,
}

/// Makes the first CTO and signs them in. The link is dead afterwards; of two who use it at once, one succeeds.
///
/// # Errors
/// `Invalid` for a refused field, `NotFound` when the link is unknown, used, or past its date; or the database failed.
pub async fn redeem(
    ops: &Ops,
    caller: &Caller,
    token: &str,
    first: &FirstUser<'_>,
) -> Outcome<SignedIn> {
    if !super::is_open(ops, token).await? {
        return Err(dead(ops, caller).await);
    }
    let mut fields = Fields::default();
    let email = fields.email("email", first.email);
    let name = fields.name("name", first.name);
    fields.new_password("password", first.password, &email);
    fields.done()?;
    let password_hash = ops.passwords.hash(first.password).await?;

    let now = ops.clock.now();
    let mut tx = ops.begin().await?;
    users::hold_additions(&mut tx).await?;
    let is_first = !users::any(&mut *tx).await?;
    if !is_first || !store::setup::use_up(&mut tx, &secrets::hash(token), now).await? {
        drop(tx);
        return Err(dead(ops, caller).await);
    }
    let new = NewAccount {
        email: &email,
        name: &name,
        role: Role::Cto,
        password_hash: &password_hash,
        now,
    };
    let user_id = users::insert(&mut tx, &new).await?;
    users::note_sign_in(&mut tx, user_id, 0, now).await?;
    let device = secrets::random();
    store::devices::remember(&mut tx, user_id, &secrets::hash(&device), now, 1).await?;
    let author = Author {
        name: &email,
        id: Some(user_id),
        caller,
    };
    let entry = Entry::done(ACTION, &email).with(json!({"role": Role::Cto}));
    store::changes::publish(&mut tx, Topic::Identity, "").await?;
    record_as(&mut tx, ops, &author, entry).await?;
    Ops::commit(tx).await?;
    Ok(SignedIn {
        user_id,
        session: SignedInAs {
            user_id,
            generation: 0,
            at: now,
            address: caller.address.clone(),
            user_agent: caller.user_agent.clone(),
        },
        device_token: Some(device),
    })
}

/// Records the try, once a minute for an address, and says what the caller is told.
async fn dead(ops: &Ops, caller: &Caller) -> Fault {
    match audit::refuse_stranger(ops, caller, ACTION, "set-up link", reason("dead-link")).await {
        Ok(()) => Error::not_found("set-up link, or it was used or is older than 24 hours").into(),
        Err(fault) => fault,
    }
}
