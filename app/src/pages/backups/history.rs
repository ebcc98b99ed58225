//! What was backed up, and what was done lately.

use leptos::prelude::*;
use types::{
    Capability,
    backups::{Backup, BackupSet},
    operations::{Listed, Phase},
};

use super::words;
use crate::{
    api::backups::{download_address, files_page, operation_page, restore_page},
    components::{
        clock::Ago, effect::memo, empty::Empty, format, status::Badge, unavailable::Unavailable,
        viewer::Viewer,
    },
};

/// The backups of a set.
#[component]
pub fn History(
    /// The newest first.
    backups: Memo<Vec<Backup>>,
    /// Theirs.
    set: Memo<BackupSet>,
) -> impl IntoView {
    let is_empty = memo(move || backups.read().is_empty());
    let viewer = Viewer::here();
    let refused = memo(move || {
        let set = set.read();
        let team = &set.settings.team;
        viewer.with(|viewer| {
            let viewer = viewer.as_ref()?;
            viewer.may_not(Capability::Restore, team)
        })
    });
    let is_database = memo(move || set.read().kind.is_database());
    let table = move || {
        if is_empty.get() {
            return view! {
                <Empty title="No backup yet">
                    <p>"The schedule takes the first one, or \u{201c}Back up now\u{201d}."</p>
                </Empty>
            }
            .into_any();
        }
        view! {
            <table class="cards">
                <thead>
                    <tr>
                        <th>"Taken"</th>
                        <th>"Proof"</th>
                        <th>"Read"</th>
                        <th>"New"</th>
                        <th>"Took"</th>
                        <th>"Copies"</th>
                        <th>
                            <span class="sr-only">"Actions"</span>
                        </th>
                    </tr>
                </thead>
                <tbody>
                    {move || {
                        let (refused, is_database) = (refused.get(), is_database.get());
                        let row = |backup| row(backup, is_database, refused.clone());
                        backups.get().into_iter().map(row).collect_view()
                    }}
                </tbody>
            </table>
        }
        .into_any()
    };
    view! {
        <section class="card mb-3" id="history">
            <header>
                <h2>"History"</h2>
            </header>
            {table}
        </section>
    }
}

fn row(backup: Backup, is_database: bool, refused: Option<String>) -> impl IntoView {
    let (tone, word) = words::proof(&backup);
    let is_there = backup.status == Phase::Succeeded;
    let took = backup.finished_at.map_or_else(
        || format::UNKNOWN.to_owned(),
        |end| words::took((end - backup.started_at).as_seconds_f64()),
    );
    let reached = backup
        .copies
        .iter()
        .filter(|copy| copy.snapshot.is_some())
        .count();
    let copies = backup.copies.iter().map(|copy| {
        let how = match (&copy.failure, &copy.snapshot) {
            (Some(why), _) => format!("{}: {why}", copy.target_name),
            (None, Some(_)) if copy.verified_at.is_some() => {
                format!("{}: read back", copy.target_name)
            }
            (None, _) => format!("{}: not read back yet", copy.target_name),
        };
        view! { <li>{how}</li> }
    });
    let copies = copies.collect_view();
    let act = is_there.then(|| match refused {
        Some(why) => view! { <Unavailable text="Restore" why /> }.into_any(),
        None => acts(backup.set, backup.id, is_database),
    });
    view! {
        <tr>
            <td>
                <a class="font-semibold underline" href=operation_page(backup.operation)>
                    <Ago at=backup.started_at />
                </a>
                <p class="hint">{backup.asked_by}</p>
            </td>
            <td>
                <Badge tone text=word />
                {backup.failure.map(|why| view! { <p class="hint max-w-[340px]">{why}</p> })}
            </td>
            <td data-label="Read" class="whitespace-nowrap">{is_there.then(|| words::size(backup.bytes_read))}</td>
            <td data-label="New" class="whitespace-nowrap">{is_there.then(|| words::size(backup.bytes_added))}</td>
            <td data-label="Took" class="whitespace-nowrap">{took}</td>
            <td data-label="Copies">
                <details>
                    <summary>{format::count(reached, "copy", "copies")}</summary>
                    <ul class="hint">{copies}</ul>
                </details>
            </td>
            <td class="num wide">{act}</td>
        </tr>
    }
}

/// What can be done with a backup.
fn acts(set: i64, backup: i64, is_database: bool) -> AnyView {
    let inside = if is_database {
        download_link(backup)
    } else {
        view! {
            <a class="btn" href=files_page(set, backup, "")>
                "Files"
            </a>
        }
        .into_any()
    };
    view! {
        <div class="row justify-end">
            {inside} <a class="btn" href=restore_page(backup, "")>
                "Restore"
            </a>
        </div>
    }
    .into_any()
}

/// The way to the dump of a database.
pub fn download_link(backup: i64) -> AnyView {
    view! {
        <a class="btn" rel="external" href=download_address(backup, "")>
            "Download the dump"
        </a>
    }
    .into_any()
}

/// What was done with a set lately.
#[component]
pub fn Work(
    /// The newest first.
    operations: Memo<Vec<Listed>>,
) -> impl IntoView {
    let rows = move || {
        let row = |one: Listed| {
            let (tone, word) = words::phase(one.phase);
            let took = one.finished_at.zip(one.started_at).map_or_else(
                || format::UNKNOWN.to_owned(),
                |(end, start)| words::took((end - start).as_seconds_f64()),
            );
            view! {
                <tr>
                    <td>
                        <a class="font-semibold underline" href=operation_page(one.id)>
                            {words::does(one.kind)}
                        </a>
                    </td>
                    <td>
                        <Badge tone text=word />
                    </td>
                    <td data-label="Asked">
                        <Ago at=one.asked_at />
                    </td>
                    <td data-label="By">{one.asked_by}</td>
                    <td data-label="Took" class="whitespace-nowrap">{took}</td>
                    <td class="wide">{one.failure.map(|why| view! { <span class="hint">{why}</span> })}</td>
                </tr>
            }
        };
        operations.get().into_iter().map(row).collect_view()
    };
    let is_empty = memo(move || operations.read().is_empty());
    move || {
        (!is_empty.get()).then(|| {
            view! {
                <section class="card mb-3" id="work">
                    <header>
                        <h2>"What was done"</h2>
                    </header>
                    <table class="cards">
                        <thead>
                            <tr>
                                <th>"What"</th>
                                <th>"How it went"</th>
                                <th>"Asked"</th>
                                <th>"By"</th>
                                <th>"Took"</th>
                                <th>
                                    <span class="sr-only">"Why it failed"</span>
                                </th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </section>
            }
        })
    }
}
