use time::macros::datetime;

use super::*;

fn event(
    second: i64,
    service: &str,
    container: &str,
    action: &str,
    code: Option<i64>,
) -> EngineEvent {
    EngineEvent {
        id: second,
        at: datetime!(2026-11-19 12:00 UTC) + time::Duration::seconds(second),
        project: "shop".to_owned(),
        service: service.to_owned(),
        container_id: container.to_owned(),
        action: action.to_owned(),
        exit_code: code,
        image: String::new(),
        asked_by: None,
        detail: String::new(),
    }
}

fn told(events: &[EngineEvent]) -> Vec<(String, Status)> {
    let marks = gather(events).into_iter();
    marks.map(|mark| (mark.text, mark.status)).collect()
}

fn one(text: &str, status: Status) -> Vec<(String, Status)> {
    vec![(text.to_owned(), status)]
}

#[test]
fn a_restart_is_one_mark() {
    let restart = [
        event(0, "web", "a", "die", Some(0)),
        event(3, "web", "a", "start", None),
    ];
    assert_eq!(told(&restart), one("web restarted", Status::Ok));
    let crash = [
        event(0, "web", "a", "die", Some(2)),
        event(3, "web", "a", "start", None),
    ];
    assert_eq!(
        told(&crash),
        one("web failed and restarted", Status::Warning)
    );
    let killed = [
        event(0, "web", "a", "oom", None),
        event(0, "web", "a", "die", Some(137)),
        event(3, "web", "a", "start", None),
    ];
    assert_eq!(
        told(&killed),
        one("web ran out of memory and restarted", Status::Critical)
    );
    let anew = [
        event(0, "web", "a", "die", Some(143)),
        event(3, "web", "b", "start", None),
    ];
    assert_eq!(told(&anew), one("web restarted", Status::Ok));
    assert_eq!(gather(&anew)[0].href, "/deployment/shop/web");
}

#[test]
fn ends_and_starts_that_are_far_apart_are_two() {
    let events = [
        event(0, "web", "a", "die", Some(0)),
        event(500, "web", "a", "start", None),
    ];
    let both = [
        one("web stopped", Status::Unknown),
        one("web started", Status::Ok),
    ]
    .concat();
    assert_eq!(told(&events), both);
    assert_eq!(told(&events[..1]), one("web stopped", Status::Unknown));
    let others = [
        event(0, "web", "a", "die", Some(1)),
        event(1, "db", "b", "start", None),
    ];
    let both = [
        one("web ended with code 1", Status::Critical),
        one("db started", Status::Ok),
    ]
    .concat();
    assert_eq!(told(&others), both);
}

#[test]
fn a_crash_stands_at_its_end_and_a_later_start_at_its_own_time() {
    let mut events = [
        event(0, "web", "a", "oom", None),
        event(0, "web", "a", "die", Some(137)),
        event(46, "web", "a", "start", None),
    ];
    let both = [
        one("web ran out of memory", Status::Critical),
        one("web started", Status::Ok),
    ]
    .concat();
    assert_eq!(told(&events), both);
    assert_eq!(gather(&events)[1].at, millis(events[2].at));
    events[2].at = events[1].at + time::Duration::seconds(3);
    events[2].asked_by = Some("Ada".to_owned());
    assert_eq!(told(&events), both, "somebody started it");
}

#[test]
fn the_newest_hundred_stay() {
    let many: Vec<EngineEvent> = (0..150)
        .map(|second| event(second, &format!("s{second}"), "a", "start", None))
        .collect();
    let marks = gather(&many);
    assert_eq!(
        (marks.len(), marks[99].text.as_str()),
        (100, "s149 started")
    );
}
