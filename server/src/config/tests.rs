use std::os::unix::ffi::OsStrExt;

use super::*;

fn load_over(file: File, pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::from_parts(file, |name| {
        let found = pairs.iter().rfind(|(key, _)| *key == name);
        Ok(found.map(|(_, value)| (*value).to_owned()))
    })
}

fn load(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    load_over(File::default(), pairs)
}

fn told<T>(result: Result<T, ConfigError>) -> String {
    let error = result.err().map(|error| error.to_string());
    error.unwrap_or_default()
}

const DB: (&str, &str) = ("DATABASE_URL", "postgres://ytops:secret@localhost/ytops");

#[test]
fn a_missing_database_is_missed_by_whom_it_lacks() {
    let config = load(&[]).ok();
    assert!(config.is_some(), "not every command needs a database");
    let error = config
        .map(|config| told(config.database()))
        .unwrap_or_default();
    assert!(
        error.starts_with("DATABASE_URL is not set: give a Postgres address"),
        "{error}"
    );
}

#[test]
fn every_wrong_setting_is_refused_by_name() {
    for (name, value) in [
        ("DATABASE_URL", "localhost"),
        ("DATABASE_URL", "postgres://localhost:port/ytops"),
        ("YTOPS_LISTEN", "localhost"),
        ("YTOPS_PUBLIC_URL", "ops.example.com"),
        ("YTOPS_PUBLIC_URL", "https://ops.example.com/path"),
        ("YTOPS_PUBLIC_URL", "https://ops.example.com?x"),
        ("YTOPS_PUBLIC_URL", "https://h:notaport"),
        ("YTOPS_PUBLIC_URL", "https://h:70000"),
        ("YTOPS_PUBLIC_URL", "https://user@h"),
        ("YTOPS_PUBLIC_URL", "ftp://h"),
        ("YTOPS_TRUSTED_PROXIES", "10.0.0.0/99"),
        ("DOCKER_HOST", "npipe://x"),
        ("DOCKER_HOST", "tcp://"),
        ("DOCKER_HOST", "tcp://engine"),
        ("DOCKER_HOST", "tcp://engine:port"),
        ("DOCKER_HOST", "tcp://engine:2375/v1"),
        ("YTOPS_BACKUP_DIR", "backups"),
        ("YTOPS_RCLONE_CONFIG", "rclone.conf"),
        ("YTOPS_LOG", "warning"),
        ("YTOPS_LOG", "info,verbose"),
        ("YTOPS_LOG", "info,ops=loud"),
        ("YTOPS_LOG", "3"),
        ("YTOPS_LOG", "ops::health"),
    ] {
        let error = load(&[DB, (name, value)]).err().map(|error| error.name);
        assert_eq!(error.as_deref(), Some(name), "{value}");
    }
}

#[test]
fn the_engine_is_a_socket_or_a_host_with_its_port() {
    for host in [
        "unix:///run/docker.sock",
        "tcp://engine:2375",
        "tcp://10.0.0.1:2375/",
        "tcp://[::1]:2375",
    ] {
        let config = load(&[("DOCKER_HOST", host)]);
        assert!(config.is_ok(), "{host}: {}", told(config));
    }
}

#[test]
fn filters_are_levels_for_all_or_by_part() {
    for filter in [
        "off",
        "info",
        "WARN",
        "info,ops=debug",
        "warn,server::http=trace",
    ] {
        let config = load(&[("YTOPS_LOG", filter)]);
        assert!(config.is_ok(), "{filter}: {}", told(config));
    }
}

#[test]
fn no_password_is_printed() {
    for (given, shown) in [
        (
            "mysql://ytops:secret@localhost/x",
            "mysql://ytops:***@localhost/x",
        ),
        (
            "postgres://u:sec%ret@h/x?password=secret&a=b",
            "postgres://u:***@h/x?password=***&a=b",
        ),
        ("postgres://u:se:cr@et@h/x", "postgres://u:***@h/x"),
        // What can't be taken apart shows where it leads and nothing else.
        ("postgres://u:secret@h:port/x", "postgres://***@h/***"),
        ("postgres://u:sec/ret@h/x", "postgres://***@h/***"),
        (
            "postgres://u:1/secret@db.example.com/x",
            "postgres://***@db.example.com/***",
        ),
        ("postgres://u:1#secret@h", "postgres://***@h/***"),
        ("postgres://u:a@b:1/secret@h/x", "postgres://***@h/***"),
        (
            "postgres://localhost:port/ytops",
            "postgres://localhost/***",
        ),
        ("postgres://u:secret", "postgres://u/***"),
        ("https://h:notaport", "https://h/***"),
        // Which @ ends the password nobody can tell.
        ("postgres://u:sec?ret@h:port/x", "postgres://***"),
        ("postgres://u:x@h:port/x?password=sec@ret", "postgres://***"),
        ("postgres://u:x@h/x?password=sec@ret", "postgres://***"),
        ("postgres://u:secret@se cret/x", "postgres://***"),
        ("host=localhost password=secret", "***"),
        ("ytops:secret@localhost/ytops", "***"),
    ] {
        assert_eq!(mask(given), shown);
    }
    for (name, value) in [
        ("DATABASE_URL", "mysql://ytops:secret@localhost/ytops"),
        (
            "DATABASE_URL",
            "postgres://ytops:secret@localhost:port/ytops",
        ),
        ("YTOPS_PUBLIC_URL", "https://ops:secret@ops.example.com"),
        ("DOCKER_HOST", "ssh://root:secret@server"),
    ] {
        let error = told(load(&[(name, value)]));
        assert!(error.starts_with(&format!("{name} is \"")), "{error}");
        assert!(
            error.contains("***") && !error.contains("secret"),
            "{error}"
        );
    }
}

