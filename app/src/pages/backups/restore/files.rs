//! What a restore of files changes.

use leptos::prelude::*;
use types::backups::{Difference, FileChange, FilesPlan, TextChange};

use crate::components::{
    format,
    html::Html,
    written::{Written, written},
};

/// What differs, who has it mounted, and how small text files would change.
#[component]
pub fn Files(
    /// What it would do.
    files: FilesPlan,
    /// Why what differs can't be told.
    unknown: Option<String>,
) -> impl IntoView {
    let restart = (!files.restart.is_empty()).then(|| {
        format!(
            "{} sees what is restored after a restart: it has some of it mounted by itself.",
            files.restart.join(", ")
        )
    });
    let mounted = match files.mounted.as_slice() {
        [] if unknown.is_some() => None,
        [] => Some("No service of the stack has it mounted.".to_owned()),
        some => Some(format!(
            "It keeps running, with it mounted: {}.",
            some.join(", ")
        )),
    };
    let texts = files.texts.clone();
    let left_out = files.texts_left_out;
    let shown = !texts.is_empty();
    view! {
        <Counts files unknown />
        {mounted.map(|mounted| view! { <p>{mounted}</p> })}
        {restart.map(|restart| view! { <p class="note warn">{restart}</p> })}
        {texts.into_iter().map(|text| view! { <TextDiff text /> }).collect_view()}
        {(shown && left_out > 0)
            .then(|| {
                view! {
                    <p class="hint">
                        {format!("{left_out} more differ and are not shown: they are large, no text, or too many.")}
                    </p>
                }
            })}
    }
}

/// How many files differ, and some of them.
#[component]
fn Counts(files: FilesPlan, unknown: Option<String>) -> impl IntoView {
    if let Some(why) = unknown {
        return view! {
            <div class="note unk">
                <b>"What has changed since can't be told"</b>
                <p>{why}</p>
            </div>
        }
        .into_any();
    }
    let of = if files.is_cut {
        format!(
            "Of more files than are compared, the first {} were looked at.",
            files.compared
        )
    } else {
        let compared = usize::try_from(files.compared).unwrap_or_default();
        format!(
            "{} compared by size and time.",
            format::count(compared, "file was", "files were")
        )
    };
    let all = files.changed + files.missing + files.added;
    if all == 0 {
        return view! {
            <div class="note ok">
                <b>"Nothing that was compared differs from the backup"</b>
                <p>{of}</p>
            </div>
        }
        .into_any();
    }
    let more = all - i64::try_from(files.differences.len()).unwrap_or(0);
    let counted = [
        (files.changed, "changed since"),
        (files.missing, "not there any more"),
        (files.added, "not in the backup, and put aside"),
    ];
    let counted: Vec<String> = counted
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
    let rows = files.differences.into_iter().map(change).collect_view();
    view! {
        <div class="note warn">
            <b>{format::capitalised(&counted.join("; "))}</b>
            <p>{of}</p>
            <ul>
                {rows} {(more > 0).then(|| view! { <li>{format!("and {more} more")}</li> })}
            </ul>
        </div>
    }
    .into_any()
}

fn change(change: FileChange) -> impl IntoView {
    let told = match change.difference {
        Difference::Changed => ": changed",
        Difference::Missing => ": not there",
        Difference::Added => ": not in the backup",
    };
    view! {
        <li>
            <span class="mono break-all">{change.path}</span>
            {told}
        </li>
    }
}

/// How a text file would change, from what is there to what is in the backup.
#[component]
fn TextDiff(text: TextChange) -> impl IntoView {
    let lines = text.lines;
    let is_same = lines.is_empty();
    view! {
        <details open>
            <summary class="mono break-all">{text.path}</summary>
            {if is_same {
                view! { <p class="hint">"The text is the same; its time or size alone differs."</p> }.into_any()
            } else {
                written(Box::new(move || difference(&lines)))
            }}
        </details>
    }
}

fn difference(lines: &[String]) -> Written {
    let mut shown = Written::new("pre", "diff", &[]);
    for line in lines {
        let tag = match line.chars().next() {
            Some('+') => "ins",
            Some('-') => "del",
            _ => "span",
        };
        shown.add(&|html: &mut Html| {
            html.start(tag, "", &[]).text(line).end(tag);
        });
    }
    shown
}
