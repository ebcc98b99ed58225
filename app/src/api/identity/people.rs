//! Users and teams, for a CTO.

use leptos::prelude::*;
use types::{
    Error, Role,
    identity::{Team, User as Person},
};

#[cfg(feature = "ssr")]
use crate::api::done;

/// Everyone.
#[server(prefix = "/fn", endpoint = "users", output = types::wire::Json)]
pub async fn users() -> Result<Vec<Person>, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::identity::users::list(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)
}

/// One user.
#[server(prefix = "/fn", endpoint = "user", output = types::wire::Json)]
pub async fn user(id: i64) -> Result<Person, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::identity::users::get(&ops, &actor, id)
        .await
        .map_err(crate::ssr::tell)
}

/// Makes an account; gives its id.
#[server(prefix = "/fn", endpoint = "create_user", output = types::wire::Json)]
pub async fn create_user(
    name: String,
    email: String,
    role: Role,
    #[server(default)] teams: Vec<i64>,
    new_password: String,
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<i64, Error> {
    use crate::ssr;
    let fields = [
        ("name", name.as_str()),
        ("email", email.as_str()),
        ("role", role.as_str()),
    ];
    let (ops, actor) = ssr::asked_with_proof(&password, &code)
        .await
        .inspect_err(|_| ssr::typed::keep("new-user", &fields))?;
    let new = types::identity::NewUser {
        email: email.clone(),
        name: name.clone(),
        role,
        teams,
        password: new_password,
    };
    let user = ops::identity::users::create(&ops, &actor, &new)
        .await
        .map_err(|fault| ssr::tell_form(fault, "new-user", &fields))
        .map_err(|error| ssr::rename_field(error, "password", "new_password"))?;
    ssr::done::say(done::ACCOUNT_MADE);
    ssr::go_on("/settings/users");
    Ok(user.id)
}

/// Changes an account's name, address, role and teams.
#[server(prefix = "/fn", endpoint = "update_user", output = types::wire::Json)]
pub async fn update_user(
    id: i64,
    name: String,
    email: String,
    role: Role,
    #[server(default)] teams: Vec<i64>,
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<(), Error> {
    use crate::ssr;
    let fields = [
        ("name", name.as_str()),
        ("email", email.as_str()),
        ("role", role.as_str()),
    ];
    let (ops, actor) = ssr::asked_with_proof(&password, &code)
        .await
        .inspect_err(|_| ssr::typed::keep("user", &fields))?;
    let edit = types::identity::UserEdit {
        email: email.clone(),
        name: name.clone(),
        role,
        teams,
    };
    ops::identity::users::update(&ops, &actor, id, &edit)
        .await
        .map_err(|fault| ssr::tell_form(fault, "user", &fields))?;
    ssr::done::say(done::ACCOUNT_CHANGED);
    Ok(())
}

/// Shuts an account, which ends its sessions, or opens it again.
#[server(prefix = "/fn", endpoint = "set_user_disabled", output = types::wire::Json)]
pub async fn set_user_disabled(
    id: i64,
    disabled: bool,
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<(), Error> {
    let (ops, actor) = crate::ssr::asked_with_proof(&password, &code).await?;
    if disabled {
        ops::identity::users::disable(&ops, &actor, id)
            .await
            .map_err(crate::ssr::tell)?;
    } else {
        ops::identity::users::enable(&ops, &actor, id)
            .await
            .map_err(crate::ssr::tell)?;
    }
    crate::ssr::done::say(done::access_set(disabled));
    Ok(())
}

/// Sets another's password, which ends their sessions.
#[server(prefix = "/fn", endpoint = "reset_password", output = types::wire::Json)]
pub async fn reset_password(
    id: i64,
    new_password: String,
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<(), Error> {
    use crate::ssr;
    let (ops, actor) = ssr::asked_with_proof(&password, &code).await?;
    ops::identity::users::reset_password(&ops, &actor, id, &new_password)
        .await
        .map_err(ssr::tell)
        .map_err(|error| ssr::rename_field(error, "password", "new_password"))?;
    ssr::done::say(done::PASSWORD_SET);
    Ok(())
}

/// Takes another's second factor away, for one who lost it.
#[server(prefix = "/fn", endpoint = "remove_totp", output = types::wire::Json)]
pub async fn remove_totp(
    id: i64,
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<(), Error> {
    let (ops, actor) = crate::ssr::asked_with_proof(&password, &code).await?;
    ops::identity::totp::remove(&ops, &actor, id)
        .await
        .map_err(crate::ssr::tell)?;
    crate::ssr::done::say(done::FACTOR_REMOVED);
    Ok(())
}

/// Every team with its members.
#[server(prefix = "/fn", endpoint = "teams", output = types::wire::Json)]
pub async fn teams() -> Result<Vec<Team>, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::identity::teams::list(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)
}

/// Names of teams that services belong to by their label and that are not made yet.
#[server(prefix = "/fn", endpoint = "named_teams", output = types::wire::Json)]
pub async fn named_teams() -> Result<Vec<String>, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::identity::teams::named(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)
}

/// Makes a team.
#[server(prefix = "/fn", endpoint = "create_team", output = types::wire::Json)]
pub async fn create_team(name: String) -> Result<(), Error> {
    use crate::ssr;
    let (ops, actor) = ssr::asked()?;
    ops::identity::teams::create(&ops, &actor, &name)
        .await
        .map_err(|fault| ssr::tell_form(fault, "new-team", &[("name", &name)]))?;
    ssr::done::say(done::TEAM_MADE);
    Ok(())
}

/// Gives a team another name.
#[server(prefix = "/fn", endpoint = "rename_team", output = types::wire::Json)]
pub async fn rename_team(id: i64, new_name: String) -> Result<(), Error> {
    use crate::ssr;
    let (ops, actor) = ssr::asked()?;
    ops::identity::teams::rename(&ops, &actor, id, &new_name)
        .await
        .map_err(ssr::tell)
        .map_err(|error| ssr::rename_field(error, "name", "new_name"))?;
    ssr::done::say(done::TEAM_RENAMED);
    Ok(())
}

/// Removes a team that has nothing any more.
#[server(prefix = "/fn", endpoint = "delete_team", output = types::wire::Json)]
pub async fn delete_team(
    id: i64,
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<(), Error> {
    let (ops, actor) = crate::ssr::asked_with_proof(&password, &code).await?;
    ops::identity::teams::delete(&ops, &actor, id)
        .await
        .map_err(crate::ssr::tell)?;
    crate::ssr::go_on("/settings/teams");
    crate::ssr::done::say(done::TEAM_REMOVED);
    Ok(())
}
