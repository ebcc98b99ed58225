use super::*;

fn refused(check: impl FnOnce(&mut Fields)) -> Option<String> {
    let mut fields = Fields::default();
    check(&mut fields);
    fields.done().err()?.of_field("f").map(str::to_owned)
}

#[test]
fn addresses() {
    for good in [
        "a@b",
        "root@localhost",
        "o'brien+x@mail.example.com",
        " a@b.c ",
    ] {
        assert_eq!(refused(|f| drop(f.email("f", good))), None, "{good}");
    }
    let long = format!("{}@example.com", "a".repeat(250));
    for bad in [
        "", "a", "@b", "a@", "a@b@c", "a b@c", "a@b..c", "a@-b", "a\0@b", "a@b\n", "ä@b.c",
        "<a@b>", &long,
    ] {
        // A line break at the end is space around it.
        let expected = bad != "a@b\n";
        assert_eq!(
            refused(|f| drop(f.email("f", bad))).is_some(),
            expected,
            "{bad:?}"
        );
    }
}

#[test]
fn names() {
    let (fits, too_long) = ("ä".repeat(100), "ä".repeat(101));
    for good in [
        "Ada",
        "<script>alert(1)</script>",
        "Robert'); DROP TABLE users;--",
        &fits,
    ] {
        assert_eq!(refused(|f| drop(f.name("f", good))), None, "{good}");
    }
    for bad in [
        "",
        "   ",
        "a\0b",
        "a\nb",
        "a\u{1b}[31m",
        "a\u{202e}b",
        &too_long,
    ] {
        assert!(refused(|f| drop(f.name("f", bad))).is_some(), "{bad:?}");
    }
}

#[test]
fn team_names_are_what_the_schema_takes() {
    let (fits, too_long) = ("a".repeat(40), "a".repeat(41));
    for good in ["a", "0", "web-team_2", &fits] {
        assert_eq!(refused(|f| drop(f.team_name("f", good))), None, "{good}");
    }
    for bad in ["", "-a", "A", "a b", "ä", "a\0", &too_long] {
        assert!(
            refused(|f| drop(f.team_name("f", bad))).is_some(),
            "{bad:?}"
        );
    }
}

#[test]
fn passwords() {
    let (fits, too_long) = ("aé3-x".repeat(40), "aé3-x".repeat(40) + "a");
    for good in ["a-quiet-harbour", "käsekuchen mit sahne", &fits] {
        assert_eq!(
            refused(|f| f.new_password("f", good, "ada@example.com")),
            None,
            "{good}"
        );
    }
    for bad in [
        "short",
        "Password1234",
        "aaaaaaaaaaaaaaaa",
        "x-Ada-y-1234567",
        "a-quiet\0harbour",
        &too_long,
    ] {
        assert!(
            refused(|f| f.new_password("f", bad, "ada@example.com")).is_some(),
            "{bad:?}"
        );
    }
    assert_eq!(
        refused(|f| f.new_password("f", "a-quiet-harbour", "a@b")),
        None
    );
}

#[test]
fn every_common_password_is_long_enough_to_need_the_list() {
    for common in COMMON {
        assert!(common.chars().count() >= PASSWORD_MIN, "{common}");
        assert_eq!(&common.to_lowercase(), common);
    }
}
