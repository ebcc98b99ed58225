//! Sets the thresholds.

use std::ops::RangeInclusive;

use serde_json::json;
use types::{Capability, Error, FieldError, live::Topic, preflight::Thresholds};

use super::THRESHOLDS;
use crate::{
    Actor, Ops, Outcome,
    audit::{Entry, record},
};

/// Sets all thresholds at once; the next round of checks goes by them.
///
/// # Errors
/// The actor may not manage settings; `Invalid` names every field out of its bounds; the database failed.
pub async fn set_thresholds(ops: &Ops, actor: &Actor, thresholds: Thresholds) -> Outcome<()> {
    actor.may(Capability::Manage)?;
    check(&thresholds)?;
    let now = ops.clock.now();
    let mut tx = ops.db.begin().await.map_err(store::StoreError::from)?;
    store::settings::set(&mut tx, THRESHOLDS, &thresholds, &actor.name, now).await?;
    store::changes::publish(&mut tx, Topic::Settings, THRESHOLDS).await?;
    let entry = Entry::done("settings.thresholds", "setting thresholds");
    record(&mut tx, ops, actor, entry.with(json!(thresholds))).await?;
    tx.commit().await.map_err(store::StoreError::from)?;
    Ok(())
}

fn check(thresholds: &Thresholds) -> Result<(), Error> {
    let fields: Vec<FieldError> = [
        whole("min_cores", thresholds.min_cores, 1..=4_096),
        whole("min_memory_gib", thresholds.min_memory_gib, 1..=65_536),
        real("min_storage_tb", thresholds.min_storage_tb, 0.0..=100_000.0),
        real(
            "max_response_ms",
            thresholds.max_response_ms,
            1.0..=60_000.0,
        ),
        real("max_error_rate", thresholds.max_error_rate, 0.0..=1.0),
        real("max_cpu_usage", thresholds.max_cpu_usage, 0.01..=1.0),
        real("max_disk_usage", thresholds.max_disk_usage, 0.01..=1.0),
        real("max_memory_usage", thresholds.max_memory_usage, 0.01..=1.0),
    ]
    .into_iter()
    .flatten()
    .collect();
    if fields.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid { fields })
    }
}

fn whole(field: &str, value: u32, allowed: RangeInclusive<u32>) -> Option<FieldError> {
    (!allowed.contains(&value)).then(|| FieldError {
        field: field.to_owned(),
        message: format!(
            "Give a whole number from {} to {}.",
            allowed.start(),
            allowed.end()
        ),
    })
}

/// Not-a-number lies in no range, so it is refused as well.
fn real(field: &str, value: f64, allowed: RangeInclusive<f64>) -> Option<FieldError> {
    (!allowed.contains(&value)).then(|| FieldError {
        field: field.to_owned(),
        message: format!(
            "Give a number from {} to {}.",
            allowed.start(),
            allowed.end()
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_allowed() {
        assert_eq!(check(&Thresholds::default()), Ok(()));
    }

    #[test]
    fn every_field_out_of_bounds_is_named() {
        let thresholds = Thresholds {
            min_cores: 0,
            max_error_rate: f64::NAN,
            max_disk_usage: 80.0,
            ..Thresholds::default()
        };
        let Err(error) = check(&thresholds) else {
            unreachable!("out of bounds")
        };
        for field in ["min_cores", "max_error_rate", "max_disk_usage"] {
            assert!(error.of_field(field).is_some(), "{field}");
        }
        assert_eq!(error.of_field("min_memory_gib"), None);
    }
}
