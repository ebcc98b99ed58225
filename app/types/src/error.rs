//! The one error that crosses the wire. Closed: the detail behind it goes to the log, never to a browser.

use serde::{Deserialize, Serialize};

use crate::{Capability, Role, access::Reach};

/// A field of a form or an API body that was refused, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// The field's name as the form or the API spells it.
    pub field: String,
    /// What is wrong and what is allowed, in a sentence.
    pub message: String,
}

/// Why a use-case did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "snake_case", try_from = "Told")]
pub enum Error {
    /// Nobody is signed in, or the token is unknown, revoked or past its date.
    #[error("Sign in to go on.")]
    Unauthenticated,
    /// E-mail, password or code is wrong; which of them is not said.
    #[error("That e-mail and password do not match. Check both and try again.")]
    WrongCredentials,
    /// The password was right; the second factor is missing or wrong.
    #[error("{}", describe_factor(*wrong))]
    SecondFactor {
        /// True when a code was given and refused.
        wrong: bool,
    },
    /// The actor's role lacks the capability.
    #[error("You may not {}. Ask {} if you need to.", capability.label(), who_may(*capability))]
    Forbidden {
        /// The capability that lacks.
        capability: Capability,
    },
    /// The request did not come from the console's own pages.
    #[error(
        "This request came from another site and was refused. Open the console itself and try again."
    )]
    ForeignOrigin,
    /// The act needs a proof of password within the last five minutes.
    #[error("Confirm your password to go on.")]
    StepUpRequired,
    /// There is no such thing, or the actor may not know of it.
    #[error("There is no such {what}.")]
    NotFound {
        /// The kind of thing that was looked for.
        what: String,
    },
    /// Something given was refused.
    #[error("{}", describe_fields(fields))]
    Invalid {
        /// Every field that was refused; `errors` on the wire, as problem documents have it.
        #[serde(rename = "errors")]
        fields: Vec<FieldError>,
    },
    /// The request could not be read at all.
    #[error("The request could not be read: {message}")]
    Malformed {
        /// What is wrong with it.
        message: String,
    },
    /// The state of things forbids it.
    #[error("{message}")]
    Conflict {
        /// Why, and what to do.
        message: String,
    },
    /// The body is over the limit.
    #[error("That is too large: at most {limit_bytes} bytes are taken.")]
    TooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// Too many tries.
    #[error("Too many tries. Wait {} and try again.", describe_wait(*retry_after_s))]
    TooManyTries {
        /// Seconds until the next try is looked at.
        retry_after_s: u64,
    },
    /// Something the console needs does not answer.
    #[error("{what} does not answer. {hint}")]
    Unavailable {
        /// What does not answer.
        what: String,
        /// What to do about it.
        hint: String,
    },
    /// A fault of the console's own; the log has the detail under this id.
    #[error("Something went wrong in the console. The log has the detail under {trace_id}.")]
    Internal {
        /// The id to look for in the log.
        trace_id: String,
    },
    /// The browser could not reach the console.
    #[error("The console could not be reached. Check the connection and try again.")]
    Unreachable,
}

impl Error {
    /// One refused field.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid {
            fields: vec![FieldError {
                field: field.into(),
                message: message.into(),
            }],
        }
    }

    /// There is no such `what`.
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::NotFound { what: what.into() }
    }

    /// The state of things forbids it; `message` says why and what to do.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::Conflict {
            message: message.into(),
        }
    }

    /// The HTTP status that says the same.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Unauthenticated | Self::WrongCredentials | Self::SecondFactor { .. } => 401,
            Self::Forbidden { .. } | Self::ForeignOrigin | Self::StepUpRequired => 403,
            Self::NotFound { .. } => 404,
            Self::Invalid { .. } => 422,
            Self::Malformed { .. } => 400,
            Self::Conflict { .. } => 409,
            Self::TooLarge { .. } => 413,
            Self::TooManyTries { .. } => 429,
            Self::Unavailable { .. } | Self::Unreachable => 503,
            Self::Internal { .. } => 500,
        }
    }

    /// A short, stable name for the API's problem documents.
    pub const fn slug(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::WrongCredentials => "wrong-credentials",
            Self::SecondFactor { .. } => "second-factor",
            Self::Forbidden { .. } => "forbidden",
            Self::ForeignOrigin => "foreign-origin",
            Self::StepUpRequired => "step-up-required",
            Self::NotFound { .. } => "not-found",
            Self::Invalid { .. } => "invalid",
            Self::Malformed { .. } => "malformed",
            Self::Conflict { .. } => "conflict",
            Self::TooLarge { .. } => "too-large",
            Self::TooManyTries { .. } => "too-many-tries",
            Self::Unavailable { .. } => "unavailable",
            Self::Internal { .. } => "internal",
            Self::Unreachable => "unreachable",
        }
    }

    /// What is wrong with `field`, if it was refused.
    pub fn of_field(&self, field: &str) -> Option<&str> {
        match self {
            Self::Invalid { fields } => fields
                .iter()
                .find(|refused| refused.field == field)
                .map(|refused| refused.message.as_str()),
            _ => None,
        }
    }
}

