//! A part of a page that is read and not operated, as plain HTML: a list of events, a table of facts. As views each of its
//! elements would bring machinery of its own (docs/decisions/0010-tables-as-text.md).
//!
//! One function writes it on the server and in the browser, by [`Html`], which escapes whatever is put in. The browser keeps
//! what it wrote last and touches the children alone that have become different, so that focus and selection stay where they
//! are.

use leptos::{html, prelude::*};

use crate::components::html::Html;

/// An element and its children, each of them one element, as HTML.
#[derive(Debug)]
pub struct Written {
    tag: &'static str,
    html: Html,
    /// Where the start tag ends, and each child.
    ends: Vec<usize>,
}

impl Written {
    /// An element without children; an empty `class` writes none.
    pub fn new(
        tag: &'static str,
        class: &'static str,
        attributes: &[(&'static str, &str)],
    ) -> Self {
        let mut html = Html::default();
        html.start(tag, class, attributes);
        let ends = vec![html.as_str().len()];
        Self { tag, html, ends }
    }

    /// Says what is not there, and what would fill it: in place of an empty list.
    pub fn empty(title: &str, text: &str) -> Self {
        let mut empty = Self::new("div", "empty", &[]);
        empty.element("b", "", title);
        empty.add(&|html| {
            html.start("div", "", &[]).start("p", "", &[]);
            html.text(text).end("p").end("div");
        });
        empty
    }

    /// Adds a child; `write` writes one element.
    pub fn add(&mut self, write: &dyn Fn(&mut Html)) {
        write(&mut self.html);
        self.ends.push(self.html.as_str().len());
    }

    /// Adds a child that holds text alone.
    pub fn element(&mut self, tag: &'static str, class: &'static str, text: &str) {
        self.add(&|html| {
            html.start(tag, class, &[]).text(text).end(tag);
        });
    }

    /// All of it.
    pub fn to_html(&self) -> String {
        let mut html = self.html.clone();
        html.end(self.tag);
        html.into_string()
    }
}

/// What the browser compares.
#[cfg(any(not(feature = "ssr"), test))]
impl Written {
    /// How many children there are.
    fn len(&self) -> usize {
        self.ends.len() - 1
    }

    /// The children from one to before another.
    fn children(&self, from: usize, to: usize) -> &str {
        let end = |at: usize| self.ends.get(at).copied().unwrap_or_default();
        let text = self.html.as_str();
        text.get(end(from)..end(to)).unwrap_or_default()
    }

    fn child(&self, at: usize) -> &str {
        self.children(at, at + 1)
    }

    fn start_tag(&self) -> &str {
        let end = self.ends.first().copied().unwrap_or_default();
        self.html.as_str().get(..end).unwrap_or_default()
    }

    /// What must become of this one's children for them to be those of `wanted`: none where the element itself is another.
    fn change(&self, wanted: &Self) -> Option<Change> {
        if self.start_tag() != wanted.start_tag() {
            return None;
        }
        let (old, new) = (self.len(), wanted.len());
        let both = old.min(new);
        let from = (0..both)
            .take_while(|at| self.child(*at) == wanted.child(*at))
            .count();
        let same_behind = |back: &usize| self.child(old - 1 - back) == wanted.child(new - 1 - back);
        let behind = (0..both - from).take_while(same_behind).count();
        Some(Change {
            from,
            old: old - behind,
            new: new - behind,
        })
    }
}

/// Children from `from` to before `old` are to become those of another one from `from` to before `new`.
#[cfg(any(not(feature = "ssr"), test))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Change {
    from: usize,
    old: usize,
    new: usize,
}

/// Writes it.
pub type Write = Box<dyn Fn() -> Written + Send + Sync>;

/// Shows what `write` writes, anew whenever something that it reads changes.
pub fn written(write: Write) -> AnyView {
    let node = NodeRef::<html::Div>::new();
    let html = first(node, write);
    view! { <div class="written" node_ref=node inner_html=html></div> }.into_any()
}

#[cfg(feature = "ssr")]
fn first(_: NodeRef<html::Div>, write: Write) -> String {
    untrack(write).to_html()
}

#[cfg(not(feature = "ssr"))]
fn first(node: NodeRef<html::Div>, write: Write) -> String {
    let drawn = untrack(&write);
    let html = drawn.to_html();
    browser::follow(node, drawn, write);
    html
}

#[cfg(not(feature = "ssr"))]
mod browser {
    use leptos::{html, prelude::*, wasm_bindgen::JsCast, web_sys::Element};

