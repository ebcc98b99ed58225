//! State as a shape and a word; colour never stands alone.

use leptos::prelude::*;
use types::health::Status;

/// How good or bad something is; the class names of `style/components.css`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Ok,
    /// Wants a look.
    Warn,
    /// Wants a hand.
    Crit,
    /// Not known, or not judged.
    Unk,
}

impl Tone {
    /// The class that gives the colour.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Crit => "crit",
            Self::Unk => "unk",
        }
    }

    /// The class of a badge.
    pub const fn badge(self) -> &'static str {
        match self {
            Self::Ok => "st ok",
            Self::Warn => "st warn",
            Self::Crit => "st crit",
            Self::Unk => "st unk",
        }
    }

    /// A card whose edge shows the state.
    pub const fn card(self) -> &'static str {
        match self {
            Self::Ok => "card ok",
            Self::Warn => "card warn",
            Self::Crit => "card crit",
            Self::Unk => "card unk",
        }
    }
}

impl From<Status> for Tone {
    fn from(status: Status) -> Self {
        match status {
            Status::Ok => Self::Ok,
            Status::Warning => Self::Warn,
            Status::Critical => Self::Crit,
            Status::Unknown => Self::Unk,
        }
    }
}

/// A state: its shape in its colour, and its word.
#[component]
pub fn Badge(
    /// How good or bad.
    tone: Tone,
    /// The word.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <span class=tone.badge()>{text}</span> }
}

/// The badge of a check's or the whole platform's verdict.
#[component]
pub fn StatusBadge(
    /// The verdict.
    status: Status,
) -> impl IntoView {
    view! { <Badge tone=Tone::from(status) text=status.as_str() /> }
}
