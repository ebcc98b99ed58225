//! Text files line by line, without their secrets.

/// What stands where a secret was.
const MASK: &str = "•••";

/// Parts of names that announce a secret.
const TELLING: [&str; 10] = [
    "pass",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "credential",
    "private",
    "auth",
    "key",
];

/// The lines of a file as they may be shown: of an environment file the names alone; of others what is called like a secret,
/// what is set in capitals as environments are, passwords in addresses, and private keys masked.
pub fn lines(path: &str, text: &str) -> Vec<String> {
    let mut rest = Rest::default();
    let is_environment = is_environment(path);
    text.lines()
        .map(|line| {
            if rest.goes_on(line) {
                MASK.to_owned()
            } else if is_environment {
                rest.environment(line)
            } else {
                rest.begins(line);
                setting(line)
            }
        })
        .collect()
}

/// Whether a file holds an environment: `.env`, `.env.production`, `shop.env`.
fn is_environment(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    name.starts_with(".env") || ending.is_some_and(|ending| ending.eq_ignore_ascii_case("env"))
}

/// What goes on over several lines.
#[derive(Default)]
struct Rest {
    /// The quote that ends a value.
    quote: Option<char>,
    /// A private key.
    is_key: bool,
}

impl Rest {
    /// Whether a line belongs to a secret that an earlier one began.
    fn goes_on(&mut self, line: &str) -> bool {
        if self.is_key {
            self.is_key = !line.contains("-----END");
            return true;
        }
        let Some(quote) = self.quote else {
            return false;
        };
        if line.contains(quote) {
            self.quote = None;
        }
        true
    }

    fn begins(&mut self, line: &str) {
        self.is_key = line.contains("PRIVATE KEY-----") && !line.contains("-----END");
    }

    /// A line of an environment file: its name alone.
    fn environment(&mut self, line: &str) -> String {
        let bare = line.trim();
        let Some((name, value)) = line.split_once('=') else {
            let is_comment = bare.is_empty() || bare.starts_with('#');
            return if is_comment {
                line.to_owned()
            } else {
                MASK.to_owned()
            };
        };
        let last = name.trim_start_matches(['#', ' ']).trim();
        if !is_name(last.trim_start_matches("export ").trim()) {
            return MASK.to_owned();
        }
        let value = value.trim();
        let quote = value
            .chars()
            .next()
            .filter(|first| ['"', '\''].contains(first));
        if let Some(quote) = quote
            && !value.chars().skip(1).any(|letter| letter == quote)
        {
            self.quote = Some(quote);
        }
        format!("{name}={MASK}")
    }
}

fn is_name(text: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "_.-".contains(letter);
    !text.is_empty() && text.chars().all(is_part)
}

/// A line of another file.
fn setting(line: &str) -> String {
    let Some((name, separator, value)) = parts(line) else {
        return addresses(line);
    };
    let bare = value.trim();
    let is_reference = bare
        .strip_prefix('$')
        .is_some_and(|name| is_name(name.trim_matches(['{', '}'])));
    if bare.is_empty() || is_reference || !announces(name, separator) {
        return addresses(line);
    }
    let end = line.len() - value.len();
    let blank = if value.starts_with(' ') { " " } else { "" };
    format!("{}{blank}{MASK}", line.get(..end).unwrap_or_default())
}

/// The name that a line sets, what stands behind it, and the value: `name: value`, `name = value`, `- NAME=value`,
/// `name value;`.
fn parts(line: &str) -> Option<(&str, char, &str)> {
    let start = line.trim_start().trim_start_matches("- ");
    let start = start.trim_start_matches(['"', '\'', '#']).trim_start();
    let end =
        start.find(|letter: char| !(letter.is_ascii_alphanumeric() || "_.-".contains(letter)))?;
    let (name, rest) = start.split_at(end);
    let rest = rest.trim_start_matches(['"', '\'']);
    let separator = rest.trim_start().chars().next()?;
    let value = if [':', '='].contains(&separator) {
        rest.split_once(separator)?.1
    } else {
        rest.starts_with(' ').then_some(rest)?
    };
    (!name.is_empty()).then_some((name, separator, value))
}

/// Whether the value of a name may be a secret.
fn announces(name: &str, separator: char) -> bool {
    let lower = name.to_ascii_lowercase();
    let is_capital =
        |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
    let is_environment =
        [':', '='].contains(&separator) && name.len() > 1 && name.chars().all(is_capital);
    is_environment || TELLING.iter().any(|telling| lower.contains(telling))
}

/// A line with the passwords in its addresses masked: `postgres://user:•••@host`.
fn addresses(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        shown.push_str(before);
        let end = after
            .find(|letter: char| letter.is_whitespace() || "/'\"<>,;".contains(letter))
            .unwrap_or(after.len());
        let (authority, behind) = after.split_at(end);
        match authority.rsplit_once('@') {
            Some((user, host)) => {
                let user = user.split(':').next().unwrap_or_default();
                for part in [user, ":", MASK, "@", host] {
                    shown.push_str(part);
                }
            }
            None => shown.push_str(authority),
        }
        rest = behind;
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(path: &str, text: &str) -> Vec<String> {
        let all = lines(path, text);
        assert_eq!(all.len(), text.lines().count());
        for line in &all {
            assert!(!line.contains("s3cret"), "{line}");
        }
        all
    }

    #[test]
    fn of_an_environment_the_names_alone_are_shown() {
        let text = "# the shop's\nDB_PASSWORD=s3cret\nexport LOG=\"s3cret\"\n\n#OLD=s3cret\nPEM=\"-----BEGIN\ns3cret==\nend\"\nLAST=s3cret\ns3cret";
        assert_eq!(
            shown("/opt/shop/.env", text),
            [
                "# the shop's",
                "DB_PASSWORD=•••",
                "export LOG=•••",
                "",
                "#OLD=•••",
                "PEM=•••",
                "•••",
                "•••",
                "LAST=•••",
                "•••",
            ]
        );
        assert_eq!(shown("/opt/shop.env", "A=s3cret"), ["A=•••"]);
    }

    #[test]
    fn of_other_files_what_may_be_a_secret_is_masked() {
        for (line, masked) in [
            ("      JWT_SECRET: s3cret", "      JWT_SECRET: •••"),
            ("      - API=s3cret", "      - API=•••"),
            ("requirepass s3cret", "requirepass •••"),
            (
                "  \"smtp_password\": \"s3cret\",",
                "  \"smtp_password\": •••",
            ),
            ("# password = s3cret", "# password = •••"),
            (
                "  url: postgres://shop:s3cret@db/shop",
                "  url: postgres://shop:•••@db/shop",
            ),
        ] {
            assert_eq!(shown("/opt/shop/compose.yaml", line), [masked]);
        }
        for line in [
            "services:",
            "    image: shop/backend:r1",
            "      LOG_LEVEL: ${LOG_LEVEL}",
            "    ports: [\"127.0.0.1:80:80\"]",
            "    server_name shop.example.com;",
            "    return 200 http://shop.example.com/;",
        ] {
            assert_eq!(shown("/opt/shop/compose.yaml", line), [line]);
        }
    }

    #[test]
    fn a_private_key_is_not_shown() {
        let text = "cert\n-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----\nafter";
        let all = shown("/opt/shop/nginx/key.pem", text);
        assert_eq!(
            all.get(2..),
            Some(&["•••", "•••", "after"].map(str::to_owned)[..])
        );
    }
}
