//! Now, as pages know it, and instants relative to it.
//!
//! A page's first render must be the same on the server and in the browser, so both take the instant at which the
//! server rendered it; only after hydration does the browser's own clock take over and tick.

use crate::components::effect::effect;
use crate::components::facts::shared;
use leptos::prelude::*;
use time::OffsetDateTime;

use crate::components::format;

/// How often relative times move on.
#[cfg(not(feature = "ssr"))]
const TICK: std::time::Duration = std::time::Duration::from_secs(5);

/// The page's clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    now: RwSignal<OffsetDateTime>,
    is_local: RwSignal<bool>,
}

impl Clock {
    /// Makes the clock and gives it to everything below.
    pub fn provide() -> Self {
        let served = shared(seconds);
        let clock = Self {
            now: RwSignal::new(instant(served)),
            is_local: RwSignal::new(false),
        };
        #[cfg(not(feature = "ssr"))]
        effect(move || {
            clock.is_local.set(true);
            clock.now.set(instant(seconds()));
            let ticking = set_interval_with_handle(move || clock.now.set(instant(seconds())), TICK);
            on_cleanup(move || {
                if let Ok(ticking) = ticking {
                    ticking.clear();
                }
            });
        });
        provide_context(clock);
        clock
    }

    /// The clock of this page.
    pub fn here() -> Self {
        use_context::<Self>().unwrap_or_else(Self::provide)
    }

    /// Now, to the nearest tick.
    pub fn now(self) -> OffsetDateTime {
        self.now.get()
    }

    /// Now, without being told when it moves on.
    pub fn now_untracked(self) -> OffsetDateTime {
        self.now.get_untracked()
    }

    /// The exact instant: in UTC at first, then in the zone of whoever reads it.
    pub fn exact(self, at: OffsetDateTime) -> String {
        if self.is_local.get() {
            in_local_zone(at)
        } else {
            format::utc(at)
        }
    }

    /// The time of day: in UTC at first, then in the zone of whoever reads it.
    pub fn time_of_day(self, at: OffsetDateTime) -> String {
        if self.is_local.get() {
            local_time_of_day(at)
        } else {
            format::time_of_day(at)
        }
    }
}

fn instant(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(feature = "ssr")]
fn seconds() -> i64 {
    use_context::<ops::Ops>().map_or(0, |ops| ops.clock.now().unix_timestamp())
}

#[cfg(not(feature = "ssr"))]
#[expect(
    clippy::cast_possible_truncation,
    reason = "seconds fit for longer than anyone lives"
)]
fn seconds() -> i64 {
    (js_sys::Date::now() / 1_000.0) as i64
}

#[cfg(feature = "ssr")]
fn in_local_zone(at: OffsetDateTime) -> String {
    format::utc(at)
}

#[cfg(not(feature = "ssr"))]
fn in_local_zone(at: OffsetDateTime) -> String {
    let options = js_sys::Object::new();
    for (name, value) in [("dateStyle", "medium"), ("timeStyle", "long")] {
        let _ = js_sys::Reflect::set(&options, &name.into(), &value.into());
    }
    date(at).to_locale_string("en-GB", &options).into()
}

#[cfg(feature = "ssr")]
fn local_time_of_day(at: OffsetDateTime) -> String {
    format::time_of_day(at)
}

#[cfg(not(feature = "ssr"))]
fn local_time_of_day(at: OffsetDateTime) -> String {
    date(at).to_locale_time_string("en-GB").into()
}

#[cfg(not(feature = "ssr"))]
#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds fit a double for 285,000 years"
)]
fn date(at: OffsetDateTime) -> js_sys::Date {
    js_sys::Date::new(&((at.unix_timestamp() * 1_000) as f64).into())
}

/// An instant as its distance from now, `4 min ago`, with the exact instant on hover.
#[component]
pub fn Ago(
    /// The instant.
    at: OffsetDateTime,
) -> impl IntoView {
    let clock = Clock::here();
    view! {
        <time datetime=format::machine(at) title=move || clock.exact(at)>
            {move || format::ago(at, clock.now())}
        </time>
    }
}

/// The length of time since an instant, `4 min`, with the exact instant on hover.
#[component]
pub fn Since(
    /// The instant.
    at: OffsetDateTime,
) -> impl IntoView {
    let clock = Clock::here();
    view! {
        <time datetime=format::machine(at) title=move || clock.exact(at)>
            {move || format::duration((clock.now() - at).whole_seconds())}
        </time>
    }
}

/// An instant's time of day, for lists whose rows are close together.
#[component]
pub fn TimeOfDay(
    /// The instant.
    at: OffsetDateTime,
) -> impl IntoView {
    let clock = Clock::here();
    view! {
        <time datetime=format::machine(at) title=move || clock.exact(at)>
            {move || clock.time_of_day(at)}
        </time>
    }
}
