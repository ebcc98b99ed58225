//! The steps of a run, as a list that is read.

use leptos::prelude::*;
use types::runbooks::{Run, Step};

use super::words;
use crate::{
    api::backups::operation_page,
    components::{
        clock::Clock,
        format,
        html::Html,
        written::{Written, written},
    },
};

/// All steps, in order.
#[component]
pub fn Steps(
    /// The run.
    run: Signal<Run>,
) -> impl IntoView {
    let clock = Clock::here();
    let list = written(Box::new(move || {
        let run = run.read();
        let mut list = Written::new("ol", "rows", &[]);
        for step in &run.steps {
            list.add(&|html| write(html, step, clock));
        }
        list
    }));
    view! {
        <section class="card mb-3" id="steps">
            <header>
                <h2>"Steps"</h2>
            </header>
            {list}
        </section>
    }
}

fn write(html: &mut Html, step: &Step, clock: Clock) {
    let (tone, word) = words::phase(step.phase);
    html.start("li", "", &[]).start("div", "row", &[]);
    html.start("span", tone.badge(), &[]).text(word).end("span");
    html.start("b", "min-w-0 break-words", &[]);
    html.text(&format!("{}. {}", step.place, step.title))
        .end("b");
    html.start("span", "sp", &[]).end("span");
    if let Some((end, start)) = step.finished_at.zip(step.started_at) {
        let took = words::clock((end - start).whole_seconds());
        html.start("span", "text-muted", &[])
            .text(&took)
            .end("span");
    }
    html.end("div");
    hint(html, &step.detail);
    if let Some(at) = step.finished_at.filter(|_| !step.done_by.is_empty()) {
        html.start("p", "hint break-words", &[]);
        html.text(&step.done_by).text(" ");
        clock.write(html, at, &format::ago(at, clock.now()));
        if !step.note.is_empty() {
            html.text(": ").text(&step.note);
        }
        html.end("p");
    }
    if let Some(id) = step.operation {
        html.start("p", "hint", &[]);
        html.start("a", "underline", &[("href", &operation_page(id))]);
        html.text("Its operation").end("a").end("p");
    }
    html.end("li");
}

fn hint(html: &mut Html, text: &str) {
    if !text.is_empty() {
        html.start("p", "hint break-words", &[]).text(text).end("p");
    }
}
