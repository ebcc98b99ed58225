use super::*;

#[test]
fn a_badge_without_facts_is_not_green() {
    assert_eq!(services_well(&Overview::default()).0, Tone::Unk);
    let well = Overview {
        services: 3,
        services_well: 3,
        ..Overview::default()
    };
    assert_eq!(services_well(&well), (Tone::Ok, "3 of 3 well".to_owned()));
    let short = Overview {
        services: 3,
        services_well: 2,
        ..Overview::default()
    };
    assert_eq!(services_well(&short).0, Tone::Unk);
    let silent = Overview {
        services: 6,
        problems: vec![Problem {
            status: Status::Critical,
            text: String::new(),
            since: None,
            when: types::overview::When::Since,
            href: "/deployment".to_owned(),
        }],
        ..Overview::default()
    };
    let unknown = (Tone::Unk, "6 unknown".to_owned());
    assert_eq!(services_well(&silent), unknown);
}

#[test]
fn a_check_that_is_not_well_is_headed_by_what_is_wrong() {
    let mut check = Check {
        name: "backend".to_owned(),
        status: Status::Ok,
        ok: true,
        summary: "answers".to_owned(),
        latency_ms: Some(3.0),
        detail: String::new(),
        target: String::new(),
        service: String::new(),
        figures: vec![types::health::Figure {
            name: "error rate of requests".to_owned(),
            text: "0 of 239 requests ended in an error, 0 %, limit 1 %".to_owned(),
            status: Status::Ok,
        }],
        checked_at: None,
        last_success_at: None,
        since: None,
        began_before: false,
    };
    assert_eq!(figure_of(&check).as_deref(), Some("3.0 ms"));
    check.latency_ms = None;
    assert!(figure_of(&check).is_some_and(|text| text.starts_with("0 of 239")));
    check.status = Status::Critical;
    "does not run".clone_into(&mut check.summary);
    assert_eq!(figure_of(&check).as_deref(), Some("does not run"));
    "fails often (9 of 10, 90 %)".clone_into(&mut check.summary);
    assert_eq!(figure_of(&check).as_deref(), Some("fails often"));
}

#[test]
fn names_are_written_as_people_write_them() {
    assert_eq!(name_of("database"), "Database");
    assert_eq!(name_of("gpu"), "GPU");
    assert_eq!(name_of(""), "");
}
