//! Bounds of what people type. Every refused field is named; what passes can be stored as it is.

use types::{Error, FieldError, Role, text::is_plain};

/// The longest password that is hashed.
pub const PASSWORD_MAX: usize = 200;
/// The shortest password that is taken.
pub const PASSWORD_MIN: usize = 12;
/// The longest e-mail address.
pub const EMAIL_MAX: usize = 254;
/// The longest name.
pub const NAME_MAX: usize = 100;

/// Long enough, and known to everyone who guesses.
const COMMON: &[&str] = &[
    "000000000000",
    "111111111111",
    "123412341234",
    "123123123123",
    "1234567890123",
    "12345678901234",
    "123456789012",
    "1234567890ab",
    "0123456789ab",
    "0123456789abcdef",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "1qaz2wsx3edc4rfv",
    "abcabcabcabc",
    "abcd1234abcd",
    "abcdefghijkl",
    "abcdefghijklm",
    "administrator",
    "administrator1",
    "adminadminadmin",
    "adminadmin123",
    "admin1234567",
    "admin12345678",
    "asdfasdfasdf",
    "asdfghjkl123",
    "asdfghjkl1234",
    "changeme1234",
    "changeme12345",
    "changemechangeme",
    "correcthorsebatterystaple",
    "correct horse battery staple",
    "iloveyou1234",
    "iloveyouiloveyou",
    "letmein12345",
    "letmeinletmein",
    "masterpassword",
    "mypassword123",
    "mypassword1234",
    "p@ssw0rd1234",
    "p@ssword1234",
    "passw0rd1234",
    "password1234",
    "password12345",
    "password123456",
    "password1234567",
    "password12345678",
    "password123!",
    "password1234!",
    "passwordpassword",
    "passwordpassword1",
    "qazwsxedcrfv",
    "qwerty123456",
    "qwerty1234567",
    "qwertyqwerty",
    "qwertyuiop12",
    "qwertyuiop123",
    "qwertyuiop1234",
    "qwertyuiop[]",
    "superadmin123",
    "supersecret123",
    "thisisapassword",
    "welcome12345",
    "welcome123456",
    "welcomewelcome",
    "zxcvbnm12345",
    "zxcvbnmzxcvbnm",
];

/// Gathers what is wrong with the fields of one form.
#[derive(Debug, Default)]
pub struct Fields(Vec<FieldError>);

impl Fields {
    /// Refuses a field.
    pub fn refuse(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldError {
            field: field.to_owned(),
            message: message.into(),
        });
    }

    /// # Errors
    /// `Invalid` with every field that was refused.
    pub fn done(self) -> Result<(), Error> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid { fields: self.0 })
        }
    }

    /// An e-mail address, without the space around it.
    pub fn email(&mut self, field: &str, text: &str) -> String {
        let text = text.trim();
        if text.is_empty() {
            self.refuse(field, "Give an e-mail address.");
        } else if text.len() > EMAIL_MAX {
            self.refuse(field, format!("Use at most {EMAIL_MAX} characters."));
        } else if !is_email(text) {
            self.refuse(
                field,
                "That is not an e-mail address; it looks like name@example.com.",
            );
        }
        text.to_owned()
    }

    /// A name that people read, without the space around it: 1 to 100 characters, none of them a control character.
    pub fn name(&mut self, field: &str, text: &str) -> String {
        let text = text.trim();
        if text.is_empty() {
            self.refuse(field, "Give a name.");
        } else if text.chars().nth(NAME_MAX).is_some() {
            self.refuse(field, format!("Use at most {NAME_MAX} characters."));
        } else if !is_plain(text) {
            self.refuse(field, "Leave out control characters and line breaks.");
        }
        text.to_owned()
    }

    /// A team's name: what the schema takes.
    pub fn team_name(&mut self, field: &str, text: &str) -> String {
        let text = text.trim();
        let starts_well = text
            .bytes()
            .next()
            .is_some_and(|first| first.is_ascii_lowercase() || first.is_ascii_digit());
        let reads_well = text.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-'
        });
        if !starts_well || !reads_well || text.len() > 40 {
            self.refuse(
                field,
                "Use 1 to 40 lower-case letters, digits, \"-\" and \"_\", beginning with a letter or digit.",
            );
        }
        text.to_owned()
    }

    /// A password somebody chooses; `email` is the address they sign in with.
    pub fn new_password(&mut self, field: &str, password: &str, email: &str) {
        let length = password.chars().take(PASSWORD_MAX + 1).count();
        if length < PASSWORD_MIN {
            self.refuse(field, format!("Use at least {PASSWORD_MIN} characters."));
        } else if length > PASSWORD_MAX {
            self.refuse(field, format!("Use at most {PASSWORD_MAX} characters."));
        } else if password.chars().any(char::is_control) {
            self.refuse(field, "Leave out control characters and line breaks.");
        } else if is_common(password) {
            self.refuse(
                field,
                "That is among the first that are guessed; choose another.",
            );
        } else if contains_own_name(password, email) {
            self.refuse(field, "Leave your e-mail name out of it.");
        }
    }

    /// A password somebody signs in with: anything that could be one.
    pub fn password(&mut self, field: &str, password: &str) {
        if password.is_empty() {
            self.refuse(field, "Give the password.");
        } else if password.chars().nth(PASSWORD_MAX).is_some() {
            self.refuse(
                field,
                format!("A password has at most {PASSWORD_MAX} characters."),
            );
        }
    }

    /// A code of an authenticator app or a recovery code, if one is given.
    pub fn code<'a>(&mut self, field: &str, code: Option<&'a str>) -> Option<&'a str> {
        let code = code.map(str::trim).filter(|code| !code.is_empty())?;
        if code.len() > 64 {
            self.refuse(field, "A code is shorter than that.");
        }
        Some(code)
    }

    /// The name of something outside, e.g. a project or a service: 1 to 200 characters.
    pub fn reference(&mut self, field: &str, text: &str) {
        if text.is_empty() || text.chars().nth(200).is_some() || !is_plain(text) {
            self.refuse(field, "Use 1 to 200 characters without control characters.");
        }
    }

    /// A role that a user may have.
    pub fn role_of_user(&mut self, field: &str, role: Role) {
        if !Role::OF_USERS.contains(&role) {
            self.refuse(field, "A user can't have this role: it is for tokens.");
        }
    }

    /// Ids of teams or users: at most 1,000.
    pub fn ids(&mut self, field: &str, ids: &[i64]) {
        if ids.len() > 1_000 {
            self.refuse(field, "Choose at most 1,000.");
        }
    }
}

/// ASCII only: the database and this program then agree on which addresses are the same.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let is_local =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~.-".contains(&byte);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    (1..=64).contains(&local.len())
        && local.bytes().all(is_local)
        && domain.split('.').all(is_label)
}

fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    let mut seen: Vec<char> = lower.chars().collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len() < 5 || COMMON.contains(&lower.as_str())
}

fn contains_own_name(password: &str, email: &str) -> bool {
    let local = email.split('@').next().unwrap_or_default().to_lowercase();
    local.len() >= 3 && password.to_lowercase().contains(&local)
}

#[cfg(test)]
mod tests;
