//! The one host that a token sends for.

use serde_json::json;
use types::{Error, live::Topic};

use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
};

const ACTION: &str = "token.bind";

/// Makes sure that the actor's token is for `host`, and settles it where it is for none yet. So whoever stole a token can't
/// overwrite what another host sent.
///
/// # Errors
/// `Invalid` where it is for another host, or the host is not to be had; the database failed.
pub async fn bind(ops: &Ops, actor: &Actor, token: i64, host: &str) -> Outcome<()> {
    if *ops.meters.own_host() == *host {
        let told = format!(
            "{host} is the console's own host, which it reads by itself. Give this host another name: ytops agent --host NAME."
        );
        return refuse(ops, actor, host, told).await;
    }
    let bound = store::tokens::host(&ops.db, token)
        .await?
        .ok_or(Error::Unauthenticated)?;
    match bound {
        Some(own) if own == host => Ok(()),
        Some(own) => {
            let told = format!("This token sends for {own} alone. {}", make(host));
            refuse(ops, actor, host, told).await
        }
        None => claim(ops, actor, token, host).await,
    }
}

async fn claim(ops: &Ops, actor: &Actor, token: i64, host: &str) -> Outcome<()> {
    let mut tx = ops.begin().await?;
    if !store::tokens::claim(&mut tx, token, host, ops.clock.now()).await? {
        drop(tx);
        let told = format!(
            "The console has samples of {host} already, or another token sends for it, so a token must name it. {}",
            make(host)
        );
        return refuse(ops, actor, host, told).await;
    }
    let entry = Entry::done(ACTION, &actor.name).with(json!({"id": token, "host": host}));
    store::changes::publish(&mut tx, Topic::Identity, &format!("token/{token}")).await?;
    audit::record(&mut tx, ops, actor, entry).await?;
    Ops::commit(tx).await
}

fn make(host: &str) -> String {
    format!("Make one for it: ytops token add --role agent --host {host} --name … --days ….")
}

async fn refuse(ops: &Ops, actor: &Actor, host: &str, told: String) -> Outcome<()> {
    let entry =
        Entry::done(ACTION, &actor.name).with(json!({"host": host, "reason": "another host's"}));
    audit::refuse(ops, actor, entry).await?;
    Err(Error::field("host", told).into())
}
