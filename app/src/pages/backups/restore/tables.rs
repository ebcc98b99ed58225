//! What a restore of a database leaves behind.

use leptos::prelude::*;
use types::backups::{RestorePlan, RowChange};

use crate::components::format;

/// Which services are stopped, and what is left behind.
#[component]
pub fn Tables(
    /// The plan.
    plan: RestorePlan,
) -> impl IntoView {
    let stops = if plan.stops.is_empty() {
        "No service of the stack is connected to it now.".to_owned()
    } else {
        format!(
            "Stopped for the switch, and started again after it: {}.",
            plan.stops.join(", ")
        )
    };
    view! {
        <p>{stops}</p>
        <Left plan />
    }
}

#[component]
fn Left(plan: RestorePlan) -> impl IntoView {
    if let Some(why) = plan.unknown {
        return view! {
            <div class="note unk">
                <b>"What has changed since can't be told"</b>
                <p>{why}</p>
            </div>
        }
        .into_any();
    }
    if plan.refused.is_some() {
        return ().into_any();
    }
    if plan.changes.is_empty() {
        return view! {
            <div class="note ok">
                <b>"Every table has as many rows as then"</b>
                <p>"Rows that were changed in place are not told by that."</p>
            </div>
        }
        .into_any();
    }
    let more = plan.changed_tables - i64::try_from(plan.changes.len()).unwrap_or(0);
    let rows = plan.changes.into_iter().map(change).collect_view();
    view! {
        <div class="note warn">
            <b>"What was written since is left behind"</b>
            <ul>
                {rows} {(more > 0).then(|| view! { <li>{format!("and {more} more tables")}</li> })}
            </ul>
        </div>
    }
    .into_any()
}

fn change(change: RowChange) -> impl IntoView {
    let about = if change.is_estimate { "about " } else { "" };
    let told = match (change.then, change.now) {
        (Some(then), Some(now)) => format!("{about}{now} rows, {then} then"),
        (None, Some(now)) => format!("{about}{now} rows, not there then"),
        (Some(then), None) => format!("not there any more, {then} rows then"),
        (None, None) => format::UNKNOWN.to_owned(),
    };
    view! {
        <li>
            <span class="mono break-all">{change.table}</span>
            {format!(": {told}")}
        </li>
    }
}
