//! Command lines without their secrets.

/// What stands where a secret was.
const MASK: &str = "•••";

/// Parts of option names that announce a secret.
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

/// Words that announce a secret without a dash, as Redis takes them.
const BARE: [&str; 2] = ["requirepass", "masterauth"];

/// Short options that mean a secret to some programs: how the program's name begins, the option, and whether the secret
/// is written in the same word.
const SHORT: [(&str, &str, bool); 6] = [
    ("mysql", "-p", true),
    ("mariadb", "-p", true),
    ("sshpass", "-p", true),
    ("sshpass", "-p", false),
    ("redis-", "-a", false),
    ("valkey-", "-a", false),
];

/// Programs whose `-c` is followed by a script.
const SHELLS: [&str; 7] = ["sh", "bash", "dash", "ash", "zsh", "ksh", "su"];

/// The longest command line that is kept, in characters.
const LONGEST: usize = 1_000;

/// Scripts within scripts are looked into so deep.
const DEEPEST: usize = 4;

/// The most words of it that are looked at.
const MOST_WORDS: usize = 2_000;

/// The command line `path` with `args`, its secrets masked: what follows options that announce one (`--requirepass x`,
/// `--token=x`, `mysql -px`, `redis-cli -a x`), passwords in addresses (`postgres://user:x@host`), and the value of
/// every `NAME=value`, which is how secrets are handed to programs whatever they are called.
pub fn command(path: &str, args: &[String]) -> String {
    let words = std::iter::once(path).chain(args.iter().map(String::as_str));
    masked(words, 0).chars().take(LONGEST).collect()
}

/// The words with their secrets masked, those of a script that lies `depth` scripts deep.
fn masked<'a>(words: impl Iterator<Item = &'a str>, depth: usize) -> String {
    let mut line = String::new();
    let mut seen = Seen::default();
    for word in words.take(MOST_WORDS) {
        if line.len() > 4 * LONGEST {
            break;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&seen.mask(word, depth));
    }
    line
}

/// A script with its secrets masked.
fn script(text: &str, depth: usize) -> String {
    if depth > DEEPEST {
        return MASK.to_owned();
    }
    match split(text).as_slice() {
        // Its quotes are not closed. What could be a value's second half is not shown.
        [whole] if *whole == text && text.contains('=') => MASK.to_owned(),
        [whole] if *whole == text => masked(text.split_whitespace(), depth),
        words => masked(words.iter().copied(), depth),
    }
}

/// What the words before a word tell of it.
#[derive(Default)]
struct Seen {
    /// Short options that mean a secret to a program that was named.
    short: Vec<(&'static str, bool)>,
    /// A shell was named.
    shell: bool,
    /// The next word is a secret.
    secret_follows: bool,
    /// The next word is a script (`sh -c …`).
    script_follows: bool,
}

impl Seen {
    /// The word with its secrets masked.
    fn mask(&mut self, word: &str, depth: usize) -> String {
        let is_secret = std::mem::take(&mut self.secret_follows) && !word.starts_with("--");
        let is_told_script = std::mem::take(&mut self.script_follows);
        if is_secret {
            return MASK.to_owned();
        }
        // `-c`, `-ec`, `-lc`: what follows is a script, whatever it begins with.
        self.script_follows =
            self.shell && word.starts_with('-') && !word.starts_with("--") && word.ends_with('c');
        if let Some(name) = assigned(word)
            && !is_told_script
        {
            return format!("{name}={MASK}");
        }
        let bare = word.trim_matches(['"', '\'']);
        if bare.contains(char::is_whitespace) {
            return script(bare, depth + 1);
        }
        if is_told_script && let Some(name) = assigned(word) {
            return format!("{name}={MASK}");
        }
        self.mask_plain(word, depth > 0)
    }

    /// The same of a word that is neither an assignment nor a script.
    fn mask_plain(&mut self, word: &str, is_script: bool) -> String {
        let program = word.rsplit('/').next().unwrap_or(word);
        self.shell |= SHELLS.contains(&program);
        let of_program = SHORT.iter().filter(|(name, ..)| program.starts_with(name));
        self.short
            .extend(of_program.map(|(_, option, joined)| (*option, *joined)));
        for &(option, is_joined) in &self.short {
            match word.strip_prefix(option) {
                Some("") if !is_joined => self.secret_follows = true,
                Some(secret) if is_joined && !secret.is_empty() => {
                    return format!("{option}{MASK}");
                }
                _ => {}
            }
        }
        if let Some((name, _value)) = word.split_once('=')
            && tells(name)
        {
            return format!("{name}={MASK}");
        }
        if let Some(shown) = without_password(word) {
            return shown;
        }
        let name = if is_script {
            word.trim_start_matches(['"', '\'', '(', ';'])
        } else {
            word
        };
        self.secret_follows |= BARE.contains(&name.to_ascii_lowercase().as_str())
            || (name.starts_with('-') && !name.contains('=') && tells(name));
        word.to_owned()
    }
}

/// The name of `NAME=value`, with what stands before it in a script (`export` is a word of its own, quotes are not).
fn assigned(word: &str) -> Option<&str> {
    let (name, _value) = word.split_once('=')?;
    let bare = name.trim_start_matches(['"', '\'', '`', '(', '$', '{', ';', '&', '|']);
    let starts = bare
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    let is_name = bare
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (starts && is_name).then_some(name)
}

fn tells(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TELLING.iter().any(|part| name.contains(part))
}

/// A script's words; quotes hold together what stands between them, to the end where they are not closed.
fn split(script: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut from, mut quote, mut escaped) = (None, None, false);
    for (at, char) in script.char_indices() {
        let ends = char.is_whitespace() && quote.is_none() && !escaped;
        match (ends, from) {
            (true, Some(start)) => {
                words.push(&script[start..at]);
                from = None;
            }
            (false, None) => from = Some(at),
            _ => {}
        }
        match quote {
            _ if escaped => escaped = false,
            _ if char == '\\' && quote != Some('\'') => escaped = true,
            Some(open) if open == char => quote = None,
            None if char == '"' || char == '\'' => quote = Some(char),
            _ => {}
        }
    }
    words.extend(from.map(|start| &script[start..]));
    words
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
mod tests;
