//! Now, as pages know it, and instants relative to it.
//!
//! A page's first render must be the same on the server and in the browser, so both take the instant at which the
//! server rendered it; only after hydration does the browser's own clock take over and tick, set right by the server's
//! where the two are far apart.

use leptos::prelude::*;
use time::OffsetDateTime;
use types::overview::When;

use crate::{
    charts::times::{self, Zone},
    components::{facts::shared, format, html::Html},
};

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
        crate::components::effect::effect(move || {
            let offset = offset(served, seconds_at_answer());
            let now = move || instant(seconds() + offset);
            // Not now: the page is just taking over what the server rendered, and formatters take their time.
            set_timeout(
                move || {
                    clock.is_local.try_set(true);
                    clock.now.try_set(now());
                },
                std::time::Duration::ZERO,
            );
            let ticking = set_interval_with_handle(move || clock.now.set(now()), TICK);
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

    /// Whether the zone of whoever reads is known.
    pub fn is_local(self) -> bool {
        self.is_local.get()
    }

    /// The zone in which instants are read: UTC at first, then that of whoever reads.
    pub fn zone(self) -> Zone {
        if self.is_local.get() {
            Zone(local::offset)
        } else {
            times::UTC
        }
    }

    /// The exact instant: in UTC at first, then in the zone of whoever reads it.
    pub fn exact(self, at: OffsetDateTime) -> String {
        if self.is_local.get() {
            local::exact(at)
        } else {
            format::utc(at)
        }
    }

    /// The day, `Tue, 24 Nov 2026`: in UTC, and saying so, at first, then in the zone of whoever reads it.
    pub fn day(self, at: OffsetDateTime) -> String {
        if self.is_local.get() {
            local::day(at)
        } else {
            format!("{}, UTC", format::day(at))
        }
    }

    /// The time of day: in UTC at first, then in the zone of whoever reads it.
    pub fn time_of_day(self, at: OffsetDateTime) -> String {
        if self.is_local.get() {
            local::time_of_day(at)
        } else {
            format::time_of_day(at)
        }
    }

    /// Writes an instant as [`Ago`] and the others here show one: `text`, with the exact instant on hover.
    pub fn write(self, html: &mut Html, at: OffsetDateTime, text: &str) {
        let (machine, exact) = (format::machine(at), self.exact(at));
        html.start("time", "", &[("datetime", &machine), ("title", &exact)])
            .text(text)
            .end("time");
    }
}

/// What is added to the browser's clock: nothing while it goes about right, for the server's is older than its answer.
#[cfg_attr(
    feature = "ssr",
    allow(dead_code, reason = "the server's clock is its own")
)]
const fn offset(served: i64, local: i64) -> i64 {
    /// Clocks that differ by less are taken for the same, in seconds.
    const SAME: u64 = 30;
    let offset = served - local;
    if offset.unsigned_abs() > SAME {
        offset
    } else {
        0
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

/// The browser's clock when the page's first byte came: later it would count the way and the script's start as well.
#[cfg(not(feature = "ssr"))]
#[expect(
    clippy::cast_possible_truncation,
    reason = "seconds fit for longer than anyone lives"
)]
fn seconds_at_answer() -> i64 {
    let get = |of: &wasm_bindgen::JsValue, name: &str| js_sys::Reflect::get(of, &name.into());
    let answered = get(&window(), "performance")
        .and_then(|performance| get(&performance, "timing"))
        .and_then(|timing| get(&timing, "responseStart"));
    match answered.ok().and_then(|ms| ms.as_f64()) {
        Some(ms) if ms > 0.0 => (ms / 1_000.0) as i64,
        _ => seconds(),
    }
}

/// Instants in the zone of whoever reads them. A formatter is made once: making one takes longer than all that a page of
/// instants is formatted in.
#[cfg(not(feature = "ssr"))]
mod local {
    use time::OffsetDateTime;

