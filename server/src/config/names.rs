//! The names of settings. One that is misspelt would be ignored, and the console would go by its default: it stops the
//! start instead.

use std::{collections::BTreeMap, ffi::OsString};

use toml::Spanned;

use super::ConfigError;

/// What begins so in the environment is meant for ytops.
const PREFIX: &str = "YTOPS_";

/// The program's own settings. In the settings file each has the same name in lower case, without the prefix.
const SETTINGS: [&str; 13] = [
    "DATABASE_URL",
    "DOCKER_HOST",
    "YTOPS_BACKUP_DIR",
    SETTINGS_FILE,
    "YTOPS_DATA_DIR",
    "YTOPS_HOST",
    "YTOPS_HOST_ROOT",
    "YTOPS_LISTEN",
    "YTOPS_LOG",
    "YTOPS_PUBLIC_URL",
    "YTOPS_RCLONE_CONFIG",
    "YTOPS_SECRET_KEY_FILE",
    "YTOPS_TRUSTED_PROXIES",
];

/// What `ytops agent` goes by beside its arguments; it reads no settings file for these.
const OF_AGENT: [&str; 4] = ["YTOPS_CA", "YTOPS_JOIN", "YTOPS_TOKEN", "YTOPS_TOKEN_FILE"];

/// Names that the settings file itself.
pub const SETTINGS_FILE: &str = "YTOPS_CONFIG";

/// What the project's scripts, its compose file and its tests go by: docs/operation.md says what for.
const OF_SCRIPTS: [&str; 17] = [
    "YTOPS_BIN",
    "YTOPS_CACHE",
    "YTOPS_CHROMIUM",
    "YTOPS_COMPOSE_DIR",
    "YTOPS_DB_PASSWORD",
    "YTOPS_DEBIAN_MIRROR",
    "YTOPS_PASSED_OVER",
    "YTOPS_PICTURES",
    "YTOPS_POSTGRES_DIR",
    "YTOPS_SITE",
    "YTOPS_SITE_DIR",
    "YTOPS_STACK_DIR",
    "YTOPS_STACK_RUN",
    "YTOPS_STACK_STORAGE_DRIVER",
    "YTOPS_STACK_USER",
    "YTOPS_TEST_DOCKER",
    "YTOPS_WASM_TOOLCHAIN",
];

/// Refuses a variable that is meant for ytops and that nothing knows; an empty one is as good as none.
///
/// # Errors
/// The first such name, with the nearest that there is. Its value is not told: it may be a secret.
pub fn check(
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<(), ConfigError> {
    let mut unknown: Vec<String> = environment
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, _)| name.to_string_lossy().into_owned())
        .filter(|name| is_ours(name) && !all().any(|known| known == name))
        .collect();
    unknown.sort_unstable();
    match unknown.into_iter().next() {
        Some(name) => Err(ConfigError {
            value: "no setting".to_owned(),
            allowed: hint(&name, all().filter(|known| is_ours(known))),
            name,
        }),
        None => Ok(()),
    }
}

fn is_ours(name: &str) -> bool {
    let start = name.as_bytes().get(..PREFIX.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(PREFIX.as_bytes()))
}

fn all() -> impl Iterator<Item = &'static str> {
    SETTINGS.into_iter().chain(OF_AGENT).chain(OF_SCRIPTS)
}

/// The first key of a settings file that is no setting: where its name begins, in bytes, and what is told of it. None as
/// well for a text that is no TOML: whoever reads it says so.
pub fn unknown_key(text: &str) -> Option<(usize, String)> {
    let keys: BTreeMap<Spanned<String>, toml::Value> = toml::from_str(text).ok()?;
    let known: Vec<String> = SETTINGS
        .into_iter()
        .filter(|name| *name != SETTINGS_FILE)
        .map(|name| name.strip_prefix(PREFIX).unwrap_or(name).to_lowercase())
        .collect();
    let unknown = keys
        .into_keys()
        .filter(|key| !known.contains(key.get_ref()))
        .min_by_key(|key| key.span().start)?;
    let name = unknown.get_ref();
    let hint = hint(name, known.iter().map(String::as_str));
    Some((
        unknown.span().start,
        format!("{name} is no setting: {hint}"),
    ))
}

