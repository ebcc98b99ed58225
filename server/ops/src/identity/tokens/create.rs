//! Making a token.

use serde_json::json;
use store::tokens::TEAM_KEY;
use time::Duration;
use types::{
    Error, Role,
    identity::{NewToken, TokenRequest},
    live::Topic,
};

use super::{PREFIX, key};
use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
    identity::{check::Fields, manages_and_proved, secrets},
    resources::is_host,
};

const ACTION: &str = "token.create";
/// The longest life of a token.
pub const MOST_DAYS: i64 = 365;

/// Makes a token; its secret is given back here and never again.
///
/// # Errors
/// `Forbidden`, `StepUpRequired`, `Invalid` for a refused field; or the database failed.
pub async fn create(ops: &Ops, actor: &Actor, request: &TokenRequest) -> Outcome<NewToken> {
    let allowed = manages_and_proved(ops, actor);
    audit::permit(ops, actor, ACTION, &request.name, None, allowed).await?;
    let mut fields = Fields::default();
    let name = fields.name("name", &request.name);
    if !(1..=MOST_DAYS).contains(&request.days) {
        fields.refuse("days", format!("Choose 1 to {MOST_DAYS} days."));
    }
    let host = host(&mut fields, request);
    fields.done()?;
    let now = ops.clock.now();
    let secret = format!("{PREFIX}{}", secrets::random());
    let new = store::tokens::NewToken {
        name: &name,
        role: request.role,
        team: request.team,
        host,
        token_hash: &secrets::hash(&secret),
        created_by: &actor.name,
        now,
        expires_at: now + Duration::days(request.days),
    };
    let mut tx = ops.begin().await?;
    if store::tokens::is_named(&mut tx, &name, now).await? {
        const TAKEN: &str =
            "There is a valid token of that name already. Revoke it, or choose another name.";
        return Err(Error::field("name", TAKEN).into());
    }
    let id = store::tokens::insert(&mut tx, &new)
        .await
        .map_err(|error| match error.constraint() {
            Some(TEAM_KEY) => Error::field("team", "There is no such team.").into(),
            _ => crate::Fault::from(error),
        })?;
    let token = store::tokens::get(&mut *tx, id)
        .await?
        .ok_or_else(|| Error::not_found("token"))?;
    let team = token.team.as_ref().map(|team| team.name.as_str());
    let entry = Entry {
        team,
        ..Entry::done(ACTION, &name).with(json!({
            "id": id, "role": request.role, "team": team, "host": host, "days": request.days,
        }))
    };
    store::changes::publish(&mut tx, Topic::Identity, &key(id)).await?;
    audit::record(&mut tx, ops, actor, entry).await?;
    Ops::commit(tx).await?;
    Ok(NewToken { token, secret })
}

/// The host that an agent's token sends for; nothing else has one, and an agent is of no team.
fn host<'a>(fields: &mut Fields, request: &'a TokenRequest) -> Option<&'a str> {
    let host = request.host.as_deref().map(str::trim);
    let host = host.filter(|host| !host.is_empty());
    let is_agent = request.role == Role::Agent;
    if is_agent && request.team.is_some() {
        fields.refuse(
            "team",
            "An agent's token is of no team: its host is everybody's.",
        );
    }
    if let Some(host) = host {
        if !is_agent {
            fields.refuse("host", "Only the role agent sends for a host.");
        } else if !is_host(host) {
            fields.refuse("host", "Use at most 253 characters without blanks.");
        }
    }
    host
}
