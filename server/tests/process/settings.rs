//! A wrong setting stops the start with its name, its value and what is allowed.

use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt};

use sqlx::PgPool;

use super::program::{Folder, free_port, run, ytops, ytops_on};

const DATABASE: &str = "postgres://ytops@127.0.0.1:1/ytops";

#[test]
fn a_wrong_setting_stops_the_start() {
    let folder = Folder::new();
    for (name, value, shown, allowed) in [
        (
            "DATABASE_URL",
            "postgres://u:secret@h:x/y",
            "postgres://***@h/***",
            "its port is no number",
        ),
        (
            "DATABASE_URL",
            "mysql://u:secret@h/y",
            "mysql://u:***@h/y",
            "it does not begin with postgres://; give a Postgres address",
        ),
        ("YTOPS_LISTEN", "3000", "3000", "give an address and a port"),
        (
            "YTOPS_PUBLIC_URL",
            "https://h:notaport",
            "https://h/***",
            "give the address that browsers use",
        ),
        (
            "YTOPS_PUBLIC_URL",
            "https://u:secret@h",
            "https://u:***@h/",
            "give the address",
        ),
        (
            "YTOPS_TRUSTED_PROXIES",
            "10.0.0.0/8,proxy",
            "proxy",
            "give addresses or networks",
        ),
        (
            "YTOPS_LOG",
            "warning",
            "warning",
            "give off, error, warn, info, debug or trace",
        ),
        (
            "YTOPS_DATA_DIR",
            "/dev/null/data",
            "/dev/null/data",
            "give a folder",
        ),
        (
            "DOCKER_HOST",
            "ssh://u:secret@h",
            "ssh://u:***@h",
            "give unix:///",
        ),
        (
            "YTOPS_CONFIG",
            "none.toml",
            "none.toml",
            "the file can't be read",
        ),
        (
            "YTOPS_SECRET_KEY_FILE",
            "/etc/hostname",
            "/etc/hostname",
            "give a file that ytops can read, with a key of 64 hexadecimal digits",
        ),
        (
            "YTOPS_SECRET_KEY_FILE",
            "/etc",
            "/etc",
            "give a file that ytops can read, with a key of 64 hexadecimal digits",
        ),
    ] {
        let mut command = ytops(&folder, &["serve"]);
        let ended = run(command.env("DATABASE_URL", DATABASE).env(name, value));
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let start = format!("ytops: {name} is \"{shown}\": {allowed}");
        assert!(ended.err.starts_with(&start), "{start}\n{ended:?}");
        // The name of a setting that there is holds the word as well.
        let told = ended.err.replace("secret_key_file", "");
        assert!(!told.contains("secret"), "{ended:?}");
        assert_eq!(ended.out, "");
    }
    let bytes = OsStr::from_bytes(b"info\xff");
    let ended = run(ytops(&folder, &["serve"]).env("YTOPS_LOG", bytes));
    assert!(ended.err.starts_with("ytops: YTOPS_LOG is \""), "{ended:?}");
}

#[test]
fn a_misspelt_name_stops_every_command_and_names_the_one_that_was_meant() {
    let folder = Folder::new();
    for args in [&["serve"][..], &["check"], &["migrate"]] {
        let ended = run(ytops(&folder, args).env("YTOPS_LISTN", "secret"));
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let told = "ytops: YTOPS_LISTN is no setting: did you mean YTOPS_LISTEN?\n";
        assert_eq!(ended.err, told, "{ended:?}");
        assert_eq!(ended.out, "");
    }
    // What the project's scripts go by is set beside it.
    let ended = run(ytops(&folder, &["check"]).env("YTOPS_CACHE", "/nowhere"));
    assert_eq!(ended.err, "", "{ended:?}");
}

/// There is no file, and none can be made.
#[sqlx::test(migrations = "../migrations")]
async fn a_place_where_no_key_can_be_made_stops_the_first_start(db: PgPool) {
    let folder = Folder::new();
    let ended = run(ytops_on(&db, &folder, &["serve"])
        .env("YTOPS_LISTEN", format!("127.0.0.1:{}", free_port()))
        .env("YTOPS_SECRET_KEY_FILE", "/proc/none/key"));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let start = "ytops: YTOPS_SECRET_KEY_FILE is \"/proc/none/key\": give a file";
    assert!(ended.err.starts_with(start), "{ended:?}");
}

#[test]
fn the_file_is_read_and_the_environment_wins() {
    let folder = Folder::new();
    fs::write(folder.0.join("ytops.toml"), "listen = \"here\"\n").unwrap();
    let ended = run(&mut ytops(&folder, &["check"]));
    assert!(
        ended.err.starts_with("ytops: YTOPS_LISTEN is \"here\": "),
        "{ended:?}"
    );
    let ended = run(ytops(&folder, &["check"]).env("YTOPS_LISTEN", "127.0.0.1:1"));
    assert_eq!(ended.err, "", "{ended:?}");
    // Another file, named.
    fs::write(folder.0.join("other.toml"), "log = \"loud\"\n").unwrap();
    let ended = run(ytops(&folder, &["check"]).env("YTOPS_CONFIG", "other.toml"));
    assert!(
        ended.err.starts_with("ytops: YTOPS_LOG is \"loud\": "),
        "{ended:?}"
    );
}

#[test]
fn a_file_that_is_wrong_is_named_by_line_and_its_secrets_are_not_told() {
    for (text, place) in [
        (
            "# x\ndatabse_url = \"postgres://u:secret@h/y\"\n",
            "line 2: databse_url is no setting: did you mean database_url?\n",
        ),
        ("database_url = \"postgres://u:secret@h/y\n", "line 1: "),
        ("database_url = [\"secret\"]\n", "line 1: "),
        ("database_url = secret\n", "line 1: "),
        ("[secret", "line 1: "),
    ] {
        let folder = Folder::new();
        fs::write(folder.0.join("ytops.toml"), text).unwrap();
        let ended = run(&mut ytops(&folder, &["check"]));
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let start = format!("ytops: YTOPS_CONFIG is \"ytops.toml\": {place}");
        assert!(ended.err.starts_with(&start), "{start}\n{ended:?}");
        // The name of a setting that there is holds the word as well.
        let told = ended.err.replace("secret_key_file", "");
        assert!(!told.contains("secret"), "{ended:?}");
    }
}

/// The example is right as it stands.
#[test]
fn the_example_can_be_read() {
    let folder = Folder::new();
    let example = include_str!("../../../deploy/ytops.toml.example");
    let all: String = example
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if setting.contains(" = ") && !setting.starts_with(' ') => setting,
            _ => line,
        })
        .flat_map(|line| [line, "\n"])
        .collect();
    fs::write(folder.0.join("ytops.toml"), all).unwrap();
    let ended = run(ytops(&folder, &["check"]).env_remove("YTOPS_DATA_DIR"));
    assert!(!ended.err.contains(" is \""), "{ended:?}");
    assert!(ended.out.contains("This machine"), "{ended:?}");
}