    use super::{Change, Write, Written};
    use crate::components::effect::effect;

    /// Keeps the element as `write` says it is.
    pub fn follow(node: NodeRef<html::Div>, mut drawn: Written, write: Write) {
        effect(move || {
            let wanted = write();
            let Some(root) = node.get() else { return };
            let root: &Element = root.unchecked_ref();
            match (root.first_element_child(), drawn.change(&wanted)) {
                (Some(element), Some(change)) => redraw(&element, change, (&drawn, &wanted)),
                _ => root.set_inner_html(&wanted.to_html()),
            }
            drawn = wanted;
        });
    }

    fn redraw(element: &Element, change: Change, (drawn, wanted): (&Written, &Written)) {
        let Change { from, old, new } = change;
        let child = |at: usize| element.children().item(u32::try_from(at).ok()?);
        if old == new {
            for at in (from..new).filter(|at| drawn.child(*at) != wanted.child(*at)) {
                if let Some(child) = child(at) {
                    child.set_outer_html(wanted.child(at));
                }
            }
            return;
        }
        for _ in from..old {
            if let Some(child) = child(from) {
                child.remove();
            }
        }
        let html = wanted.children(from, new);
        let _ = match child(from) {
            Some(next) => next.insert_adjacent_html("beforebegin", html),
            None => element.insert_adjacent_html("beforeend", html),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(texts: &[&str]) -> Written {
        let mut list = Written::new("ul", "rows", &[]);
        for text in texts {
            list.element("li", "", text);
        }
        list
    }

    #[test]
    fn it_is_one_element_and_what_is_put_in_stays_text() {
        let html = list(&["<img src=x>", "\"'&"]).to_html();
        assert_eq!(
            html,
            "<ul class=\"rows\"><li>&lt;img src=x&gt;</li><li>&quot;&#39;&amp;</li></ul>"
        );
        let mut titled = Written::new("p", "", &[("title", "\"><script>")]);
        titled.element("b", "", "x");
        let html = titled.to_html();
        assert_eq!(html, "<p title=\"&quot;&gt;&lt;script&gt;\"><b>x</b></p>");
    }

    #[test]
    fn only_what_lies_between_what_stayed_is_changed() {
        let change = |old: &[&str], new: &[&str]| {
            let change = list(old).change(&list(new));
            change.map(|change| (change.from, change.old, change.new))
        };
        assert_eq!(change(&["a", "b"], &["a", "b"]), Some((2, 2, 2)));
        // A new event, and the oldest that goes.
        assert_eq!(change(&["b", "c"], &["a", "b", "c"]), Some((0, 0, 1)));
        assert_eq!(change(&["b", "c"], &["b"]), Some((1, 2, 1)));
        assert_eq!(change(&["a", "b", "c"], &["a", "x", "c"]), Some((1, 2, 2)));
        assert_eq!(change(&["a", "a"], &["a", "a", "a"]), Some((2, 2, 3)));
        assert_eq!(change(&[], &["a"]), Some((0, 0, 1)));
        assert!(list(&["a"]).change(&Written::empty("No", "none")).is_none());
    }

    #[test]
    fn the_children_of_a_change_are_found() {
        let new = list(&["a", "b", "c"]);
        assert_eq!(new.children(1, 3), "<li>b</li><li>c</li>");
        assert_eq!(new.child(0), "<li>a</li>");
        assert_eq!(new.children(3, 3), "");
    }
}
