//! What is in a backup of files: folder by folder, each to be restored by itself, and files to be downloaded.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use types::{
    Capability,
    backups::{FileEntry, FileKind, FileListing},
};

use super::words;
use crate::{
    api::{
        self,
        backups::{download_address, files_page, restore_page},
    },
    components::{
        clock::{Ago, Clock},
        effect::memo,
        empty::Empty,
        facts::Facts,
        format,
        html::Html,
        loaded::LoadedOf,
        rows::{Body, Rows},
    },
    pages::settings::refusal_of,
};

/// The classes of the columns.
const COLUMNS: [&str; 4] = ["wide break-all", "", "", "num wide"];

/// The page.
#[component]
pub fn FilesPage() -> impl IntoView {
    if let Some(refusal) = refusal_of(Capability::Restore) {
        return view! {
            <Title text="Files of a backup" />
            <div class="head">
                <h1>"Files of a backup"</h1>
            </div>
            {refusal}
        }
        .into_any();
    }
    let (params, query) = (use_params_map(), use_query_map());
    let backup = memo(move || {
        let id = params.read().get("backup");
        id.and_then(|id| id.parse().ok()).unwrap_or(0)
    });
    let path = memo(move || query.read().get("path").unwrap_or_default());
    let subject = Signal::derive(move || format!("{} {}", backup.get(), path.get()));
    let listing = Facts::new(
        move || (backup.get(), path.get()),
        |(id, path)| api::backups::backup_files(id, path),
    );
    let more = Facts::new(|| (), |()| async { Ok(0_i64) });
    view! {
        <Title text="Files of a backup" />
        <LoadedOf
            subject
            facts=listing
            more
            view=|listing, _| view! { <Shown listing=listing.get_untracked() /> }.into_any()
        />
    }
    .into_any()
}

#[component]
fn Shown(listing: FileListing) -> impl IntoView {
    let (set, backup) = (listing.backup.set, listing.backup.id);
    let is_top = listing.up.is_none();
    let title = if is_top {
        format!("Files of {}", listing.set_name)
    } else {
        listing.path.clone()
    };
    let up = listing.up.clone().map(|up| {
        view! {
            <a class="btn" href=files_page(set, backup, &up)>
                "Up"
            </a>
        }
    });
    let here = (!is_top).then(|| restore_page(backup, &listing.path));
    view! {
        <div class="head">
            <div class="min-w-0">
                <small>
                    <a href="/backups">"Backups"</a>
                    " / "
                    <a href=format!("/backups/{set}")>{listing.set_name.clone()}</a>
                    {(!is_top)
                        .then(|| {
                            view! {
                                " / "
                                <a href=files_page(set, backup, "")>"all of the backup"</a>
                            }
                        })}
                </small>
                <h1 class="break-all">{title}</h1>
                <p class="hint">"As they were "<Ago at=listing.backup.started_at /></p>
            </div>
            <span class="sp"></span>
            <div class="actions">
                {up}
                <a class="btn" href=here.unwrap_or_else(|| restore_page(backup, ""))>
                    {if is_top { "Restore all of it" } else { "Restore this folder" }}
                </a>
            </div>
        </div>
        <section class="card mb-3" aria-label="Files">
            <Table listing />
        </section>
    }
}

#[component]
fn Table(listing: FileListing) -> impl IntoView {
    if listing.entries.is_empty() {
        return view! {
            <Empty title="An empty folder">
                <p>"Nothing was in it when the backup was taken, or it is no folder."</p>
            </Empty>
        }
        .into_any();
    }
    let clock = Clock::here();
    let is_cut = listing.is_cut;
    let most = listing.entries.len();
    let rows = Box::new(move || {
        let mut rows = Rows::new(&COLUMNS);
        rows.reserve(listing.entries.len());
        for entry in &listing.entries {
            add(&mut rows, &listing, entry, clock);
        }
        rows
    });
    view! {
        <table class="cards">
            <thead>
                <tr>
                    <th>"Name"</th>
                    <th>"Size"</th>
                    <th>"Changed"</th>
                    <th>
                        <span class="sr-only">"Actions"</span>
                    </th>
                </tr>
            </thead>
            <Body rows written=None />
        </table>
        {is_cut
            .then(|| {
                view! {
                    <p class="hint px-4 py-3">
                        {format!("The folder holds more than the {most} entries that are listed. Restore all of it, or to a folder of its own.")}
                    </p>
                }
            })}
    }
    .into_any()
}

fn add(rows: &mut Rows, listing: &FileListing, entry: &FileEntry, clock: Clock) {
    let (set, backup) = (listing.backup.set, listing.backup.id);
    let path = entry.path.as_str();
    let name = if listing.path.is_empty() {
        path
    } else {
        path.rsplit('/').next().unwrap_or(path)
    };
    let what = |html: &mut Html| match entry.kind {
        FileKind::Folder => {
            let href = files_page(set, backup, path);
            let shown = format!("{name}/");
            html.start("a", "mono font-semibold underline", &[("href", &href)])
                .text(&shown)
                .end("a");
        }
        FileKind::File => {
            html.start("span", "mono", &[]).text(name).end("span");
        }
        FileKind::Link | FileKind::Other => {
            let kind = if entry.kind == FileKind::Link {
                " (a link)"
            } else {
                " (no file)"
            };
            html.start("span", "mono", &[]).text(name).end("span");
            html.text(kind);
        }
    };
    let size = |html: &mut Html| {
        if entry.kind == FileKind::File {
            html.text(&words::size(entry.size));
        }
    };
    let changed = |html: &mut Html| {
        if let Some(at) = entry.changed_at {
            clock.write(html, at, &format::ago(at, clock.now_untracked()));
        }
    };
    let acts = |html: &mut Html| {
        html.start("div", "row justify-end", &[]);
        if entry.kind == FileKind::File {
            let (href, label) = (download_address(backup, path), format!("Download {name}"));
            let attributes = [
                ("href", href.as_str()),
                ("rel", "external"),
                ("aria-label", label.as_str()),
            ];
            html.start("a", "btn", &attributes)
                .text("Download")
                .end("a");
        }
        let (href, label) = (restore_page(backup, path), format!("Restore {name}"));
        let attributes = [("href", href.as_str()), ("aria-label", label.as_str())];
        html.start("a", "btn", &attributes)
            .text("Restore")
            .end("a")
            .end("div");
    };
    rows.add(path, [&what, &size, &changed, &acts]);
}
