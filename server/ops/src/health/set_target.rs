//! Sets where a check asks.

use serde_json::json;
use types::{Capability, Error, health::SETTABLE, live::Topic};

use super::{TARGETS, find, place, target::Target, targets};
use crate::{
    Actor, Ops, Outcome,
    audit::{Entry, record},
};

/// Sets the address of the check `name`; an empty `url` goes back to what is found by itself. A `url` that holds the
/// mask keeps the stored password, as long as host, port and user stay.
///
/// # Errors
/// The actor may not manage settings; `Invalid` for `name` or `url`; the database failed.
pub async fn set_target(ops: &Ops, actor: &Actor, name: &str, url: &str) -> Outcome<()> {
    actor.may(Capability::Manage)?;
    let part = find::part(name)
        .ok_or_else(|| Error::field("name", format!("Give one of {}.", SETTABLE.join(", "))))?;
    let target = if url.trim().is_empty() {
        None
    } else {
        let target = Target::parse(&part, url).map_err(|said| Error::field("url", said))?;
        let set = targets::stored(ops).await?;
        Some(target.keep_password(targets::parsed(&set, &part).as_ref())?)
    };
    let shown = target
        .as_ref()
        .map_or_else(|| "found by itself".to_owned(), Target::masked);
    // The whole of it: what is masked when it is shown is all that needs hiding, but not all that may be there.
    let sealed = target
        .as_ref()
        .map(|target| ops.seal.seal_text(&place(part.name), target.expose()))
        .transpose()?;
    let now = ops.clock.now();
    let mut tx = ops.db.begin().await.map_err(store::StoreError::from)?;
    let value = sealed.as_deref();
    store::settings::set_member(&mut tx, TARGETS, part.name, value, &actor.name, now).await?;
    store::changes::publish(&mut tx, Topic::Settings, TARGETS).await?;
    let on = format!("check {}", part.name);
    let entry = Entry::done("settings.target", &on).with(json!({ "url": shown }));
    record(&mut tx, ops, actor, entry).await?;
    tx.commit().await.map_err(store::StoreError::from)?;
    Ok(())
}
