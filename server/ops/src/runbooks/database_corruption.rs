//! A database is damaged, or holds what is wrong.

use store::runbooks::NewStep;

use super::{
    draft::{person, restore, smoke, transaction_logs, verify},
    subject::Of,
};

/// Its steps.
pub(super) fn steps(of: &Of) -> Vec<NewStep> {
    let mut steps = vec![person(
        "Say what is wrong, and since when",
        "Read the database's log, and tell those who use it. A backup that was taken after the damage has it as well: if \
         that is so of the newest one, skip the restore below and restore an older one from the set's page.",
    )];
    steps.extend(of.parts.iter().map(restore));
    steps.extend([transaction_logs(), verify(), smoke()]);
    steps
}