#[test]
fn an_address_of_the_database_that_cannot_be_read_says_what_is_wrong() {
    let encoded = " (in user and password : / ? # @ % are written %3A %2F %3F %23 %40 %25)";
    for (given, shown, fault) in [
        (
            "postgres://u:secret@h:port/x",
            "postgres://***@h/***",
            format!("its port is no number from 0 to 65535{encoded}"),
        ),
        (
            "postgres://localhost:port/x",
            "postgres://localhost/***",
            "its port is no number from 0 to 65535".to_owned(),
        ),
        (
            "postgres://u:secret@[::g]/x",
            "postgres://***",
            format!("its host can't be read{encoded}"),
        ),
        (
            "localhost/ytops",
            "***",
            "it does not begin with postgres://".to_owned(),
        ),
        (
            "mysql://u:secret@h/x",
            "mysql://u:***@h/x",
            "it does not begin with postgres://".to_owned(),
        ),
    ] {
        let expected = format!("DATABASE_URL is \"{shown}\": {fault}; give a Postgres address");
        let told = told(load(&[("DATABASE_URL", given)]));
        assert!(told.starts_with(&expected), "{expected}\n{told}");
        assert!(!told.contains("secret"), "{told}");
    }
    let told = told(load(&[(
        "DATABASE_URL",
        "postgres://u:secret@h/x?sslmode=maybe",
    )]));
    assert!(
        told.starts_with(
            "DATABASE_URL is \"postgres://u:***@h/x?sslmode=maybe\": a part of it can't be used: "
        ) && told.contains("ssl_mode")
            && !told.contains("secret"),
        "{told}"
    );
}

#[test]
fn bytes_that_are_no_text_are_named() {
    let error = told(text(
        "YTOPS_LISTEN",
        Some(OsStr::from_bytes(b"127.0.0.1\xff")),
    ));
    assert!(
        error.starts_with("YTOPS_LISTEN is \"") && error.contains("UTF-8"),
        "{error}"
    );
    assert_eq!(text("YTOPS_LISTEN", Some(OsStr::new(""))), Ok(None));
}

#[test]
fn defaults_fit_a_first_start() {
    let config = load(&[DB]).ok();
    assert_eq!(
        config.as_ref().map(|c| c.public_url.as_str()),
        Some("http://127.0.0.1:3000")
    );
    assert!(config.is_some_and(|c| !c.is_https() && c.trusted_proxies.is_empty()));
}

#[test]
fn the_public_url_is_what_browsers_call_their_origin() {
    for (given, origin) in [
        ("https://Ops.Example.com/", "https://ops.example.com"),
        ("https://ops.example.com:443", "https://ops.example.com"),
        ("http://[::1]:3000", "http://[::1]:3000"),
    ] {
        let config = load(&[("YTOPS_PUBLIC_URL", given)]).ok();
        assert_eq!(config.map(|c| c.public_url).as_deref(), Some(origin));
    }
}

#[test]
fn proxies_are_addresses_or_networks() {
    let config = load(&[DB, ("YTOPS_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")]).ok();
    assert_eq!(config.map(|c| c.trusted_proxies.len()), Some(2));
}

#[test]
fn the_environment_wins_over_the_file() {
    let file = File {
        log: Some("debug".to_owned()),
        listen: Some("127.0.0.1:4000".to_owned()),
        ..File::default()
    };
    let config = load_over(file, &[("YTOPS_LOG", "warn")]).ok();
    let seen = config.map(|config| (config.log, config.listen.port()));
    assert_eq!(seen, Some(("warn".to_owned(), 4000)));
}

#[test]
fn the_key_stands_with_the_data_unless_told_otherwise() {
    let file = |pairs: &[(&str, &str)]| {
        let config = load(pairs).ok()?;
        Some(config.secret_key_file.display().to_string())
    };
    let data = ("YTOPS_DATA_DIR", "/srv/ytops");
    assert_eq!(file(&[DB, data]).as_deref(), Some("/srv/ytops/secret.key"));
    let named = [DB, data, ("YTOPS_SECRET_KEY_FILE", "/etc/ytops/key")];
    assert_eq!(file(&named).as_deref(), Some("/etc/ytops/key"));
}