/// An error as it is read: every field that some kind has. Read as an enum with a tag, it would first be read as a value
/// of any shape, and the code for that weighs more in the browser than all errors.
#[derive(Deserialize)]
struct Told {
    kind: String,
    #[serde(default)]
    wrong: bool,
    capability: Option<Capability>,
    #[serde(default)]
    what: String,
    #[serde(default, rename = "errors")]
    fields: Vec<FieldError>,
    #[serde(default)]
    message: String,
    #[serde(default)]
    limit_bytes: u64,
    #[serde(default)]
    retry_after_s: u64,
    #[serde(default)]
    hint: String,
    #[serde(default)]
    trace_id: String,
}

impl TryFrom<Told> for Error {
    type Error = &'static str;

    fn try_from(told: Told) -> Result<Self, Self::Error> {
        let Told { what, message, .. } = told;
        Ok(match told.kind.as_str() {
            "unauthenticated" => Self::Unauthenticated,
            "wrong_credentials" => Self::WrongCredentials,
            "second_factor" => Self::SecondFactor { wrong: told.wrong },
            "forbidden" => Self::Forbidden {
                capability: told.capability.ok_or("no capability")?,
            },
            "foreign_origin" => Self::ForeignOrigin,
            "step_up_required" => Self::StepUpRequired,
            "not_found" => Self::NotFound { what },
            "invalid" => Self::Invalid {
                fields: told.fields,
            },
            "malformed" => Self::Malformed { message },
            "conflict" => Self::Conflict { message },
            "too_large" => Self::TooLarge {
                limit_bytes: told.limit_bytes,
            },
            "too_many_tries" => Self::TooManyTries {
                retry_after_s: told.retry_after_s,
            },
            "unavailable" => Self::Unavailable {
                what,
                hint: told.hint,
            },
            "internal" => Self::Internal {
                trace_id: told.trace_id,
            },
            "unreachable" => Self::Unreachable,
            _ => return Err("no such kind of error"),
        })
    }
}

fn describe_fields(fields: &[FieldError]) -> String {
    let sentences: Vec<String> = fields
        .iter()
        .map(|refused| format!("{}: {}", refused.field, refused.message))
        .collect();
    sentences.join(" ")
}

const fn who_may(capability: Capability) -> &'static str {
    match capability.reach(Role::TeamLead) {
        Reach::None => "a CTO",
        _ => "a team lead or a CTO",
    }
}

const fn describe_factor(wrong: bool) -> &'static str {
    if wrong {
        "That code is wrong, or it was used already. Enter the one that your authenticator app shows now, or another recovery code."
    } else {
        "Enter the six-digit code of your authenticator app, or a recovery code."
    }
}

fn describe_wait(seconds: u64) -> String {
    match seconds {
        0..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        91..=5_400 => format!("{} minutes", seconds.div_ceil(60)),
        _ => format!("{} hours", seconds.div_ceil(3_600)),
    }
}

#[cfg(feature = "leptos")]
impl server_fn::error::FromServerFnError for Error {
    type Encoder = crate::wire::Encoding;

    fn from_server_fn_error(error: server_fn::error::ServerFnErrorErr) -> Self {
        use server_fn::error::ServerFnErrorErr as Fault;
        match error {
            Fault::Request(_) => Self::Unreachable,
            Fault::Args(message) | Fault::MissingArg(message) | Fault::Deserialization(message) => {
                Self::Malformed { message }
            }
            _ => Self::Internal {
                trace_id: "server-function".to_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests;
