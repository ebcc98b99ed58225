//! Tables that the server has written within this second.
//!
//! Where many look at once, as when something is wrong, all who may do the same see the same table, and of hundreds of
//! services it is most of what the page costs. While one page is resolved its views are made more than once besides.

use std::sync::{Arc, Mutex, PoisonError};

use leptos::prelude::*;
use time::OffsetDateTime;
use types::{Role, listing::Listing};

use crate::components::{clock::Clock, rows::Write, viewer::Viewer};

/// As many tables as are kept, so that many teams cost no memory without end.
const MOST: usize = 32;

/// What a table depends on besides the list.
#[derive(Clone, PartialEq, Eq)]
struct Key {
    project: Arc<str>,
    now: OffsetDateTime,
    /// What the viewer may do follows from these.
    viewer: Option<(Role, Vec<String>)>,
}

/// Tables of the same list. It is held, so that no other one can take its place in memory.
struct Kept {
    listing: Arc<Listing>,
    tables: Vec<(Key, Arc<str>)>,
}

static KEPT: Mutex<Option<Kept>> = Mutex::new(None);

/// The table of a project for who looks now, as `write` writes it.
pub fn table(listing: &Arc<Listing>, project: &Arc<str>, write: &Write) -> Arc<str> {
    let viewer = Viewer::here().get_untracked();
    let key = Key {
        project: Arc::clone(project),
        now: Clock::here().now_untracked(),
        viewer: viewer.map(|viewer| (viewer.role, viewer.teams)),
    };
    if let Some(table) = kept(listing, &key) {
        return table;
    }
    let table = untrack(write).into_html();
    keep(listing, key, Arc::clone(&table));
    table
}

fn kept(listing: &Arc<Listing>, key: &Key) -> Option<Arc<str>> {
    let all = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let all = all
        .as_ref()
        .filter(|all| Arc::ptr_eq(&all.listing, listing))?;
    let found = all.tables.iter().find(|(known, _)| known == key)?;
    Some(Arc::clone(&found.1))
}

fn keep(listing: &Arc<Listing>, key: Key, table: Arc<str>) {
    let mut all = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let same = all.take().filter(|all| Arc::ptr_eq(&all.listing, listing));
    let mut tables = same.map(|all| all.tables).unwrap_or_default();
    tables.retain(|(known, _)| known.now == key.now);
    if tables.len() < MOST {
        tables.push((key, table));
    }
    *all = Some(Kept {
        listing: Arc::clone(listing),
        tables,
    });
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::components::rows::Rows;

    /// How often a table is written while `ask` asks for tables.
    fn written(ask: impl FnOnce(&dyn Fn(&Arc<Listing>, Role))) -> usize {
        let owner = Owner::new();
        owner.set();
        Clock::provide();
        let count = Arc::new(AtomicUsize::new(0));
        let project: Arc<str> = "shop".into();
        let one = |listing: &Arc<Listing>, role| {
            let viewer = RwSignal::new(Some(Viewer {
                id: 1,
                name: String::new(),
                role,
                teams: Vec::new(),
                proof_until: None,
                has_second_factor: false,
            }));
            provide_context(viewer);
            let count = Arc::clone(&count);
            let write: Write = Box::new(move || {
                count.fetch_add(1, Ordering::Relaxed);
                Rows::new(&[])
            });
            table(listing, &project, &write);
        };
        ask(&one);
        count.load(Ordering::Relaxed)
    }

    #[test]
    fn a_table_is_written_once_for_all_who_see_the_same() {
        let (first, second) = (Arc::<Listing>::default(), Arc::<Listing>::default());
        let count = written(|ask| {
            ask(&first, Role::Cto);
            ask(&first, Role::Cto);
        });
        assert_eq!(count, 1);
        let count = written(|ask| {
            ask(&second, Role::Cto);
            ask(&second, Role::Viewer);
            ask(&second, Role::Viewer);
            ask(&first, Role::Viewer);
        });
        assert_eq!(count, 3, "another viewer, and another list");
    }
}
