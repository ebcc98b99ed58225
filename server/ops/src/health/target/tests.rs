#![expect(clippy::unwrap_used, reason = "a test may stop")]
use super::*;

fn database(text: &str) -> Target {
    Target::parse(&find::DATABASE, text).unwrap()
}

#[test]
fn a_password_is_never_shown() {
    let target = database("postgres://yt:p%40ss@db.local:5433/ytempire");
    assert_eq!(
        target.masked(),
        format!("postgres://yt:{MASK}@db.local:5433/ytempire")
    );
    let login = target.postgres();
    assert_eq!(
        (login.user.as_str(), login.database.as_str()),
        ("yt", "ytempire")
    );
    assert_eq!(login.password.clone().unwrap().expose(), "p@ss");
    assert!(!format!("{login:?}").contains("p@ss"));
    assert_eq!(target.address(&find::DATABASE).to_string(), "db.local:5433");
}

#[test]
fn what_is_left_out_is_filled_in() {
    let target = database("postgresql://yt@[::1]");
    assert_eq!(target.address(&find::DATABASE).to_string(), "[::1]:5432");
    assert_eq!(target.postgres().database, "yt");
    let web = Target::parse(&find::BACKEND, "http://api.local/health?deep=1").unwrap();
    assert_eq!(web.address(&find::BACKEND).to_string(), "api.local:80");
    assert_eq!(web.path(), "/health?deep=1");
    assert_eq!(web.login(), None);
}

#[test]
fn what_is_wrong_is_said_without_repeating_it() {
    let cases = [
        (find::DATABASE, "http://127.0.0.1"),
        (find::DATABASE, "postgres://127.0.0.1/x"),
        (find::DATABASE, "postgres://u:s3cret@127.0.0.1/x?host=/run"),
        (find::REDIS, "redis://"),
        (find::BACKEND, "https://127.0.0.1"),
        (find::BACKEND, "127.0.0.1:8000"),
        (find::BACKEND, "javascript:alert(1)"),
        (find::BACKEND, "http://127.0.0.1/#s3cret"),
        (find::BACKEND, ""),
    ];
    for (part, text) in cases {
        let said = Target::parse(&part, text).unwrap_err();
        assert!(!said.is_empty() && !said.contains("s3cret"), "{said}");
    }
    let long = format!("http://h/{}", "a".repeat(LONGEST));
    assert!(Target::parse(&find::BACKEND, &long).is_err());
}

#[test]
fn what_is_no_address_is_said_in_plain_words() {
    for (part, text, told) in [
        (find::DATABASE, "not a url", "Begin with postgres://, like"),
        (find::REDIS, "", "Begin with redis://, like"),
        (find::BACKEND, "http://", "Name a host, like"),
        (
            find::BACKEND,
            "http://h:70000/",
            "The port is a number up to 65535",
        ),
        (
            find::BACKEND,
            "http://h:x/",
            "The port is a number up to 65535",
        ),
        (
            find::BACKEND,
            "http://1.2.3.4.5/",
            "The host is neither a name nor an address",
        ),
        (
            find::BACKEND,
            "http://[::g]/",
            "The host is neither a name nor an address",
        ),
    ] {
        let said = Target::parse(&part, text).unwrap_err();
        assert!(said.starts_with(told), "{text}: {said}");
    }
}

#[test]
fn what_wants_tls_is_told_that_checks_do_not_speak_it() {
    for (part, text) in [
        (find::BACKEND, "https://api.example/health"),
        (find::REDIS, "rediss://:s3cret@127.0.0.1"),
        (
            find::DATABASE,
            "postgres://u:s3cret@127.0.0.1/x?sslmode=require",
        ),
    ] {
        let said = Target::parse(&part, text).unwrap_err();
        assert!(
            said.contains("do not speak TLS") && !said.contains("s3cret"),
            "{said}"
        );
    }
}

#[test]
fn a_masked_password_is_kept_only_for_the_same_place() {
    let old = database("postgres://yt:p%40ss@db.local/ytempire");
    let shown = database(&old.masked().replace("ytempire", "other"));
    let kept = shown.keep_password(Some(&old)).unwrap();
    assert_eq!(kept.postgres().password.unwrap().expose(), "p@ss");
    for moved in [
        format!("postgres://yt:{MASK}@evil.example/ytempire"),
        format!("postgres://yt:{MASK}@db.local:5433/ytempire"),
        format!("postgres://root:{MASK}@db.local/ytempire"),
    ] {
        assert!(
            database(&moved).keep_password(Some(&old)).is_err(),
            "{moved}"
        );
    }
    assert!(database(&old.masked()).keep_password(None).is_err());
    let typed = database("postgres://yt:new@elsewhere/ytempire");
    assert_eq!(typed.clone().keep_password(Some(&old)).unwrap(), typed);
}
