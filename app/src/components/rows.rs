//! The body of a table that may have hundreds of rows, and whose cells change every few seconds.
//!
//! Rows are plain HTML, written by one function on the server and in the browser. The server sends them as they are; the
//! browser keeps what it last drew and touches those cells alone that have become different, so that focus and
//! selection stay where they are.

use std::{ops::Range, sync::Arc};

use leptos::{html, prelude::*};

use crate::components::html::Html;

/// A row takes about so many bytes.
const ROW_BYTES: usize = 1_024;

/// Rows as they are written: one text, and where in it each cell stands.
#[derive(Debug)]
pub struct Rows {
    columns: &'static [&'static str],
    html: Html,
    keys: Vec<String>,
    cells: Vec<Range<usize>>,
}

impl Rows {
    /// No rows yet, of columns whose cells have these classes.
    pub fn new(columns: &'static [&'static str]) -> Self {
        Self {
            columns,
            html: Html::default(),
            keys: Vec::new(),
            cells: Vec::new(),
        }
    }

    /// Makes room for so many more rows.
    pub fn reserve(&mut self, rows: usize) {
        self.html.reserve(rows * ROW_BYTES);
        self.keys.reserve(rows);
        self.cells.reserve(rows * self.columns.len());
    }

    /// Adds a row, which `key` tells from the others; each of `cells` writes what is in one column.
    pub fn add<const N: usize>(&mut self, key: &str, cells: [&dyn Fn(&mut Html); N]) {
        self.keys.push(key.to_owned());
        self.html.start("tr", "", &[]);
        for (class, write) in self.columns.iter().zip(cells) {
            self.html.start("td", class, &[]);
            let from = self.html.as_str().len();
            write(&mut self.html);
            self.cells.push(from..self.html.as_str().len());
            self.html.end("td");
        }
        self.html.end("tr");
    }

    /// All of it.
    pub fn into_html(self) -> Arc<str> {
        self.html.into_string().into()
    }

    /// What is in a cell.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        let cell = self.cells.get(row * self.columns.len() + column);
        cell.and_then(|cell| self.html.as_str().get(cell.clone()))
            .unwrap_or_default()
    }
}

/// Writes the rows.
pub type Write = Box<dyn Fn() -> Rows + Send + Sync>;

/// A table's body.
#[component]
pub fn Body(
    /// Writes the rows, anew whenever something that it reads changes.
    rows: Write,
    /// The rows as they are now, where they were written already.
    written: Option<Arc<str>>,
) -> impl IntoView {
    let body = NodeRef::<html::Tbody>::new();
    let html = first(body, rows, written);
    view! { <tbody node_ref=body inner_html=html></tbody> }
}

#[cfg(feature = "ssr")]
fn first(_: NodeRef<html::Tbody>, rows: Write, written: Option<Arc<str>>) -> Arc<str> {
    written.unwrap_or_else(|| untrack(rows).into_html())
}

#[cfg(not(feature = "ssr"))]
fn first(body: NodeRef<html::Tbody>, rows: Write, _: Option<Arc<str>>) -> Arc<str> {
    let drawn = untrack(&rows);
    let html = drawn.html.as_str().into();
    browser::follow(body, drawn, rows);
    html
}

#[cfg(not(feature = "ssr"))]
mod browser {
    use leptos::{html, prelude::*, wasm_bindgen::JsCast, web_sys::Element};

    use super::{Rows, Write};
    use crate::components::effect::effect;

    /// Keeps the body as `rows` says it is.
    pub fn follow(body: NodeRef<html::Tbody>, mut drawn: Rows, rows: Write) {
        effect(move || {
            let wanted = rows();
            let Some(body) = body.get() else { return };
            let body: &Element = body.unchecked_ref();
            let was = arrange(body, &drawn.keys, &wanted.keys);
            for (at, was) in was.into_iter().enumerate() {
                if let Some(row) = child(body, at) {
                    redraw(&row, was.map(|was| (&drawn, was)), (&wanted, at));
                }
            }
            drawn = wanted;
        });
    }

    /// Moves, adds and removes rows until there is one for each of `wanted`, in its order, and tells which of `drawn`
    /// each one was.
    fn arrange(body: &Element, drawn: &[String], wanted: &[String]) -> Vec<Option<usize>> {
        let mut order: Vec<Option<usize>> = (0..drawn.len()).map(Some).collect();
        for (at, key) in wanted.iter().enumerate() {
            let is_it = |was: &Option<usize>| was.is_some_and(|was| drawn[was] == *key);
            if order.get(at).is_some_and(is_it) {
                continue;
            }
            let there = order
                .iter()
                .skip(at)
                .position(is_it)
                .map(|after| at + after);
            let (was, element) = match there {
                Some(there) => (order.remove(there), child(body, there)),
                None => (None, document().create_element("tr").ok()),
            };
            if let Some(element) = element {
                let _ = body.insert_before(&element, child(body, at).as_deref());
            }
            order.insert(at, was);
        }
        while order.len() > wanted.len() {
            order.pop();
            if let Some(last) = body.last_element_child() {
                last.remove();
            }
        }
        order
    }

    fn redraw(element: &Element, old: Option<(&Rows, usize)>, (new, at): (&Rows, usize)) {
        for (column, class) in new.columns.iter().enumerate() {
            let html = new.cell(at, column);
            let cell = match old {
                Some((old, was)) if old.cell(was, column) == html => continue,
                Some(_) => child(element, column),
                None => document().create_element("td").ok().inspect(|cell| {
                    cell.set_class_name(class);
                    let _ = element.append_child(cell);
                }),
            };
            if let Some(cell) = cell {
                cell.set_inner_html(html);
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

    fn rows() -> Rows {
        let mut rows = Rows::new(&["mono", ""]);
        let name = |html: &mut Html| {
            html.text("<web>");
        };
        rows.add("web", [&name, &|_| ()]);
        rows.add("db", [&|_| (), &name]);
        rows
    }

    #[test]
    fn each_cell_is_found_again() {
        let rows = rows();
        assert_eq!(rows.cell(0, 0), "&lt;web&gt;");
        assert_eq!(rows.cell(0, 1), "");
        assert_eq!(rows.cell(1, 1), "&lt;web&gt;");
        assert_eq!(rows.cell(2, 0), "");
    }

    #[test]
    fn the_server_sends_rows_as_they_are() {
        let owner = Owner::new();
        owner.set();
        let html = view! { <Body rows=Box::new(rows) written=None /> }.to_html();
        assert_eq!(
            html,
            "<tbody><tr><td class=\"mono\">&lt;web&gt;</td><td class=\"\"></td></tr>\
             <tr><td class=\"mono\"></td><td>&lt;web&gt;</td></tr></tbody>"
                .replace(" class=\"\"", "")
        );
    }
}
