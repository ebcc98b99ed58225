//! API tokens, for a CTO.

use leptos::prelude::*;
use types::{
    Error, Role,
    identity::{ApiToken, NewToken},
};

#[cfg(feature = "ssr")]
use crate::api::done;

/// Every API token, without its secret.
#[server(prefix = "/fn", endpoint = "tokens", output = types::wire::Json)]
pub async fn tokens() -> Result<Vec<ApiToken>, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::identity::tokens::list(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)
}

/// Makes a token that ends after `days`, confined to the team with the id `team` unless it is empty, or for an agent to the
/// `host`; its secret is given once.
#[server(prefix = "/fn", endpoint = "create_token", output = types::wire::Json)]
pub async fn create_token(
    name: String,
    role: Role,
    #[server(default)] team: String,
    #[server(default)] host: String,
    days: String,
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<NewToken, Error> {
    use crate::ssr;
    ssr::needs_script(", or make it with ytops token add")?;
    let fields = [
        ("name", name.as_str()),
        ("role", role.as_str()),
        ("team", &team),
        ("host", &host),
        ("days", &days),
    ];
    let request = types::identity::TokenRequest {
        name: name.clone(),
        role,
        team: super::team_id(&team)?,
        days: days
            .trim()
            .parse()
            .map_err(|_| Error::field("days", "Give a whole number of days, 1 to 365."))
            .inspect_err(|_| ssr::typed::keep("new-token", &fields))?,
        host: Some(host.clone()),
    };
    let (ops, actor) = ssr::asked_with_proof(&password, &code)
        .await
        .inspect_err(|_| ssr::typed::keep("new-token", &fields))?;
    ops::identity::tokens::create(&ops, &actor, &request)
        .await
        .map_err(|fault| ssr::tell_form(fault, "new-token", &fields))
}

/// Ends a token at once.
#[server(prefix = "/fn", endpoint = "revoke_token", output = types::wire::Json)]
pub async fn revoke_token(id: i64) -> Result<(), Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::identity::tokens::revoke(&ops, &actor, id)
        .await
        .map_err(crate::ssr::tell)?;
    crate::ssr::done::say(done::TOKEN_REVOKED);
    Ok(())
}
