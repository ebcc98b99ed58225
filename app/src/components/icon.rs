//! Line drawings beside words; none carries meaning alone.

use leptos::prelude::*;

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// A house.
    Overview,
    /// Two boxes in a rack.
    Deployment,
    /// A line that rises and falls.
    Resources,
    /// A clock that is turned back.
    Backups,
    /// A page with lines.
    Audit,
    /// Sliders.
    Settings,
    /// A head and shoulders.
    Person,
    /// A cross.
    Close,
    /// A magnifying glass.
    Search,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Overview => "M2 8l6-5 6 5v6H2z",
            Self::Deployment => "M2 2.5h12v4H2zM2 9.5h12v4H2z",
            Self::Resources => "M1.5 11l4-5 3 3 2.5-6 3.5 8",
            Self::Backups => "M8 2a6 6 0 1 1-5.6 4M2 2v4h4M8 5v3.5l2.5 1.5",
            Self::Audit => "M3.5 1.5h9v13h-9zM6 5h4M6 8h4M6 11h2.5",
            Self::Settings => "M2 4.5h7M13 4.5h1M11 2.5v4M2 11.5h1M7 11.5h7M5 9.5v4",
            Self::Person => {
                "M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6M2.5 14.5c.5-3 2.6-4.5 5.5-4.5s5 1.5 5.5 4.5"
            }
            Self::Search => "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10M10.7 10.7l3.8 3.8",
            Self::Close => "M3.5 3.5l9 9M12.5 3.5l-9 9",
        }
    }

    /// The drawing, hidden from those who listen to the page.
    pub fn draw(self) -> impl IntoView {
        view! {
            <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                <path d=self.path() fill="none" stroke="currentColor" stroke-width="1.7" />
            </svg>
        }
    }
}
