//! The body of a table that may have hundreds of rows, and whose cells change every few seconds.
//!
//! Rows are plain HTML, made by one function on the server and in the browser. The server sends them as they are; the
//! browser keeps what it last drew of each cell and touches those alone that have become different, so that focus and
//! selection stay where they are.

use leptos::{html, prelude::*};

use crate::components::html::Html;

/// A row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// What tells it from the others.
    pub key: String,
    /// What is in its cells, one for each column.
    pub cells: Vec<Html>,
}

/// A table's body.
#[component]
pub fn Rows(
    /// The class of each column's cells.
    columns: &'static [&'static str],
    /// The rows, made anew whenever something that it reads changes.
    rows: Box<dyn Fn() -> Vec<Row> + Send + Sync>,
) -> impl IntoView {
    let drawn = untrack(&rows);
    let mut written = Html::default();
    for row in &drawn {
        written.start("tr", "", &[]);
        write_cells(columns, row, &mut written);
        written.end("tr");
    }
    let body = NodeRef::<html::Tbody>::new();
    #[cfg(not(feature = "ssr"))]
    browser::follow(body, columns, drawn, rows);
    view! { <tbody node_ref=body inner_html=written.into_string()></tbody> }
}

fn write_cells(columns: &[&'static str], row: &Row, into: &mut Html) {
    for (class, cell) in columns.iter().zip(&row.cells) {
        into.start("td", class, &[]).html(cell).end("td");
    }
}

#[cfg(not(feature = "ssr"))]
mod browser {
    use leptos::{html, prelude::*, wasm_bindgen::JsCast, web_sys::Element};

    use super::{Row, write_cells};
    use crate::components::{effect::effect, html::Html};

    /// Keeps the body as `rows` says it is.
    pub fn follow(
        body: NodeRef<html::Tbody>,
        columns: &'static [&'static str],
        mut drawn: Vec<Row>,
        rows: Box<dyn Fn() -> Vec<Row> + Send + Sync>,
    ) {
        effect(move || {
            let wanted = rows();
            let Some(body) = body.get() else { return };
            let body: &Element = body.unchecked_ref();
            arrange(body, &mut drawn, &wanted);
            for (at, (old, new)) in drawn.iter().zip(&wanted).enumerate() {
                if old.cells != new.cells
                    && let Some(row) = child(body, at)
                {
                    redraw(&row, columns, old, new);
                }
            }
            drawn = wanted;
        });
    }

    /// Moves, adds and removes rows until they are those of `wanted`, in its order; what is in them is left as it was.
    fn arrange(body: &Element, drawn: &mut Vec<Row>, wanted: &[Row]) {
        for at in 0..wanted.len() {
            let key = &wanted[at].key;
            if drawn.get(at).is_some_and(|row| row.key == *key) {
                continue;
            }
            let was = drawn.iter().skip(at).position(|row| row.key == *key);
            let place = child(body, at);
            let place = place.as_deref();
            let (row, element) = match was.map(|after| at + after) {
                Some(was) => (drawn.remove(was), child(body, was)),
                None => {
                    let row = Row {
                        key: key.clone(),
                        cells: Vec::new(),
                    };
                    (row, document().create_element("tr").ok())
                }
            };
            drawn.insert(at, row);
            if let Some(element) = element {
                let _ = body.insert_before(&element, place);
            }
        }
        while drawn.len() > wanted.len() {
            drawn.pop();
            if let Some(last) = body.last_element_child() {
                last.remove();
            }
        }
    }

    fn redraw(element: &Element, columns: &[&'static str], old: &Row, new: &Row) {
        if old.cells.len() != new.cells.len() {
            let mut written = Html::default();
            write_cells(columns, new, &mut written);
            element.set_inner_html(written.as_str());
            return;
        }
        for (at, (old, new)) in old.cells.iter().zip(&new.cells).enumerate() {
            if old != new
                && let Some(cell) = child(element, at)
            {
                cell.set_inner_html(new.as_str());
            }
        }
    }

    fn child(of: &Element, at: usize) -> Option<Element> {
        of.children().item(u32::try_from(at).ok()?)
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn the_server_sends_rows_as_they_are() {
        let owner = Owner::new();
        owner.set();
        let rows = || {
            let mut name = Html::default();
            name.text("<web>");
            vec![Row {
                key: "web".to_owned(),
                cells: vec![name, Html::default()],
            }]
        };
        let view = view! { <Rows columns=&["mono", ""] rows=Box::new(rows) /> };
        assert_eq!(
            view.to_html(),
            "<tbody><tr><td class=\"mono\">&lt;web&gt;</td><td></td></tr></tbody>"
        );
    }
}
