//! The address that the browser shows.

/// Takes a refusal out of the address once it is shown: a form sent without a script leaves it there, and the page
/// would show it again whenever it is visited.
#[cfg(not(feature = "ssr"))]
pub fn forget_refusal() {
    use leptos::prelude::window;

    let search = window().location().search().unwrap_or_default();
    if let Some(search) = without_refusal(&search) {
        replace(&search);
    }
}

/// Shows another query.
#[cfg(not(feature = "ssr"))]
fn replace(search: &str) {
    use leptos::prelude::window;

    let Ok(history) = window().history() else {
        return;
    };
    let path = window().location().pathname().unwrap_or_default();
    let hash = window().location().hash().unwrap_or_default();
    let state = history.state().unwrap_or_default();
    let _ = history.replace_state_with_url(&state, "", Some(&(path + search + &hash)));
}

/// The page that is shown is the one that the server sent, not one that the browser moved to since.
#[cfg(not(feature = "ssr"))]
pub fn is_served() -> bool {
    use leptos::prelude::Owner;
    Owner::current_shared_context().is_some_and(|shared| shared.during_hydration())
}

/// Loads the page that the router moves to from the server, in its own place of the history.
#[cfg(not(feature = "ssr"))]
pub fn load() {
    use leptos::prelude::{GetUntracked, set_timeout, window};

    let location = leptos_router::hooks::use_location();
    let here = format!(
        "{}{}{}",
        location.pathname.get_untracked(),
        query(&location.search.get_untracked()),
        location.hash.get_untracked()
    );
    // The router writes the address into the history first.
    let load = move || {
        let _ = window().location().replace(&here);
    };
    set_timeout(load, std::time::Duration::ZERO);
}

/// A query with its `?`, if it is none of nothing.
pub fn query(search: &str) -> String {
    if search.is_empty() {
        String::new()
    } else {
        format!("?{}", search.trim_start_matches('?'))
    }
}

/// The query, `?` included, without the refusal of a form; none where it holds none.
#[cfg_attr(
    feature = "ssr",
    allow(dead_code, reason = "only a browser shows an address")
)]
fn without_refusal(search: &str) -> Option<String> {
    let pairs: Vec<_> = search.trim_start_matches('?').split('&').collect();
    let rest: Vec<_> = pairs
        .iter()
        .filter(|pair| !pair.starts_with("__path=") && !pair.starts_with("__err="))
        .copied()
        .collect();
    match rest.len() {
        len if len == pairs.len() => None,
        0 => Some(String::new()),
        _ => Some(format!("?{}", rest.join("&"))),
    }
}

#[cfg(test)]
mod tests {
    use super::without_refusal;

    #[test]
    fn a_refusal_leaves_the_address_and_nothing_else_does() {
        let cases = [
            ("", None),
            ("?confirm=stop", None),
            ("?__path=%2Ffn%2Foperate&__err=e30", Some("")),
            ("?confirm=stop&__path=a&__err=b&x", Some("?confirm=stop&x")),
        ];
        for (search, expected) in cases {
            assert_eq!(without_refusal(search).as_deref(), expected, "{search}");
        }
    }
}
