//! Making a user.

use serde_json::json;
use store::users::NewAccount;
use types::{Error, identity::NewUser, identity::User, live::Topic};

use super::{key, refused};
use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
    identity::{check::Fields, manages_and_proved},
};

const ACTION: &str = "user.create";

/// Makes a user with a first password, and gives them back.
///
/// # Errors
/// `Forbidden`, `StepUpRequired`, `Invalid` for a refused field; or the database failed.
pub async fn create(ops: &Ops, actor: &Actor, new: &NewUser) -> Outcome<User> {
    let allowed = manages_and_proved(ops, actor);
    audit::permit(ops, actor, ACTION, &new.email, None, allowed).await?;
    let mut fields = Fields::default();
    let email = fields.email("email", &new.email);
    let name = fields.name("name", &new.name);
    fields.role_of_user("role", new.role);
    fields.ids("teams", &new.teams);
    fields.new_password("password", &new.password, &email);
    fields.done()?;
    let password_hash = ops.passwords.hash(&new.password).await?;
    let account = NewAccount {
        email: &email,
        name: &name,
        role: new.role,
        password_hash: &password_hash,
        now: ops.clock.now(),
    };
    let mut tx = ops.begin().await?;
    store::teams::hold_memberships(&mut tx).await?;
    let id = store::users::insert(&mut tx, &account)
        .await
        .map_err(refused)?;
    store::users::set_teams(&mut tx, id, &new.teams)
        .await
        .map_err(refused)?;
    let user = store::users::get(&mut *tx, id)
        .await?
        .ok_or_else(|| Error::not_found("user"))?;
    let teams: Vec<&str> = user.teams.iter().map(|team| team.name.as_str()).collect();
    let detail = json!({"name": name, "role": new.role, "teams": teams});
    store::changes::publish(&mut tx, Topic::Identity, &key(id)).await?;
    audit::record(
        &mut tx,
        ops,
        actor,
        Entry::done(ACTION, &email).with(detail),
    )
    .await?;
    Ops::commit(tx).await?;
    Ok(user)
}
