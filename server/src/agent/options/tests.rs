use super::*;

#[test]
fn what_would_send_the_token_in_the_clear_is_refused() {
    for (text, insecure, well) in [
        ("https://ops.example.com", false, true),
        ("https://ops.example.com:8443/ytops/", false, true),
        ("http://ops.example.com", false, false),
        ("http://ops.example.com", true, true),
        ("http://127.0.0.1:3000", false, true),
        ("http://127.1.2.3:3000", false, true),
        ("http://[::1]:3000", false, true),
        ("http://localhost:3000", false, true),
        ("http://localhost.example.com", false, false),
        ("http://10.0.0.1", false, false),
        ("ftp://127.0.0.1", true, false),
        ("ops.example.com", true, false),
        ("https://me:secret@ops.example.com", false, false),
        ("https://ops.example.com/?x", false, false),
        ("", true, false),
    ] {
        assert_eq!(url(text, insecure).is_ok(), well, "{text} {insecure}");
    }
}

#[test]
fn a_token_is_read_from_one_place() {
    let told = |given: Option<&str>, file: Option<&str>| {
        token(given.map(str::to_owned), file.map(PathBuf::from)).map_err(|e| e.to_string())
    };
    assert_eq!(told(Some(" ytops_1 "), None).as_deref(), Ok("ytops_1"));
    for (given, file, reason) in [
        (None, None, "is missing"),
        (Some(""), None, "is missing"),
        (Some("a"), Some("/dev/null"), "two tokens"),
        (None, Some("/nowhere/at/all"), "can't be read"),
        (None, Some("/dev/null"), "holds no token"),
        (None, Some("/dev/zero"), "holds no token"),
        (Some("a b"), None, "holds no token"),
        (Some("a\nb"), None, "holds no token"),
    ] {
        let refused = told(given, file).err().unwrap_or_default();
        assert!(refused.contains(reason), "{given:?} {file:?}: {refused}");
        assert!(!refused.contains("a b"), "{refused}");
    }
}

#[test]
fn authorities_are_read_or_missed() {
    let told = |path: &str| tls(Some(&PathBuf::from(path))).err().map(|e| e.to_string());
    for path in ["/nowhere/ca.pem", "/dev/null"] {
        let refused = told(path).unwrap_or_default();
        assert!(refused.contains("holds no certificate"), "{refused}");
    }
}
