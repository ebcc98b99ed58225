//! Command lines without their secrets.

/// What stands where a secret was.
const MASK: &str = "•••";

/// Parts of option and variable names that announce a secret.
const TELLING: [&str; 10] = [
    "pass",
    "secret",
    "token",
    "apikey",
    "api-key",
    "api_key",
    "credential",
    "private",
    "auth",
    "-key",
];

/// The longest command line that is kept, in characters.
const LONGEST: usize = 1_000;

/// The command line `path` with `args`, values masked after options that announce a secret (`--requirepass x`,
/// `--token=x`, `PASSWORD=x`) and in addresses that hold a password (`postgres://user:x@host`).
pub fn command(path: &str, args: &[String]) -> String {
    let mut line = String::new();
    let mut secret_follows = false;
    for word in std::iter::once(path).chain(args.iter().map(String::as_str)) {
        if line.len() > 4 * LONGEST {
            break;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        let (shown, follows) = if secret_follows && !word.starts_with("--") {
            (MASK.to_owned(), false)
        } else {
            mask(word)
        };
        secret_follows = follows;
        line.push_str(&shown);
    }
    line.chars().take(LONGEST).collect()
}

/// A word with its secrets masked, and whether the next word is one.
fn mask(word: &str) -> (String, bool) {
    // A script in one word (`sh -c "…"`) is masked word by word.
    if word.contains(char::is_whitespace) {
        let words: Vec<String> = word
            .split_whitespace()
            .take(2_000)
            .map(str::to_owned)
            .collect();
        let Some((first, rest)) = words.split_first() else {
            return (String::new(), false);
        };
        return (command(first, rest), false);
    }
    if let Some((name, _value)) = word.split_once('=')
        && tells(name)
    {
        return (format!("{name}={MASK}"), false);
    }
    if let Some(shown) = without_password(word) {
        return (shown, false);
    }
    // redis and others write `--requirepass x`, mysql `-px`.
    (word.to_owned(), word.starts_with('-') && tells(word))
}

fn tells(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TELLING.iter().any(|part| name.contains(part))
}

/// `scheme://user:password@host` with the password masked.
fn without_password(word: &str) -> Option<String> {
    let (scheme, rest) = word.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (login, host) = rest[..end].rsplit_once('@')?;
    let user = login.split_once(':').map_or("", |(user, _)| user);
    Some(format!("{scheme}://{user}:{MASK}@{host}{}", &rest[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(words: &[&str]) -> String {
        let args: Vec<String> = words[1..].iter().map(|&word| word.to_owned()).collect();
        command(words[0], &args)
    }

    #[test]
    fn secrets_are_masked_and_the_rest_stays() {
        assert_eq!(
            shown(&[
                "redis-server",
                "--requirepass",
                "hunter2",
                "--maxmemory",
                "64mb"
            ]),
            "redis-server --requirepass ••• --maxmemory 64mb"
        );
        assert_eq!(
            shown(&["app", "--api-key=hunter2", "-v"]),
            "app --api-key=••• -v"
        );
        assert_eq!(
            shown(&["app", "postgres://ytops:hunter2@db:5432/x?y=z"]),
            "app postgres://ytops:•••@db:5432/x?y=z"
        );
        assert_eq!(
            shown(&[
                "sh",
                "-c",
                "DB_PASSWORD=hunter2 exec app --token hunter2 --port 80"
            ]),
            "sh -c DB_PASSWORD=••• exec app --token ••• --port 80"
        );
        assert_eq!(
            shown(&["nginx", "-g", "daemon off;"]),
            "nginx -g daemon off;"
        );
    }

    #[test]
    fn a_command_of_any_length_is_cut() {
        let long = "é".repeat(100_000);
        assert_eq!(shown(&["a", &long, &long]).chars().count(), LONGEST);
    }
}
