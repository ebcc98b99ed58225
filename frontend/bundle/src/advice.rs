//! Class names that generate CSS and still must not be used, each with what to write instead.

/// What is wrong with a class name, or `None`.
#[must_use]
pub fn advice(class: &str) -> Option<&'static str> {
    let (variants, utility) = class.rsplit_once(':').unwrap_or(("", class));
    let utility = utility.trim_start_matches('-');
    if variants.split(':').any(|variant| variant == "dark") {
        return Some(
            "the theme can be pinned against the system's: name a design token, which follows both",
        );
    }
    if utility.starts_with("rotate-") {
        return Some("comes out wrong: write the transform in style/components.css");
    }
    if utility.ends_with("-reverse") && utility.starts_with("space-") {
        return Some("comes out wrong: use gap");
    }
    if names_palette(utility) {
        return Some("a palette colour has one value in both themes: name a design token");
    }
    None
}

/// `bg-slate-900`, `text-white`: colours that no token stands for.
fn names_palette(utility: &str) -> bool {
    const HUES: &[&str] = &[
        "slate", "gray", "zinc", "neutral", "stone", "red", "orange", "amber", "yellow", "lime",
        "green", "emerald", "teal", "cyan", "sky", "blue", "indigo", "violet", "purple", "fuchsia",
        "pink", "rose",
    ];
    let mut parts = utility.split(['-', '/']).skip(1).peekable();
    while let Some(part) = parts.next() {
        let shade = parts.peek().is_some_and(|next| next.parse::<u16>().is_ok());
        if matches!(part, "white" | "black") || (HUES.contains(&part) && shade) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::advice;

    #[test]
    fn tokens_and_plain_utilities_are_fine() {
        for class in [
            "bg-surface",
            "text-muted",
            "md:grid-cols-2",
            "hover:underline",
            "-mt-1",
            "gap-2",
            "border-l-4",
        ] {
            assert_eq!(advice(class), None, "{class}");
        }
    }

    #[test]
    fn palette_dark_and_broken_ones_are_not() {
        for class in [
            "bg-slate-900",
            "hover:text-red-500/50",
            "text-white",
            "dark:flex",
            "md:dark:flex",
            "rotate-45",
            "-rotate-3",
            "space-x-reverse",
        ] {
            assert!(advice(class).is_some(), "{class}");
        }
    }
}
