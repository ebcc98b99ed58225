//! A service does not run, or does not do what it should.

use store::runbooks::NewStep;

use super::{
    draft::{infrastructure, person, restart, smoke, verify},
    subject::Of,
};

/// Its steps.
pub(super) fn steps(of: &Of) -> Vec<NewStep> {
    vec![
        person(
            "Read its log, and see what has changed",
            "The service's page has both. Note what it says: it is gone from the container after the next step but one.",
        ),
        restart(&of.service),
        infrastructure(&of.service),
        verify(),
        smoke(),
    ]
}
