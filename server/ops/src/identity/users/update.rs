//! Changing a user.

use serde_json::{Value, json};
use types::{
    Error, Role,
    identity::{User, UserEdit},
    live::Topic,
};

use super::{keep_a_cto, key, named, refused};
use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
    identity::{check::Fields, manages_and_proved},
};

const ACTION: &str = "user.update";

/// Sets address, name, role and teams of user `id`, and gives them back. A new role counts from the next request of
/// every open session.
///
/// # Errors
/// `Forbidden`, `StepUpRequired`, `NotFound`, `Invalid` for a refused field, `Conflict` when the last CTO who can sign
/// in would lose that role; or the database failed.
pub async fn update(ops: &Ops, actor: &Actor, id: i64, edit: &UserEdit) -> Outcome<User> {
    let allowed = manages_and_proved(ops, actor);
    audit::permit(ops, actor, ACTION, &format!("user {id}"), None, allowed).await?;
    let mut fields = Fields::default();
    let email = fields.email("email", &edit.email);
    let name = fields.name("name", &edit.name);
    fields.role_of_user("role", edit.role);
    fields.ids("teams", &edit.teams);
    fields.done()?;
    named(ops, id).await?;
    let unknown = || Error::not_found("user");
    let mut tx = ops.begin().await?;
    store::teams::hold_memberships(&mut tx).await?;
    keep_a_cto(&mut tx, id, edit.role == Role::Cto).await?;
    if !store::users::lock(&mut tx, id).await? {
        return Err(unknown().into());
    }
    let before = store::users::get(&mut *tx, id).await?.ok_or_else(unknown)?;
    store::users::update(&mut tx, id, &email, &name, edit.role)
        .await
        .map_err(refused)?;
    store::users::set_teams(&mut tx, id, &edit.teams)
        .await
        .map_err(refused)?;
    let after = store::users::get(&mut *tx, id).await?.ok_or_else(unknown)?;
    if before == after {
        return Ok(after);
    }
    let entry = Entry::done(ACTION, &before.email).with(difference(&before, &after));
    store::changes::publish(&mut tx, Topic::Identity, &key(id)).await?;
    audit::record(&mut tx, ops, actor, entry).await?;
    Ops::commit(tx).await?;
    Ok(after)
}

/// What changed, as `{"field": [before, after]}`.
fn difference(before: &User, after: &User) -> Value {
    let facts = |user: &User| {
        let teams: Vec<&str> = user.teams.iter().map(|team| team.name.as_str()).collect();
        [
            ("email", json!(user.email)),
            ("name", json!(user.name)),
            ("role", json!(user.role)),
            ("teams", json!(teams)),
        ]
    };
    facts(before)
        .into_iter()
        .zip(facts(after))
        .filter(|(before, after)| before != after)
        .map(|((field, before), (_, after))| (field.to_owned(), json!([before, after])))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
