//! Which backup of a set a runbook restores.

use store::backups::taken::{self, Filter};
use types::{backups::Backup, operations::Phase};

use crate::{Ops, Outcome};

/// As many backups are looked at.
const LOOKED_AT: i64 = 1_000;

/// The backup that is restored, and a newer one that was read back and not proven.
pub(super) struct Newest {
    /// The newest that was proven, or else the newest that was read back.
    pub chosen: Backup,
    /// A newer one, where it was not proven.
    pub newer: Option<Backup>,
}

/// The newest proven backup of a set, or else the newest that can be relied upon; none where there is neither.
///
/// # Errors
/// The database failed.
pub(super) async fn newest(ops: &Ops, set: i64) -> Outcome<Option<Newest>> {
    let filter = Filter {
        set: Some(set),
        ..Filter::default()
    };
    let all = taken::list(&ops.db, filter, LOOKED_AT).await?;
    let good = all.iter().find(|backup| backup.is_green());
    let proven = all
        .iter()
        .find(|backup| backup.status == Phase::Succeeded && backup.proven_at.is_some());
    Ok(proven.or(good).map(|chosen| Newest {
        chosen: chosen.clone(),
        newer: good.filter(|good| good.id > chosen.id).cloned(),
    }))
}
