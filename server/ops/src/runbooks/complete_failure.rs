//! Nothing runs, or the machine is a new one.

use store::runbooks::NewStep;
use types::backups::SetKind;

use super::{
    draft::{infrastructure, person, restore, smoke, transaction_logs, verify},
    subject::Of,
};

/// Its steps: what tells how it is run first, then what runs, then its databases and its files.
pub(super) fn steps(of: &Of) -> Vec<NewStep> {
    let restores = |kind: SetKind| of.parts.iter().filter(move |part| part.kind == kind);
    let mut steps = vec![person(
        "Make the machine ready",
        "Docker runs, the disks are mounted, the images can be fetched, and the recovery sheet is at hand. On a new machine the \
         console itself comes first: ytops restore-self.",
    )];
    steps.extend(restores(SetKind::Config).map(restore));
    steps.push(infrastructure(""));
    steps.extend(restores(SetKind::Database).map(restore));
    steps.extend(restores(SetKind::Directory).map(restore));
    steps.extend([transaction_logs(), verify(), smoke()]);
    steps
}