    thread_local! {
        static EXACT: js_sys::Function = formatter(&[("dateStyle", "medium"), ("timeStyle", "long")]);
        static DAY: js_sys::Function = formatter(&[
            ("weekday", "short"),
            ("day", "numeric"),
            ("month", "short"),
            ("year", "numeric"),
        ]);
        static TIME_OF_DAY: js_sys::Function = formatter(&[("timeStyle", "medium")]);
    }

    fn formatter(options: &[(&str, &str)]) -> js_sys::Function {
        let wanted = js_sys::Object::new();
        for (name, value) in options {
            let _ = js_sys::Reflect::set(&wanted, &(*name).into(), &(*value).into());
        }
        js_sys::Intl::DateTimeFormat::new(&js_sys::Array::of1(&"en-GB".into()), &wanted).format()
    }

    /// What is added to an instant to read it here, both in milliseconds.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "milliseconds fit a double for 285,000 years, and an offset is at most a day"
    )]
    pub fn offset(at: i64) -> i64 {
        let date = js_sys::Date::new(&(at as f64).into());
        -(date.get_timezone_offset() as i64) * 60_000
    }

    pub fn exact(at: OffsetDateTime) -> String {
        EXACT.with(|formatter| format(formatter, at))
    }

    pub fn day(at: OffsetDateTime) -> String {
        DAY.with(|formatter| format(formatter, at))
    }

    pub fn time_of_day(at: OffsetDateTime) -> String {
        TIME_OF_DAY.with(|formatter| format(formatter, at))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds fit a double for 285,000 years"
    )]
    fn format(formatter: &js_sys::Function, at: OffsetDateTime) -> String {
        let ms = (at.unix_timestamp() * 1_000) as f64;
        let text = formatter.call1(&wasm_bindgen::JsValue::NULL, &ms.into());
        text.ok()
            .and_then(|text| text.as_string())
            .unwrap_or_default()
    }
}

/// On the server nobody's zone is known.
#[cfg(feature = "ssr")]
mod local {
    pub use crate::components::format::{day, time_of_day, utc as exact};

    pub const fn offset(_: i64) -> i64 {
        0
    }
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

/// Since when something is so, or when it happened, to follow what it is: ` for 4 min`, ` since before 24 Nov 2026, 11:02`,
/// ` 4 min ago`.
#[component]
pub fn HowLong(
    /// The instant.
    at: OffsetDateTime,
    /// What the instant is.
    when: When,
) -> impl IntoView {
    match when {
        When::Since => view! { " " <ForSo at /> }.into_any(),
        When::Before => view! { " since " <Before at /> }.into_any(),
        When::At => view! { " " <Ago at /> }.into_any(),
    }
}

/// For how long something is so, `for 4 min`; at first `since just now`.
#[component]
fn ForSo(
    /// Since when.
    at: OffsetDateTime,
) -> impl IntoView {
    let clock = Clock::here();
    view! {
        <time datetime=format::machine(at) title=move || clock.exact(at)>
            {move || match (clock.now() - at).whole_seconds() {
                ..5 => "since just now".to_owned(),
                seconds => format!("for {}", format::duration(seconds)),
            }}
        </time>
    }
}

/// An instant before which something began, `before 24 Nov 2026, 11:02`.
#[component]
pub fn Before(
    /// The instant.
    at: OffsetDateTime,
) -> impl IntoView {
    let clock = Clock::here();
    view! { "before " <time datetime=format::machine(at)>{move || clock.exact(at)}</time> }
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

#[cfg(test)]
mod tests {
    use super::offset;

    #[test]
    fn only_a_clock_that_is_far_off_is_set_right() {
        assert_eq!(offset(1_000, 1_000), 0);
        assert_eq!(offset(1_000, 1_030), 0);
        assert_eq!(offset(1_000, 970), 0);
        // An hour slow, and an hour fast.
        assert_eq!(offset(7_200, 3_600), 3_600);
        assert_eq!(offset(3_600, 7_200), -3_600);
    }
}
