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
mod tests;
