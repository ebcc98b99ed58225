//! An address that was set by hand: read, checked, and shown without its password.

use percent_encoding::percent_decode_str;
use types::Error;
use url::{ParseError, Url};

use super::find::{self, Part};
use crate::outside::{Address, PostgresLogin, Secret};

/// What stands for a password wherever an address is shown.
pub const MASK: &str = "********";

/// The longest address, in characters.
const LONGEST: usize = 500;

/// Schemes of addresses that answer by TLS alone.
const TLS: [&str; 2] = ["https", "rediss"];

/// An address that was set by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target(Url);

impl Target {
    /// Reads the address of `part`.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it and what is allowed; it never repeats the address.
    pub fn parse(part: &Part, text: &str) -> Result<Self, String> {
        let (schemes, example) = allowed(part);
        if text.chars().count() > LONGEST {
            return Err(format!("Give at most {LONGEST} characters."));
        }
        let url = Url::parse(text.trim()).map_err(|error| plain(error, schemes[0], example))?;
        if TLS.contains(&url.scheme()) || url.query_pairs().any(|(name, _)| name == "sslmode") {
            return Err(format!(
                "Checks do not speak TLS: give an address that answers without it, like {example}."
            ));
        }
        if !schemes.contains(&url.scheme()) {
            return Err(format!("Begin with {}://, like {example}.", schemes[0]));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(format!("Name a host, like {example}."));
        }
        if url.fragment().is_some() {
            return Err("Leave out what follows the #.".to_owned());
        }
        if part == &find::DATABASE && url.username().is_empty() {
            return Err(format!("Name the user, like {example}."));
        }
        if part != &find::DATABASE && part != &find::REDIS {
            return Ok(Self(url));
        }
        if url.query().is_some() {
            return Err("Leave out what follows the question mark.".to_owned());
        }
        Ok(Self(url))
    }

    /// The address with its password masked.
    pub fn masked(&self) -> String {
        if self.0.password().is_none() {
            return self.0.to_string();
        }
        let mut url = self.0.clone();
        // A URL that has a password can have another.
        let _ = url.set_password(Some(MASK));
        url.to_string()
    }

    /// The whole address, to be stored.
    pub fn expose(&self) -> &str {
        self.0.as_str()
    }

    /// Puts the password of `old` where this one only has the mask.
    ///
    /// # Errors
    /// The mask was sent, but host, port or user changed: a stored password goes nowhere else than where it was meant
    /// for.
    pub fn keep_password(self, old: Option<&Self>) -> Result<Self, Error> {
        if self.0.password() != Some(MASK) {
            return Ok(self);
        }
        let same = |old: &&Self| {
            old.0.scheme() == self.0.scheme()
                && old.0.host_str() == self.0.host_str()
                && old.0.port() == self.0.port()
                && old.0.username() == self.0.username()
        };
        let Some(old) = old.filter(same) else {
            return Err(Error::field(
                "url",
                "Type the password again: it is kept only while host, port and user stay.",
            ));
        };
        let mut url = old.0.clone();
        url.set_path(self.0.path());
        url.set_query(self.0.query());
        Ok(Self(url))
    }

    /// Host and port; the port is the part's own where none is given.
    pub fn address(&self, part: &Part) -> Address {
        let host = self.0.host_str().unwrap_or_default();
        let usual = if self.0.scheme() == "http" {
            80
        } else {
            part.port
        };
        Address {
            host: host.trim_matches(['[', ']']).to_owned(),
            port: self.0.port().unwrap_or(usual),
        }
    }

    /// Who signs in to Postgres; the database is the user's own where none is given.
    pub fn postgres(&self) -> PostgresLogin {
        let user = decoded(self.0.username());
        let database = decoded(self.0.path().trim_start_matches('/'));
        PostgresLogin {
            database: if database.is_empty() {
                user.clone()
            } else {
                database
            },
            user,
            password: self.password(),
        }
    }

    /// User and password, where there is a password.
    pub fn login(&self) -> Option<(String, Secret)> {
        Some((decoded(self.0.username()), self.password()?))
    }

    /// The path with its query.
    pub fn path(&self) -> String {
        self.0.query().map_or_else(
            || self.0.path().to_owned(),
            |query| format!("{}?{query}", self.0.path()),
        )
    }

    fn password(&self) -> Option<Secret> {
        self.0.password().map(|text| Secret::new(decoded(text)))
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Why an address can't be read, for people.
fn plain(error: ParseError, scheme: &str, example: &str) -> String {
    match error {
        ParseError::RelativeUrlWithoutBase => {
            format!("Begin with {scheme}://, like {example}.")
        }
        ParseError::EmptyHost => format!("Name a host, like {example}."),
        ParseError::InvalidPort => {
            format!("The port is a number up to 65535, as in {example}.")
        }
        ParseError::IdnaError
        | ParseError::InvalidIpv4Address
        | ParseError::InvalidIpv6Address
        | ParseError::InvalidDomainCharacter => {
            format!("The host is neither a name nor an address; give it as in {example}.")
        }
        _ => format!("That can't be read as an address; give one like {example}."),
    }
}

fn allowed(part: &Part) -> (&'static [&'static str], &'static str) {
    match part.name {
        "database" => (
            &["postgres", "postgresql"],
            "postgres://user:password@127.0.0.1:5432/database",
        ),
        "redis" => (&["redis"], "redis://:password@127.0.0.1:6379"),
        _ => (&["http"], "http://127.0.0.1:8000/health"),
    }
}

#[cfg(test)]
mod tests {
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
}
