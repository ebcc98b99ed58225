//! Files or rows are gone.

use store::runbooks::NewStep;

use super::{
    draft::{person, restore, smoke, transaction_logs, verify},
    subject::Of,
};

/// Its steps.
pub(super) fn steps(of: &Of) -> Vec<NewStep> {
    let mut steps = vec![person(
        "Stop what deletes, and say what is gone and since when",
        "A cleaner, a job or a person may still be at it. Note what is missing, so that it can be looked for afterwards.",
    )];
    steps.extend(of.parts.iter().map(restore));
    if of.parts.iter().any(|part| part.kind.is_database()) {
        steps.push(transaction_logs());
    }
    steps.extend([
        person(
            "See that what was gone is there again",
            "Let somebody look who knows the data, and note what they looked at.",
        ),
        verify(),
        smoke(),
    ]);
    steps
}
