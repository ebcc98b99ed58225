//! A share of a limit as a bar; the words beside it carry the value.

use leptos::prelude::*;

use crate::components::format;

/// The class of a meter at this share of its limit, 0 to 1.
pub const fn heat(share: f64) -> &'static str {
    if share >= 0.95 {
        "meter full"
    } else if share >= 0.8 {
        "meter hot"
    } else {
        "meter"
    }
}

/// How full something is, or only its figure where it has no limit.
#[component]
pub fn Meter(
    /// The share of the limit, 0 to 1; none without a limit.
    share: Option<f64>,
    /// The figure in words.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    match share {
        Some(share) if share.is_finite() => {
            let width = format!("width:{}%", format::whole(share.clamp(0.0, 1.0) * 100.0));
            view! {
                <span class=heat(share)>
                    <i aria-hidden="true">
                        <b style=width></b>
                    </i>
                    <span>{text}</span>
                </span>
            }
            .into_any()
        }
        _ => view! { <span class="whitespace-nowrap text-muted">{text}</span> }.into_any(),
    }
}
