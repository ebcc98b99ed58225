//! What a restore would do, told before it is asked for.

mod compare;
mod diff;
mod files;
mod mask;

use std::collections::BTreeMap;

use backup::{
    postgres::{self, RowCount, Server},
    space,
};
use store::backups::{restores, sets::Set};
use types::{
    backups::{RestorePlan, RowChange},
    operations::Phase,
};

use super::{
    list, open,
    restore::{KEPT, NOTHING, not_in_place, picked},
    source,
    writers::Writers,
};
use crate::{Actor, Ops, Outcome};

/// Tables that are told.
const TOLD: usize = 20;

/// What restoring a backup would do: what is replaced, what has changed since, which services are stopped, and how long it
/// takes. Of files those at `only` alone are meant, where there are any. What can't be told says why.
///
/// # Errors
/// There is no such backup that the actor may see; `Invalid` of `only`; the database failed.
pub async fn plan(ops: &Ops, actor: &Actor, id: i64, only: &[String]) -> Outcome<RestorePlan> {
    let (backup, set) = list::of_backup(ops, actor, id).await?;
    let only = picked(only)?;
    let is_there = backup.status == Phase::Succeeded;
    let free_bytes = space::free(&ops.backups.spool()).ok();
    let mut plan = RestorePlan {
        set_name: set.settings.name.clone(),
        replaces: replaces(&set),
        stops: Vec::new(),
        changes: Vec::new(),
        changed_tables: 0,
        unknown: None,
        expected_s: expected(ops, &set).await?,
        is_of_files: !set.kind.is_database(),
        files: None,
        needs_bytes: backup.bytes_read,
        free_bytes: free_bytes.and_then(|(free, _)| i64::try_from(free).ok()),
        kept_days: KEPT.whole_days(),
        not_in_place: not_in_place(ops, &set).map(str::to_owned),
        refused: (!is_there).then(|| NOTHING.to_owned()),
        backup,
    };
    if !is_there {
        return Ok(plan);
    }
    if set.kind.is_database() {
        look(ops, &set, &mut plan).await?;
    } else {
        files::look(ops, actor, &set, &only, &mut plan).await?;
    }
    Ok(plan)
}

fn replaces(set: &Set) -> String {
    if !set.kind.is_database() {
        set.settings.paths.join(", ")
    } else if set.service.is_empty() {
        format!("the database {}", set.database)
    } else {
        format!(
            "the database {} of {}/{}",
            set.database, set.project, set.service
        )
    }
}

/// As long as the last drill took, or the last restore.
async fn expected(ops: &Ops, set: &Set) -> Outcome<Option<f64>> {
    if set.drill_s.is_some() {
        return Ok(set.drill_s);
    }
    let last = restores::list(&ops.db, Some(set.id))
        .await?
        .into_iter()
        .next();
    let Some(last) = last else { return Ok(None) };
    let mut tx = ops.begin().await?;
    let operation = store::operations::get(&mut tx, last.operation_id, 0).await?;
    Ok(operation.and_then(|one| Some((one.finished_at? - one.started_at?).as_seconds_f64())))
}

/// Looks at the server and at the manifest.
async fn look(ops: &Ops, set: &Set, plan: &mut RestorePlan) -> Outcome<()> {
    let (server, database) = match source::server(ops, set).await? {
        Ok(found) => found,
        Err(error) => {
            plan.unknown = Some(error.message);
            return Ok(());
        }
    };
    plan.stops = Writers::find(ops, set, &server, &database).await?.names();
    match compared(ops, set, plan.backup.id, &server, &database).await? {
        Ok(changes) => {
            plan.changed_tables = i64::try_from(changes.len()).unwrap_or(i64::MAX);
            plan.changes = changes;
            plan.changes.truncate(TOLD);
        }
        Err(error) => plan.unknown = Some(error.message),
    }
    Ok(())
}

async fn compared(
    ops: &Ops,
    set: &Set,
    backup: i64,
    server: &Server,
    database: &str,
) -> Outcome<Result<Vec<RowChange>, backup::Error>> {
    let (restic, stored) = match open::database(ops, set, backup).await? {
        Ok(found) => found,
        Err(error) => return Ok(Err(error)),
    };
    let counted = async {
        let details = stored.details(&restic).await?;
        let now = postgres::row_counts(server, database).await?;
        let then = details.manifest.rows().into_iter();
        let then = then.map(|((schema, name), rows)| (format!("{schema}.{name}"), rows));
        Ok(differences(&then.collect(), &now))
    };
    Ok(counted.await)
}

/// Tables whose number of rows is another, those that differ most first.
fn differences(then: &BTreeMap<String, u64>, now: &BTreeMap<String, RowCount>) -> Vec<RowChange> {
    let signed = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
    let mut all: Vec<RowChange> = (now.iter())
        .map(|(table, count)| RowChange {
            table: table.clone(),
            then: then.get(table).copied().map(signed),
            now: Some(signed(count.rows)),
            is_estimate: count.is_estimate,
        })
        .collect();
    let gone = then.iter().filter(|(table, _)| !now.contains_key(*table));
    all.extend(gone.map(|(table, rows)| RowChange {
        table: table.clone(),
        then: Some(signed(*rows)),
        now: None,
        is_estimate: false,
    }));
    let differs_by = |one: &RowChange| match (one.then, one.now) {
        (Some(then), Some(now)) => then.abs_diff(now),
        (then, now) => then.or(now).unwrap_or(0).unsigned_abs().max(1),
    };
    all.retain(|one| differs_by(one) > 0);
    all.sort_by_key(|one| std::cmp::Reverse(differs_by(one)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_changed_is_told_by_table_the_most_first() {
        let then = BTreeMap::from([
            ("public.a".to_owned(), 5),
            ("public.b".to_owned(), 5),
            ("public.gone".to_owned(), 0),
        ]);
        let count = |rows| RowCount {
            rows,
            is_estimate: false,
        };
        let now = BTreeMap::from([
            ("public.a".to_owned(), count(5)),
            ("public.b".to_owned(), count(25)),
            ("public.new".to_owned(), count(3)),
        ]);
        let told: Vec<_> = differences(&then, &now)
            .into_iter()
            .map(|one| (one.table, one.then, one.now))
            .collect();
        assert_eq!(
            told,
            [
                ("public.b".to_owned(), Some(5), Some(25)),
                ("public.new".to_owned(), None, Some(3)),
                ("public.gone".to_owned(), Some(0), None),
            ]
        );
    }
}