/// The known name that was meant, if one is near; else all that there are.
fn hint<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    let bare = |name: &str| name.to_lowercase().replacen("ytops_", "", 1);
    let far = |known: &str| strsim::damerau_levenshtein(&bare(name), &bare(known));
    let nearest = known
        .iter()
        .map(|known| (far(known), *known))
        .min()
        // A third of it may be wrong.
        .filter(|(wrong, known)| wrong * 3 <= bare(known).len().max(3));
    match nearest {
        Some((_, known)) => format!("did you mean {known}?"),
        None => format!("there are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]

    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    fn told(pairs: &[(&str, &str)]) -> String {
        let environment = pairs
            .iter()
            .map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let error = check(environment).err();
        error.map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_misspelt_name_is_told_with_the_one_that_was_meant() {
        for (given, meant) in [
            ("YTOPS_LISTN", "YTOPS_LISTEN"),
            ("YTOPS_LSITEN", "YTOPS_LISTEN"),
            ("YTOPS_PUBLICURL", "YTOPS_PUBLIC_URL"),
            ("YTOPS_PUBLIC_ULR", "YTOPS_PUBLIC_URL"),
            ("YTOPS_SECRET_KEY", "YTOPS_SECRET_KEY_FILE"),
            ("YTOPS_TRUSTED_PROXY", "YTOPS_TRUSTED_PROXIES"),
            ("YTOPS_CONFG", "YTOPS_CONFIG"),
            ("YTOPS_LOGS", "YTOPS_LOG"),
            ("YTOPS_CHACHE", "YTOPS_CACHE"),
            ("ytops_listen", "YTOPS_LISTEN"),
        ] {
            let expected = format!("{given} is no setting: did you mean {meant}?");
            assert_eq!(told(&[(given, "secret")]), expected);
        }
        let far = told(&[("YTOPS_COLOUR", "secret")]);
        assert!(
            far.starts_with("YTOPS_COLOUR is no setting: there are YTOPS_BACKUP_DIR, YTOPS_CONFIG"),
            "{far}"
        );
        assert!(!far.contains("secret"), "{far}");
    }

    #[test]
    fn known_empty_and_foreign_names_pass() {
        assert_eq!(told(&[("YTOPS_LISTN", ""), ("YTOPSY", "x")]), "");
        assert_eq!(told(&[("YTOP", "x"), ("HOME", "x")]), "");
        let known: Vec<(&str, &str)> = all().map(|name| (name, "x")).collect();
        assert_eq!(told(&known), "");
    }

    #[test]
    fn a_key_of_the_file_that_is_no_setting_is_found_by_place() {
        let text = "# x\nlog = \"info\"\n\nlistne = \"a\"\nasdfghjkl = 1\n";
        let (place, told) = unknown_key(text).unwrap();
        assert_eq!(&text[place..place + 6], "listne");
        assert_eq!(told, "listne is no setting: did you mean listen?");
        for right in ["", "log = \"info\"", "database_url = 7", "not TOML"] {
            assert_eq!(unknown_key(right), None, "{right}");
        }
        let (_, told) = unknown_key("[server]\nlisten = \"a\"").unwrap();
        assert!(
            told.starts_with("server is no setting: there are "),
            "{told}"
        );
        // The file can't name itself.
        assert!(unknown_key("config = \"x\"").is_some());
    }

    /// Every name in this text that is meant for ytops.
    fn names(text: &str) -> impl Iterator<Item = String> {
        text.match_indices(PREFIX).map(|(at, _)| {
            let rest = text[at..].chars();
            rest.take_while(|char| char.is_ascii_uppercase() || matches!(char, '_' | '0'..='9'))
                .collect()
        })
    }

    /// Texts below `path`, of what is kept with the sources.
    fn texts(path: &Path, found: &mut Vec<String>) {
        if path.is_file() {
            found.extend(fs::read_to_string(path));
            return;
        }
        for entry in fs::read_dir(path).unwrap() {
            let entry = entry.unwrap().path();
            if !["node_modules", "shots", "test-results", "ytops.env"]
                .iter()
                .any(|skipped| entry.ends_with(skipped))
            {
                texts(&entry, found);
            }
        }
    }

    #[test]
    fn what_the_scripts_go_by_is_known_and_told_in_the_documents() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut found = Vec::new();
        for place in [
            "Makefile",
            "deploy",
            "end2end",
            "server/build.rs",
            "server/tests/docker",
            "server/tests/agents",
        ] {
            texts(&root.join(place), &mut found);
        }
        let used: BTreeSet<String> = found.iter().flat_map(|text| names(text)).collect();
        let known: BTreeSet<String> = all().map(ToOwned::to_owned).collect();
        assert!(used.len() > 20, "{used:?}");
        let unknown: Vec<_> = used.difference(&known).filter(|n| *n != PREFIX).collect();
        assert!(unknown.is_empty(), "not in the list: {unknown:?}");
        let unused: Vec<_> = OF_SCRIPTS.iter().filter(|n| !used.contains(**n)).collect();
        assert!(unused.is_empty(), "nothing goes by {unused:?}");
        let mut told = Vec::new();
        texts(&root.join("README.md"), &mut told);
        texts(&root.join("docs/operation.md"), &mut told);
        let told = told.concat();
        let untold: Vec<_> = all()
            .filter(|name| !told.contains(&format!("`{name}`")))
            .collect();
        assert!(untold.is_empty(), "in no document: {untold:?}");
    }
}
