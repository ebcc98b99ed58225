//! Rows as the stack is made of them.

use std::{collections::HashMap, sync::Arc};

use store::{PgPool, StoreError};

use super::assemble::{Known, OnDisk};
use crate::outside::Container;

/// Every container; only what was written since is read again.
pub(super) async fn read_containers(
    db: &PgPool,
    before: &[Arc<Known>],
) -> Result<Vec<Arc<Known>>, StoreError> {
    let versions = store::containers::versions(db).await?;
    let by_id: HashMap<&str, &Arc<Known>> = before
        .iter()
        .map(|known| (known.container.id.as_str(), known))
        .collect();
    let stale: Vec<String> = versions
        .iter()
        .filter(|now| {
            by_id
                .get(now.id.as_str())
                .is_none_or(|known| known.version != now.version)
        })
        .map(|now| now.id.clone())
        .collect();
    let mut fresh: HashMap<String, Arc<Known>> = HashMap::new();
    for row in store::containers::of_ids(db, &stale).await? {
        fresh.insert(row.id.clone(), Arc::new(known(row)?));
    }
    let current = versions.iter().filter_map(|now| {
        fresh
            .remove(&now.id)
            .or_else(|| by_id.get(now.id.as_str()).map(|known| Arc::clone(known)))
    });
    Ok(current.collect())
}

fn known(row: store::containers::Row) -> Result<Known, StoreError> {
    Ok(Known {
        container: readable::<Container>("container", row.facts)?,
        since: Some(row.since),
        began_before: row.began_before,
        drift: readable("drift", row.drift)?,
        drift_since: row.drift_since,
        drift_began_before: row.drift_began_before,
        version: row.version,
    })
}

/// A project and what is known of its files.
pub(super) fn on_disk(row: store::projects::Row) -> Result<OnDisk, StoreError> {
    Ok(OnDisk {
        name: row.name,
        files: readable("files", row.files)?,
        drift_unknown: row.drift_unknown,
        services: readable("services", row.services)?,
    })
}

fn readable<T: serde::de::DeserializeOwned>(
    what: &str,
    value: serde_json::Value,
) -> Result<T, StoreError> {
    serde_json::from_value(value).map_err(|error| StoreError::Corrupt(format!("{what}: {error}")))
}
