use super::*;

/// One of each kind, with nothing in it empty.
fn all() -> Vec<Error> {
    let text = || "text".to_owned();
    vec![
        Error::Unauthenticated,
        Error::WrongCredentials,
        Error::SecondFactor { wrong: true },
        Error::Forbidden {
            capability: Capability::SeeAudit,
        },
        Error::ForeignOrigin,
        Error::StepUpRequired,
        Error::not_found("team"),
        Error::field("email", "Give an address."),
        Error::Malformed { message: text() },
        Error::conflict("It runs."),
        Error::TooLarge { limit_bytes: 7 },
        Error::TooManyTries { retry_after_s: 7 },
        Error::Unavailable {
            what: text(),
            hint: text(),
        },
        Error::Internal { trace_id: text() },
        Error::Unreachable,
    ]
}

#[test]
fn an_error_survives_the_wire() {
    for error in all() {
        let text = serde_json::to_string(&error).unwrap_or_default();
        assert_eq!(
            serde_json::from_str::<Error>(&text).ok(),
            Some(error),
            "{text}"
        );
    }
}

#[test]
fn waits_read_as_people_say_them() {
    assert_eq!(describe_wait(60), "60 seconds");
    assert_eq!(describe_wait(3_600), "60 minutes");
    assert_eq!(describe_wait(86_400), "24 hours");
}
